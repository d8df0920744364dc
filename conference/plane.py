"""The web side's way to the media plane: blocking calls from any thread, one connection a process.

Blocking and in threads of its own, because what matters most happens in a database thread just after a commit:
the cut must have left this process before anything else is done.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import queue
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Protocol

import structlog
from django.conf import settings
from django.db import DatabaseError
from pydantic import ValidationError

from conference.media.messages import (
    LINES,
    MAX_LINE,
    AskStats,
    CloseRoom,
    Command,
    Confirm,
    Connection,
    Cut,
    Event,
    GiveAnswer,
    Hold,
    Join,
    ProcessStats,
    Reply,
    RoomStats,
    Want,
    Wanted,
)
from live.threads import home_loop, in_database_thread
from wire.conference import RoomCode
from wire.errors import ConsiliumError, Unavailable

log = structlog.get_logger("conference.plane")

CONNECT_S = 1.0
ANSWER_S = 2.0
CUT_RETRY_S = 0.25
CUT_REMEMBERED_S = 180.0
"""Longer than a ticket lives: a forwarder that comes back after this knows nobody."""
EVENT_S = 30.0
LOOK_ROUND_S = 3.0
"""How often consent and presence of running calls are looked at again without being told: three times in the time
after which the forwarder stops what nobody has confirmed (conference.media.server.UNCHECKED_S)."""
MAX_EVENTS = 10_000

OnEvent = Callable[[Event], None]


class MediaPlane(Protocol):
    """What the rooms need of any media plane; every call may raise Unavailable (`media_unavailable`)."""

    def join(self, ticket: str) -> int:
        """Take a person in; the number of the call. Raises Unavailable or ConsiliumError `ticket`, `room_full`."""

    def answer(self, room: bytes, user: bytes, pc: Connection, offer: int, sdp: str) -> None:
        """Give the client's answer; raises ConsiliumError `bad_answer`, `not_now`."""

    def hold(self, room: bytes, user: bytes, *, on: bool) -> None: ...

    def want(self, room: bytes, user: bytes, tiles: Sequence[Wanted]) -> None:
        """Say what a person's screen shows, so that nothing larger is sent to them."""

    def cut(self, room: bytes, user: bytes) -> None:
        """Stop all forwarding from and to a person and void their tickets; never raises, is retried until done."""

    def confirm(self, room: bytes, users: Sequence[bytes]) -> None:
        """Say that consent was just asked and covers these people; without it their forwarding stops by itself."""

    def close_room(self, room: bytes) -> None: ...

    def stats(self, room: bytes | None = None) -> list[RoomStats]: ...


def forwarder_key() -> bytes:
    """The key of the tickets, derived from the server's secret: web and forwarder read the same environment."""
    return hmac.new(settings.SECRET_KEY.encode(), b"consilium/forwarder-key/1", hashlib.sha256).digest()


def _unavailable() -> Unavailable:
    return Unavailable("The media server does not answer. Try again in a moment.", code=RoomCode.MEDIA_UNAVAILABLE)


