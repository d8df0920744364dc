"""The HTTP doors of people."""

from ninja import Router

router = Router(tags=["people"])
