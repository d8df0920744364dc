"""Pushes to people's open sockets. A push is a hint, the log is the truth: it may be lost, and nothing with it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from uuid import UUID

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import transaction

from wire.base import Frame


def group_of(user_id: UUID) -> str:
    """The channel-layer group that all sockets of a person join."""
    return f"user.{user_id.hex}"


async def push(user_ids: Iterable[UUID], frame: Frame) -> None:
    """Sends a frame towards every open socket of these people; each delivery asks the frame's guard again."""
    layer = get_channel_layer()
    event = {"type": "push", "kind": str(getattr(frame, "type", "")), "text": frame.model_dump_json()}
    for user_id in dict.fromkeys(user_ids):
        await layer.group_send(group_of(user_id), event)


def push_to_user(user_id: UUID, frame: Frame) -> None:
    """As push_on_commit, for one person."""
    push_on_commit([user_id], frame)


def push_on_commit(user_ids: Iterable[UUID], frame: Frame) -> None:
    """Sends after the surrounding transaction has committed: nobody hears of what was rolled back."""
    transaction.on_commit(partial(async_to_sync(push), list(user_ids), frame))


def end_sockets_on_commit(user_id: UUID) -> None:
    """Closes every socket of a person whose session has ended."""

    async def end() -> None:
        await get_channel_layer().group_send(group_of(user_id), {"type": "recheck_session"})

    transaction.on_commit(async_to_sync(end))
