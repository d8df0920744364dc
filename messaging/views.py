"""The HTTP doors of messaging."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

router = Router(tags=["messaging"])
