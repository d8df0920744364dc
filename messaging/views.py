"""The HTTP doors of messaging."""

from ninja import Router

router = Router(tags=["messaging"])
