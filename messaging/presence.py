"""Who was connected within the last minute: a hint for people who wait for one another, and no ground of a decision."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from uuid import UUID

from django.core.cache import cache

from live.registry import Connection
from live.store import FanOutError

SECONDS = 75
"""A little longer than a socket may be silent."""


def _key(user_id: UUID) -> str:
    return f"connected:{user_id.hex}"


def connected(user_id: UUID) -> dict[str, int]:
    """Notes that a device of this person has just said hello or pinged; it has no heads of its own to add."""
    try:
        cache.set(_key(user_id), 1, SECONDS)
    except FanOutError:
        # Only a hint is lost; whoever says hello must not be refused for it.
        return {}
    return {}


async def gone(connection: Connection) -> None:
    """Forgets a person whose socket has closed; another device of theirs is noted again when it pings."""
    with suppress(*FanOutError):
        await cache.adelete(_key(connection.user_id))


def how_many_connected(user_ids: Iterable[UUID]) -> int:
    """How many of these people were connected lately; 0 where it cannot be known."""
    try:
        return len(cache.get_many([_key(one) for one in user_ids]))
    except FanOutError:
        return 0
