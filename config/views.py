"""The few pages that are nobody's: health, the client's shell, and the refusal of a forged form."""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from live.store import UNREACHABLE, unavailable
from wire.errors import Code, ConsiliumError, ErrorBody, Invalid, NotFound, Refused

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


def _refusal(error: ConsiliumError) -> HttpResponse:
    return JsonResponse(error.body().model_dump(), status=error.status)


def malformed(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django could not read: an address, a header or a host that nobody of ours would send."""
    return _refusal(Invalid("The request is malformed."))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(Refused("This cannot be done."))


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _refusal(NotFound())


def failed(request: HttpRequest) -> HttpResponse:
    """Whatever went wrong outside the API's own translation: a store that does not answer, by its own code."""
    if isinstance(sys.exc_info()[1], UNREACHABLE):
        return _refusal(unavailable())
    body = ErrorBody(code=Code.INTERNAL, message="Something went wrong here. It has been noted.")
    return JsonResponse(body.model_dump(), status=500)
