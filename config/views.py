"""The few pages that are nobody's: health, the client's shell, and the refusal of a forged form."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from wire.errors import Code, ErrorBody

_NOT_BUILT = "The web client is not built: run `make run`, or `make build` and start again.\n"


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process is up."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """The process can serve: the database answers."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "database"}, status=503)
    return JsonResponse({"status": "ready"})


@cache
def _shell() -> str:
    return Path(settings.FRONTEND, "index.html").read_text()


@require_safe
@ensure_csrf_cookie
def client(request: HttpRequest) -> HttpResponse:
    """The static shell of the web client, the same for everybody and every address: the server renders no content."""
    if not Path(settings.FRONTEND, "index.html").exists():
        return HttpResponse(_NOT_BUILT, status=503, content_type="text/plain")
    response = HttpResponse(_shell())
    response.headers["Cache-Control"] = "no-cache"
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Django's CSRF refusal in the shape of every other refusal."""
    body = ErrorBody(code=Code.REFUSED, message="This request did not come from the app: reload the page.", re="csrf")
    return JsonResponse(body.model_dump(), status=403)
