"""The forwarder process: rooms behind one UDP port, ruled by the control socket alone."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import assert_never

from aiortc.rtcdtlstransport import RTCCertificate

from conference.media.control import Connection, ControlSocket
from conference.media.feed import Size
from conference.media.messages import (
    AnyCommand,
    AskStats,
    CloseRoom,
    Confirm,
    Cut,
    Event,
    GiveAnswer,
    Hold,
    Join,
    ProcessStats,
    Reply,
    Want,
)
from conference.media.refusals import Refusals
from conference.media.room import MAX_PEOPLE, Plane, Room, RoomFull
from conference.media.sdp import BadSdp, Kind, read_answer
from conference.media.ticket import LIFE_MS, BadTicket, Grant, read_ticket
from conference.media.udp import UdpPort

log = logging.getLogger("consilium.sfu")

TICK_S = 0.5
EMPTY_ROOM_S = 120.0
"""How long an empty room's counters are kept for those who ask."""
MAX_ROOMS = 1000
DRAIN_S = 3600.0
"""How long a forwarder that was told to go waits for its last call to end: longer than most sessions."""
FAREWELL_S = 0.5
"""Time for the last words on the control socket and the DTLS goodbyes."""
UNCHECKED_S = 10.0
"""How long anything is forwarded to or from a person of whom nobody has confirmed that consent still covers them."""


@dataclass(frozen=True)
class Config:
    """`key` is shared with the web side; `announce` are the addresses told to browsers, the bound one if empty."""

    control: Path
    key: bytes
    host: str = "127.0.0.1"
    port: int = 0
    announce: Sequence[str] = ()
    bitrate_cap: int = 1_500_000
    unchecked_s: float = UNCHECKED_S
    max_people: int = MAX_PEOPLE


@dataclass
class _Kept:
    room: Room
    empty_since: float | None = None
    owners: dict[bytes, Connection] = field(default_factory=dict)


