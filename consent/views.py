"""The HTTP doors of consent."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

router = Router(tags=["consent"])