class _Line:
    """One connection to the control socket and the thread that reads it; `alive` until either side hangs up."""

    def __init__(self, path: Path, on_event: OnEvent) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(CONNECT_S)
        self._socket.connect(str(path))
        self._socket.settimeout(None)
        self._on_event = on_event
        self._ids = itertools.count(1)
        self._waiting: dict[int, Future[Reply]] = {}
        self._writing = threading.Lock()
        self.alive = True
        threading.Thread(target=self._read, name="media-plane", daemon=True).start()

    def ask(self, make: Callable[[int], Command]) -> Reply:
        future: Future[Reply] = Future()
        with self._writing:
            number = next(self._ids)
            self._waiting[number] = future
            try:
                self._socket.sendall(make(number).model_dump_json().encode() + b"\n")
            except OSError as error:
                self._fail()
                raise _unavailable() from error
        try:
            return future.result(ANSWER_S)
        except (TimeoutError, ConnectionError) as error:
            raise _unavailable() from error
        finally:
            self._waiting.pop(number, None)

    def _read(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                while line := lines.readline(MAX_LINE):
                    message = LINES.validate_json(line)
                    if isinstance(message, Reply):
                        waiting = self._waiting.pop(message.re, None)
                        if waiting is not None:
                            waiting.set_result(message)
                    else:
                        self._on_event(message)
        except (OSError, ValidationError) as error:
            log.warning("plane.line_lost", error=type(error).__name__)
        finally:
            self._fail()

    def _fail(self) -> None:
        self.alive = False
        self._socket.close()
        for future in list(self._waiting.values()):
            if not future.done():
                future.set_exception(ConnectionError("the forwarder hung up"))

    def close(self) -> None:
        self.alive = False
        self._socket.shutdown(socket.SHUT_RDWR)


class EmbeddedPlane:
    """The forwarder of `manage.py run_sfu`, over its control socket; connects when first needed, and again."""

    def __init__(self, path: Path, on_event: OnEvent, look_round: Callable[[], None] = lambda: None) -> None:
        self._path = path
        self._handle = on_event
        self._look_round = look_round
        self._line: _Line | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connecting = threading.Lock()
        self._events: queue.Queue[Event] = queue.Queue(MAX_EVENTS)
        self._cuts: dict[tuple[bytes, bytes], int] = {}
        self._retrying = threading.Lock()
        self._closed = False
        threading.Thread(target=self._work, name="media-events", daemon=True).start()

    def join(self, ticket: str) -> int:
        reply = self._ask(lambda number: Join(id=number, ticket=ticket))
        if reply.error == "bad_ticket":
            raise ConsiliumError("Knock again: this ticket is used or too old.", code=RoomCode.TICKET)
        if reply.error == "draining":
            raise _unavailable()
        if reply.error:
            raise ConsiliumError("There is no more room in this call.", code=RoomCode.ROOM_FULL)
        return reply.call

    def answer(self, room: bytes, user: bytes, pc: Connection, offer: int, sdp: str) -> None:
        reply = self._ask(lambda number: GiveAnswer(id=number, room=room, user=user, pc=pc, offer=offer, sdp=sdp))
        if reply.error == "unknown":
            raise ConsiliumError("You are not connected: knock again.", code=RoomCode.NOT_NOW)
        if reply.error:
            raise ConsiliumError(f"The answer cannot be used: {reply.message}.", code=RoomCode.BAD_ANSWER)

    def hold(self, room: bytes, user: bytes, *, on: bool) -> None:
        self._ask(lambda number: Hold(id=number, room=room, user=user, on=on))

    def want(self, room: bytes, user: bytes, tiles: Sequence[Wanted]) -> None:
        self._ask(lambda number: Want(id=number, room=room, user=user, tiles=list(tiles)))

    def cut(self, room: bytes, user: bytes) -> None:
        self._cuts[room, user] = time.time_ns() // 1_000_000
        if not self._flush_cuts():
            threading.Thread(target=self._retry_cuts, name="media-cuts", daemon=True).start()

    def confirm(self, room: bytes, users: Sequence[bytes]) -> None:
        self._ask(lambda number: Confirm(id=number, room=room, users=list(users)))

    def close_room(self, room: bytes) -> None:
        self._ask(lambda number: CloseRoom(id=number, room=room))

    def stats(self, room: bytes | None = None) -> list[RoomStats]:
        return list(self._ask(lambda number: AskStats(id=number, room=room)).rooms)

    def process(self) -> ProcessStats:
        """Datagrams and refusals of the forwarder's process since it began; raises Unavailable."""
        found = self._ask(lambda number: AskStats(id=number)).process
        if found is None:
            raise _unavailable()
        return found

    def close(self) -> None:
        """Hang up and give up what was to be tried again."""
        self._closed = True
        if self._line is not None and self._line.alive:
            self._line.close()

    def _ask(self, make: Callable[[int], Command]) -> Reply:
        self._loop = home_loop() or self._loop
        with self._connecting:
            if self._line is None or not self._line.alive:
                try:
                    self._line = _Line(self._path, self._events.put)
                except OSError as error:
                    raise _unavailable() from error
            line = self._line
        return line.ask(make)

    def _flush_cuts(self) -> bool:
        """Whether every remembered cut is confirmed."""
        for key, at in list(self._cuts.items()):
            room, user = key

            def make(number: int, room: bytes = room, user: bytes = user, at: int = at) -> Command:
                return Cut(id=number, room=room, user=user, not_before=at)

            try:
                self._ask(make)
            except Unavailable:
                log.error("plane.cut_unconfirmed", room=room.hex(), user=user.hex())
                return False
            if self._cuts.get(key) == at:
                self._cuts.pop(key, None)
        return True

    def _retry_cuts(self) -> None:
        if not self._retrying.acquire(blocking=False):
            return
        try:
            until = time.monotonic() + CUT_REMEMBERED_S
            while not self._closed and not self._flush_cuts() and time.monotonic() < until:
                time.sleep(CUT_RETRY_S)
        finally:
            self._retrying.release()

    def _work(self) -> None:
        """Handle events in order, beside the reader: a handler may itself ask the forwarder. Look round in between."""
        looked = time.monotonic()
        while not self._closed:
            handle: Callable[[], None] | None = None
            try:
                event = self._events.get(timeout=LOOK_ROUND_S)
                handle = partial(self._handle, event)
            except queue.Empty:
                pass
            self._try(handle)
            if time.monotonic() - looked > LOOK_ROUND_S:
                self._try(self._look_round)
                looked = time.monotonic()

    def _try(self, handle: Callable[[], None] | None) -> None:
        if handle is None:
            return
        try:
            self._on_the_sockets_loop(handle)
        except (ConsiliumError, DatabaseError, TimeoutError) as error:
            log.warning("plane.event_refused", error=str(error))
        except Exception:
            # A mistake in one handler must not end the thread that hears of cuts and re-checks who may be there.
            log.exception("plane.event_failed")

    def _on_the_sockets_loop(self, handle: Callable[[], None]) -> None:
        """Run in a database thread of the loop that owns the sockets, as what answers a client's frame does."""
        loop = self._loop
        if loop is None or not loop.is_running():
            handle()
            return
        asyncio.run_coroutine_threadsafe(in_database_thread(handle), loop).result(EVENT_S)


_plane: MediaPlane | None = None
_making = threading.Lock()
_on_event: list[OnEvent] = []
_on_look_round: list[Callable[[], None]] = []


def plane() -> MediaPlane:
    """This process's media plane."""
    global _plane
    with _making:
        if _plane is None:
            _plane = EmbeddedPlane(settings.ENVIRONMENT.forwarder_socket, _tell, _look_round)
        return _plane


def use_plane(chosen: MediaPlane | None) -> None:
    """Set the plane of this process, or None for the configured one (tests, other planes)."""
    global _plane
    _plane = chosen


def on_media_event(function: OnEvent) -> OnEvent:
    """Registers what hears the plane's events, in apps.py."""
    _on_event.append(function)
    return function


def on_look_round(function: Callable[[], None]) -> Callable[[], None]:
    """Registers what is done every LOOK_ROUND_S in a process that has calls, in apps.py."""
    _on_look_round.append(function)
    return function


def _look_round() -> None:
    for function in _on_look_round:
        function()


def _tell(event: Event) -> None:
    for function in _on_event:
        function(event)
