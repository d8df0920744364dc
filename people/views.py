"""The HTTP doors of people."""

from django.http import HttpRequest, HttpResponse
from ninja import Router

router = Router(tags=["people"])
