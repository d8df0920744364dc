"""The HTTP doors of conference."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

router = Router(tags=["conference"])
