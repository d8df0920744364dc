"""Headers that every answer carries, and one line of log a request without its address's secrets."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("http")

_PERMISSIONS = "camera=(self), microphone=(self), display-capture=(self), geolocation=(), payment=(), usb=()"


def security_headers(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Adds what Django does not set itself; answers of the API are never stored by a cache (ASVS 14.3.2)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        began = time.monotonic()
        response = get_response(request)
        response.headers["Permissions-Policy"] = _PERMISSIONS
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.path_info.startswith(("/api/", "/_allauth/", "/feeds/")):
            response.headers["Cache-Control"] = "no-store"
        route = request.resolver_match.route if request.resolver_match else "static"
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            ms=round((time.monotonic() - began) * 1000, 1),
        )
        return response

    return middleware
