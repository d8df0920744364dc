"""Who was connected within the last minute: a hint for people who wait for one another, and no ground of a decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from uuid import UUID

from django.core.cache import cache

from live.registry import Connection
from live.store import FanOutError

SECONDS = 75
"""A little longer than a socket may be silent."""


def _key(user_id: UUID) -> str:
    return f"connected:{user_id.hex}"


def connected(users: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """Notes that devices of these people have just said hello or pinged; it has no heads of its own to add."""
    # Only a hint is lost where it cannot be noted; whoever says hello must not be refused for it.
    with suppress(*FanOutError):
        cache.set_many({_key(user): 1 for user in users}, SECONDS)
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
