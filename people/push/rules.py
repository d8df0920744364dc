"""Where a push may be sent at all: to the push services of browsers, over HTTPS, and to no private address."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit

MOST_SUBSCRIPTIONS = 10
"""A person's; the oldest goes when there is one more."""
TRIES = 4
_FIRST_WAIT_S, _LONGEST_WAIT_S = 2.0, 60.0


def host_of(endpoint: str, services: Sequence[str], *, loopback: bool) -> str | None:
    """The host of an endpoint of one of `services` (a name, or `.suffix` for all below it); None for any other.

    `loopback` lets a receiver of this machine in, over HTTP: for tests.
    """
    if not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        return None
    try:
        parts = urlsplit(endpoint)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if parts.username is not None or parts.password is not None or parts.fragment:
        return None
    if loopback and host == "127.0.0.1":
        return host
    if parts.scheme != "https" or port not in (None, 443):
        return None
    known = any(host == one or (one.startswith(".") and host.endswith(one)) for one in services)
    return host if known else None


def is_public(addresses: Iterable[str]) -> bool:
    """Whether a name leads to public addresses alone: one private address among them is enough to refuse."""
    found = [ipaddress.ip_address(address.split("%")[0]) for address in addresses]
    return bool(found) and all(address.is_global and not address.is_multicast for address in found)


def is_key(p256dh: bytes, auth: bytes) -> bool:
    """Whether these can be a browser's keys: an uncompressed point and sixteen octets (RFC 8291)."""
    return len(p256dh) == 65 and p256dh[0] == 4 and len(auth) == 16


def is_gone(status: int) -> bool:
    """The push service knows the subscription no longer, and never will again (RFC 8030 section 7.3)."""
    return status in (404, 410)


def is_worth_another_try(status: int) -> bool:
    return status == 429 or status >= 500


def wait_before(attempt: int, random: float) -> float:
    """Seconds before attempt 1, 2, …: doubling, with full jitter; `random` from 0 up to 1."""
    return random * min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** (attempt - 1))
