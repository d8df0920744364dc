"""The HTTP doors of consent."""

from ninja import Router

router = Router(tags=["consent"])
