"""Pushes to people's open sockets. A push is a hint, the log is the truth: it may be lost, and nothing with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import Future
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from live.store import FAN_OUT_S, FanOutError, Pause
from live.threads import home_loop
from wire.base import Frame

log = structlog.get_logger("live")
_pause = Pause()


def group_of(user_id: UUID) -> str:
    """The channel-layer group that all sockets of a person join."""
    return f"user.{user_id.hex}"


async def push(user_ids: Iterable[UUID], frame: Frame) -> None:
    """Sends a frame towards every open socket of these people; each delivery asks the frame's guard again."""
    layer = get_channel_layer()
    event = {
        "type": "push",
        "kind": str(getattr(frame, "type", "")),
        "text": frame.model_dump_json(),
    }
    for user_id in dict.fromkeys(user_ids):
        await layer.group_send(group_of(user_id), event)


def push_to_user(user_id: UUID, frame: Frame) -> None:
    """As push_on_commit, for one person."""
    push_on_commit([user_id], frame)


def push_on_commit(user_ids: Iterable[UUID], frame: Frame) -> None:
    """Sends after the surrounding transaction has committed: nobody hears of what was rolled back."""
    transaction.on_commit(partial(_send, partial(push, list(user_ids), frame)), robust=True)


def announce(user_ids: Iterable[UUID], name: str, word: Mapping[str, int | str]) -> None:
    """Tells every process that holds a socket of these people something for itself; nothing goes to the devices.

    Sent at once: the caller says what is committed already. `registry.hears` says what is done there.
    """
    event = {"type": "announcement", "name": name, "word": dict(word)}
    people = list(user_ids)

    async def tell() -> None:
        layer = get_channel_layer()
        for user_id in people:
            await layer.group_send(group_of(user_id), event)

    _send(tell)


def end_sockets_on_commit(user_id: UUID) -> None:
    """Closes every socket of a person whose session has ended."""

    async def end() -> None:
        await get_channel_layer().group_send(group_of(user_id), {"type": "recheck_session"})

    transaction.on_commit(partial(_send, end), robust=True)


def _send(send: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Runs a send on the loop that owns the sockets.

    A database thread hands it over without waiting: the layer's queues belong to that loop, and the next
    transaction need not wait for a hint.
    """
    if _pause.holds:
        return
    loop = home_loop()
    if loop is None:
        async_to_sync(_in_time)(send)
    else:
        asyncio.run_coroutine_threadsafe(_in_time(send), loop).add_done_callback(_tell)


async def _in_time(send: Callable[[], Coroutine[Any, Any, None]]) -> None:
    try:
        async with asyncio.timeout(FAN_OUT_S):
            await send()
    except FanOutError as error:
        _pause.begin()
        log.warning("push.failed", error=type(error).__name__)


def _tell(sent: Future[None]) -> None:
    if not sent.cancelled() and sent.exception() is not None:
        log.warning("push.failed", error=type(sent.exception()).__name__)
