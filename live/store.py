"""What is said while the store, on which every decision rests, does not answer: no, by one code, at every door."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from django.db import InterfaceError, InternalError, OperationalError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from wire.errors import Code, Unavailable

log = structlog.get_logger("store")

FAN_OUT_S = 2.0
"""How long anything waits for the fan-out between workers; no decision rests on it."""
PAUSE_S = 1.0

StoreError = (OperationalError, InterfaceError, InternalError)
"""Not reached, not in time, locked for too long, or a transaction that one of these has already ended."""
FanOutError = (RedisConnectionError, RedisTimeoutError, asyncio.TimeoutError)
UNREACHABLE = (*StoreError, *FanOutError)


def unavailable() -> Unavailable:
    """The refusal of every door while nothing can be decided."""
    return Unavailable(
        "Permissions cannot be read just now, so nothing is shown or sent. Try again in a moment.",
        code=Code.PDP_UNAVAILABLE,
    )


@contextmanager
def answers_or_refuses() -> Iterator[None]:
    """Turns the errors of a store that does not answer into `unavailable()`."""
    try:
        yield
    except UNREACHABLE as error:
        log.warning("store.unreachable", error=type(error).__name__)
        raise unavailable() from error


class Pause:
    """After a failure nobody tries for PAUSE_S: a request with ten pushes must not wait ten times."""

    def __init__(self) -> None:
        self._until = 0.0

    @property
    def holds(self) -> bool:
        return time.monotonic() < self._until

    def begin(self) -> None:
        self._until = time.monotonic() + PAUSE_S
