"""The HTTP doors of scheduling."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

router = Router(tags=["scheduling"])


def feed(request: HttpRequest, token: str) -> HttpResponse:
    return HttpResponse(status=404)
