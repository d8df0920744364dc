"""The frames of a call: each is one call to an action in a database thread, and each push is guarded at delivery."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from django.utils import timezone

from conference.access import may_take_part, may_watch
from conference.actions import door, host, media, resume, rooms
from conference.rules import IN_CALL, INSIDE, State
from live import bus, registry
from live.bucket import Bucket
from live.hub import hub
from live.registry import Connection
from live.store import UNREACHABLE
from live.threads import in_database_thread
from wire.base import Frame
from wire.conference import (
    RoomAdmit,
    RoomAdmitAll,
    RoomAdmitted,
    RoomAnswer,
    RoomClose,
    RoomConnect,
    RoomDone,
    RoomEvicted,
    RoomHold,
    RoomHost,
    RoomKey,
    RoomKeys,
    RoomKnock,
    RoomLeave,
    RoomLock,
    RoomOffer,
    RoomRemove,
    RoomResume,
    RoomShow,
    RoomSim,
    RoomState,
    RoomWant,
)
from wire.errors import Invalid, TooMany, Unavailable


class _InRoom(Protocol):
    @property
    def id(self) -> bytes: ...

    @property
    def room(self) -> bytes: ...


log = structlog.get_logger("conference")
F = TypeVar("F", bound=Frame)

SILENCE_S = 30.0
"""How long a person stays in a call without a socket: media outlives a short loss of signalling."""
AGAIN_S = 5.0
"""How soon a person who fell silent is given up again where the store did not answer."""
FRAMES_A_SECOND, FRAMES_AT_ONCE = 20.0, 100.0
"""Each may cost a frame to everybody in the room; clients send a handful when they join."""

_waiting: set[asyncio.Task[None]] = set()
_buckets: WeakKeyDictionary[Connection, Bucket] = WeakKeyDictionary()


def _room(frame: _InRoom) -> UUID:
    return UUID(bytes=frame.room)


def _own(connection: Connection, device: bytes) -> None:
    if device != connection.device:
        raise Invalid("The frame names another device than this socket.", re="device")


async def knock(connection: Connection, frame: RoomKnock) -> Frame:
    _own(connection, frame.device)
    admitted = await in_database_thread(
        door.knock, connection.user_id, _room(frame), connection.device, may_move=frame.move
    )
    if admitted is not None:
        await connection.send_frame(admitted)
    return RoomDone(re=frame.id)


async def say_where(connection: Connection, frame: RoomResume) -> Frame:
    _own(connection, frame.device)
    return await in_database_thread(resume.resume, connection.user_id, connection.device, frame)


async def admit(connection: Connection, frame: RoomAdmit) -> Frame:
    user = UUID(bytes=frame.user)
    await in_database_thread(host.admit, connection.user_id, _room(frame), user, hold=frame.hold, command=frame.id)
    return RoomDone(re=frame.id)


async def admit_all(connection: Connection, frame: RoomAdmitAll) -> Frame:
    await in_database_thread(host.admit_all, connection.user_id, _room(frame), command=frame.id)
    return RoomDone(re=frame.id)


async def hold(connection: Connection, frame: RoomHold) -> Frame:
    user = UUID(bytes=frame.user)
    await in_database_thread(host.hold, connection.user_id, _room(frame), user, on=frame.on, command=frame.id)
    return RoomDone(re=frame.id)


async def remove(connection: Connection, frame: RoomRemove) -> Frame:
    user = UUID(bytes=frame.user)
    await in_database_thread(host.remove, connection.user_id, _room(frame), user, frame.reason, command=frame.id)
    return RoomDone(re=frame.id)


async def lock(connection: Connection, frame: RoomLock) -> Frame:
    await in_database_thread(host.lock, connection.user_id, _room(frame), on=frame.on, command=frame.id)
    return RoomDone(re=frame.id)


async def hand_over(connection: Connection, frame: RoomHost) -> Frame:
    user = UUID(bytes=frame.user)
    await in_database_thread(host.hand_over, connection.user_id, _room(frame), user, command=frame.id)
    return RoomDone(re=frame.id)


async def leave(connection: Connection, frame: RoomLeave) -> Frame:
    await in_database_thread(door.leave, connection.user_id, _room(frame), connection.device, command=frame.id)
    return RoomDone(re=frame.id)


async def close(connection: Connection, frame: RoomClose) -> Frame:
    await in_database_thread(rooms.end_call, connection.user_id, _room(frame))
    return RoomDone(re=frame.id)


async def connect(connection: Connection, frame: RoomConnect) -> Frame:
    _own(connection, frame.device)
    await in_database_thread(media.connect, connection.user_id, connection.device, frame)
    return RoomDone(re=frame.id)


async def answer(connection: Connection, frame: RoomAnswer) -> Frame:
    await in_database_thread(
        media.answer, connection.user_id, connection.device, _room(frame), frame.pc, frame.offer, frame.sdp
    )
    return RoomDone(re=frame.id)


async def show(connection: Connection, frame: RoomShow) -> Frame:
    await in_database_thread(
        media.show, connection.user_id, connection.device, _room(frame), frame.sending, command=frame.id
    )
    return RoomDone(re=frame.id)


async def want(connection: Connection, frame: RoomWant) -> Frame:
    await in_database_thread(media.want, connection.user_id, connection.device, _room(frame), frame.tiles)
    return RoomDone(re=frame.id)


async def pass_key_on(connection: Connection, frame: RoomKey) -> Frame:
    await in_database_thread(media.pass_key_on, connection.user_id, connection.device, frame)
    return RoomDone(re=frame.id)


async def simulate(connection: Connection, frame: RoomSim) -> Frame:
    await in_database_thread(resume.simulate, connection.user_id, _room(frame), frame.what)
    if frame.what == "socket":
        await connection.close()
    return RoomDone(re=frame.id)


def call_back() -> None:
    """Words between the processes may have been lost: whoever is in a call here is asked where they are."""
    people = hub.people()
    if people:
        _keep(asyncio.create_task(_call_back(people)))


async def _call_back(people: list[UUID]) -> None:
    try:
        await in_database_thread(resume.call_back, people)
    except (*UNREACHABLE, Unavailable) as error:
        # Each says where it is within fifteen seconds anyway.
        log.warning("room.not_called_back", error=type(error).__name__)


def _keep(task: asyncio.Task[None]) -> None:
    _waiting.add(task)
    task.add_done_callback(_waiting.discard)


async def closed(connection: Connection) -> None:
    closed_at = timezone.now()
    _keep(asyncio.create_task(_after_silence(connection.user_id, connection.device, closed_at)))
    await in_database_thread(door.device_gone, connection.user_id, connection.device)


async def _after_silence(user_id: UUID, device: bytes, closed_at: datetime) -> None:
    await asyncio.sleep(SILENCE_S)
    while True:
        try:
            await in_database_thread(door.device_silent, user_id, device, closed_at)
            return
        except (*UNREACHABLE, Unavailable):
            await asyncio.sleep(AGAIN_S)


def _watches(user_id: UUID, frame: RoomState | RoomEvicted) -> bool:
    return may_watch(user_id, _uuid(frame.room))


def _inside(user_id: UUID, frame: RoomAdmitted) -> bool:
    return may_take_part(user_id, _uuid(frame.room), INSIDE)


def _in_call(user_id: UUID, frame: RoomOffer) -> bool:
    return may_take_part(user_id, _uuid(frame.room), IN_CALL)


def _connected(user_id: UUID, frame: RoomKeys) -> bool:
    return may_take_part(user_id, _uuid(frame.room), frozenset({State.CONNECTED}))


def _uuid(room: bytes) -> UUID:
    return UUID(bytes=room)


def _handle(frame: type[F], function: Callable[[Connection, F], Awaitable[Frame | None]]) -> None:
    async def rationed(connection: Connection, received: F) -> Frame | None:
        now = time.monotonic()
        bucket = _buckets.setdefault(connection, Bucket(FRAMES_A_SECOND, FRAMES_AT_ONCE, FRAMES_AT_ONCE, now))
        if not bucket.take(now):
            raise TooMany("Too many frames about this call: wait a moment.")
        return await function(connection, received)

    registry.handler(frame)(rationed)


def register() -> None:
    """Register every frame of a call, once, when Django starts."""
    _handle(RoomKnock, knock)
    _handle(RoomResume, say_where)
    _handle(RoomAdmit, admit)
    _handle(RoomAdmitAll, admit_all)
    _handle(RoomHold, hold)
    _handle(RoomRemove, remove)
    _handle(RoomLock, lock)
    _handle(RoomHost, hand_over)
    _handle(RoomLeave, leave)
    _handle(RoomClose, close)
    _handle(RoomConnect, connect)
    _handle(RoomAnswer, answer)
    _handle(RoomShow, show)
    _handle(RoomWant, want)
    _handle(RoomKey, pass_key_on)
    _handle(RoomSim, simulate)
    registry.guard(RoomState)(_watches)
    registry.guard(RoomEvicted)(_watches)
    registry.guard(RoomAdmitted)(_inside)
    registry.guard(RoomOffer)(_in_call)
    registry.guard(RoomKeys)(_connected)
    registry.closed(closed)
    bus.on_gap(call_back)
