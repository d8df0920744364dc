"""Which protocol this is, and which builds of the app may speak it: one number each, for server and clients alike."""

from __future__ import annotations

PROTOCOL = 1
"""Rises when a frame or a body changes so that an older client would be wrong; clients of another are refused."""

BUILD = 1
"""Rises with a release of the app whose fault fixed is such that the older must not go on (`OLDEST_BUILD`)."""

OLDEST_BUILD = 1
"""The oldest build that may speak; an operator may raise it (`CONSILIUM_OLDEST_BUILD`)."""

HEADER = "X-Consilium-Client"
"""Request header, `<protocol>.<build>`: what the app says of itself; other clients may leave it out."""

ANSWER_HEADER = "X-Consilium-Server"
"""Response header, `<protocol>.<oldest build>`, on every answer of the API."""


def may_speak(protocol: int, build: int | None, oldest: int) -> bool:
    """Whether a client of that protocol and build may run beside this server; no build is no page of the app."""
    return protocol == PROTOCOL and (build is None or build >= oldest)


def read_client(header: str) -> tuple[int, int] | None:
    """Protocol and build of HEADER; None for what is not two small numbers."""
    protocol, point, build = header.partition(".")
    numbers = (protocol, build)
    if not point or not all(part.isascii() and part.isdigit() and len(part) <= 6 for part in numbers):
        return None
    return int(protocol), int(build)
