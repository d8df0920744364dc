"""How often something may be tried, by address and by account (rates in ACCOUNT_RATE_LIMITS)."""

from __future__ import annotations

from allauth.core import ratelimit
from django.http import HttpRequest

from wire.errors import TooMany


def limit(request: HttpRequest, action: str, key: str) -> None:
    """Refuses an address or an account that was tried too often."""
    if not ratelimit.consume(request, action=action, key=key.lower()):
        raise TooMany("Too many attempts: wait five minutes.")
