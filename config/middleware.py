"""Headers that every answer carries, and one line of log a request without its address's secrets."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from wire.errors import Code, Conflict
from wire.version import ANSWER_HEADER, HEADER, PROTOCOL, may_speak, read_client

log = structlog.get_logger("http")

_SPOKEN = ("/api/", "/_allauth/")
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


def one_version(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Says which protocol and builds are spoken here, and refuses a page of another (`protocol_version`).

    `/api/config` is answered to every version: from it a page learns what it lacks. A client that says nothing of
    itself, such as a hospital's FHIR client, is not a page and is let through.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(_SPOKEN):
            return get_response(request)
        said = request.headers.get(HEADER)
        response = _outdated() if said is not None and not _is_current(request, said) else get_response(request)
        response.headers[ANSWER_HEADER] = f"{PROTOCOL}.{settings.OLDEST_BUILD}"
        return response

    return middleware


def _is_current(request: HttpRequest, said: str) -> bool:
    client = read_client(said)
    return request.path_info == "/api/config" or (client is not None and may_speak(*client, settings.OLDEST_BUILD))


def _outdated() -> HttpResponse:
    refusal = Conflict("This page is older than the server: update it.", code=Code.PROTOCOL_VERSION)
    return JsonResponse(refusal.body().model_dump(), status=refusal.status)