class Forwarder:
    """All rooms of one process; `start` opens the ports, `stop` closes every connection."""

    def __init__(self, config: Config, wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._config = config
        self._wall_ms = wall_ms
        self._refusals = Refusals()
        self._udp = UdpPort(config.host, config.port, refusals=self._refusals)
        addresses = tuple(config.announce) or (config.host,)
        self._plane = Plane(
            port=self._udp,
            certificate=RTCCertificate.generateCertificate(),
            candidates=[(address, self._udp.number) for address in addresses],
            clock=time.monotonic,
            bitrate_cap=config.bitrate_cap,
            unchecked_s=config.unchecked_s,
            refusals=self._refusals,
            max_people=config.max_people,
        )
        self._rooms: dict[bytes, _Kept] = {}
        self._control = ControlSocket(config.control, self.carry_out)
        self._calls = 0
        self._used: dict[bytes, int] = {}
        self._void: dict[tuple[bytes, bytes], int] = {}
        self._ticking: asyncio.Task[None] | None = None
        self._draining = False
        self._empty = asyncio.Event()

    @property
    def udp_port(self) -> int:
        return self._udp.number

    async def start(self) -> None:
        self._udp.start()
        await self._control.start()
        self._ticking = asyncio.ensure_future(self._tick())

    async def drain(self, seconds: float = DRAIN_S) -> None:
        """Take no new room, let those that run live until they are empty or `seconds` are over, then dismiss them."""
        self._draining = True
        self._note_empty()
        with suppress(TimeoutError):
            await asyncio.wait_for(self._empty.wait(), seconds)
        for kept in self._rooms.values():
            kept.room.dismiss()
        await asyncio.sleep(FAREWELL_S)

    def _note_empty(self) -> None:
        if self._draining and not any(kept.room.people for kept in self._rooms.values()):
            self._empty.set()

    async def stop(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        for room in list(self._rooms):
            self._close_room(room)
        await self._control.stop()
        # One turn, so that the DTLS goodbyes leave before the socket goes.
        await asyncio.sleep(0)
        self._udp.stop()

    def carry_out(self, command: AnyCommand, connection: Connection) -> Reply:
        """Carry out one command at once; a refusal is a reply with an error code, never an exception."""
        match command:
            case Join():
                return self._join(command, connection)
            case GiveAnswer():
                return self._answer(command)
            case Hold():
                if command.room in self._rooms:
                    self._rooms[command.room].room.hold(command.user, on=command.on)
            case Cut():
                cut = command.room, command.user
                # A cut that is tried again may come after a later one, and makes no ticket good again.
                self._void[cut] = max(command.not_before, self._void.get(cut, -1))
                if command.room in self._rooms:
                    self._rooms[command.room].room.cut(command.user)
            case Confirm():
                if command.room in self._rooms:
                    self._rooms[command.room].room.confirm(command.users)
            case Want():
                if command.room in self._rooms:
                    wants: dict[tuple[bytes, Kind], Size] = {
                        (tile.user, tile.kind): tile.size for tile in command.tiles
                    }
                    self._rooms[command.room].room.want(command.user, wants)
            case CloseRoom():
                self._close_room(command.room)
            case AskStats():
                kept = self._rooms.items()
                rooms = [k.room.stats() for room, k in kept if command.room in (None, room)]
                return Reply(re=command.id, rooms=rooms, process=self._stats())
            case _:
                assert_never(command)
        return Reply(re=command.id)

    def _join(self, command: Join, connection: Connection) -> Reply:
        try:
            grant = self._redeem(command.ticket)
        except BadTicket as error:
            self._refusals.count("ticket_bad")
            return Reply(re=command.id, error="bad_ticket", message=str(error))
        kept = self._rooms.get(grant.room)
        if self._draining and (kept is None or not kept.room.people):
            return Reply(re=command.id, error="draining", message="this forwarder is about to go")
        if kept is None:
            if len(self._rooms) >= MAX_ROOMS:
                return Reply(re=command.id, error="full", message="too many rooms")
            kept = self._rooms[grant.room] = _Kept(Room(grant.room, self._plane, self._emit))
        self._calls += 1
        kept.owners[grant.user] = connection
        try:
            kept.room.join(grant.user, self._calls, hold=grant.hold)
        except RoomFull:
            return Reply(re=command.id, error="full", message="the room is full")
        return Reply(re=command.id, call=self._calls)

    def _redeem(self, ticket: str) -> Grant:
        now = self._wall_ms()
        grant = read_ticket(self._config.key, ticket, now)
        if grant.nonce in self._used:
            raise BadTicket("used")
        if grant.issued <= self._void.get((grant.room, grant.user), -1):
            raise BadTicket("void")
        self._used[grant.nonce] = grant.expires
        return grant

    def _answer(self, command: GiveAnswer) -> Reply:
        kept = self._rooms.get(command.room)
        if kept is None or command.user not in kept.room.people:
            return Reply(re=command.id, error="unknown", message="not in the room")
        try:
            kept.room.answer(command.user, command.pc, command.offer, read_answer(command.sdp))
        except BadSdp as error:
            self._refusals.count("answer_bad")
            return Reply(re=command.id, error="bad_answer", message=str(error))
        return Reply(re=command.id)

    def _stats(self) -> ProcessStats:
        return ProcessStats(
            received=self._udp.received,
            sent=self._udp.sent,
            unsent=self._udp.unsent,
            peers=len(self._udp.peers),
            refused=self._refusals.counts,
        )

    def _close_room(self, room: bytes) -> None:
        kept = self._rooms.pop(room, None)
        if kept is not None:
            for user in list(kept.room.people):
                kept.room.cut(user)

    def _emit(self, event: Event) -> None:
        kept = self._rooms.get(event.room)
        if kept is not None:
            self._control.tell(event, kept.owners.get(event.user))

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            now, wall = time.monotonic(), self._wall_ms()
            for room, kept in list(self._rooms.items()):
                kept.room.tick()
                if kept.room.people:
                    kept.empty_since = None
                elif kept.empty_since is None:
                    kept.empty_since = now
                elif now - kept.empty_since > EMPTY_ROOM_S:
                    del self._rooms[room]
            self._note_empty()
            # A used ticket and a void one are refused by their age once it exceeds a ticket's life.
            self._used = {nonce: until for nonce, until in self._used.items() if until > wall}
            self._void = {key: at for key, at in self._void.items() if at > wall - 2 * LIFE_MS}


async def serve(config: Config, ready: Callable[[int], None], leave: asyncio.Event | None = None) -> None:
    """Run until cancelled, or until `leave` is set and the last call is over.

    `ready` gets the UDP port once both sockets are open.
    """
    forwarder = Forwarder(config)
    await forwarder.start()
    log.info("forwarding on udp %s:%d, ruled by %s", config.host, forwarder.udp_port, config.control)
    ready(forwarder.udp_port)
    try:
        await (leave or asyncio.Event()).wait()
        log.info("draining: no new rooms, up to %d s for those that run", DRAIN_S)
        await forwarder.drain()
    finally:
        await forwarder.stop()
