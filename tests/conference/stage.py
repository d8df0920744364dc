"""A call as it is played in production: sockets, actions, database, forwarder and people with real media."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import timezone

from conference import plane as planes
from conference.actions import open_room
from conference.actions.media import on_media_event
from conference.media.messages import Offered, Reply
from conference.media.server import Config, Forwarder
from conference.models import Admission, Room
from conference.plane import EmbeddedPlane, forwarder_key
from config.asgi import application
from live.threads import in_database_thread
from messaging.models import Thread
from people.models import User
from tests.conference.cast import Cast
from tests.conference.peer import Peer, until
from tests.messaging.house import Person
from wire.base import b64, unb64

WAIT_S = 10


class Seat:
    """One person's open socket, and, once connected, their media. Frames from the server are kept in `frames`."""

    def __init__(self, person: Person, room: UUID, communicator: WebsocketCommunicator) -> None:
        self.person, self.room = person, room
        self.device = secrets.token_bytes(16)
        self.frames: list[dict[str, Any]] = []
        self.peer: Peer | None = None
        self._socket = communicator
        self._reading = asyncio.ensure_future(self._read())
        self._answering: list[asyncio.Future[Reply]] = []

    @property
    def id(self) -> bytes:
        return self.person.id

    async def _read(self) -> None:
        while True:
            output = await self._socket.receive_output(timeout=60)
            if output["type"] != "websocket.send":
                return
            frame = json.loads(output["text"])
            self.frames.append(frame)
            if frame["type"] == "room.offer" and frame["device"] == b64(self.device) and self.peer is not None:
                self.peer.take(_offered(frame, self.id))

    async def say(self, kind: str, **fields: Any) -> dict[str, Any]:
        """Send a command; its answer, `room.done` or `error`."""
        number = fields.pop("id", None) or b64(secrets.token_bytes(16))
        before = sum(1 for f in self.frames if f.get("re") == number)
        body = {"type": kind, "id": number, "room": b64(self.room.bytes), **_texts(fields)}
        await self._socket.send_to(text_data=json.dumps(body))
        await until(
            lambda: sum(1 for f in self.frames if f.get("re") == number) > before, f"an answer to {kind}", WAIT_S
        )
        return next(f for f in reversed(self.frames) if f.get("re") == number)

    async def hello(self) -> None:
        await self._socket.send_to(
            text_data=json.dumps({"type": "hello", "protocol": 1, "device": b64(self.device), "heads": {}})
        )
        await self.hears("welcome")

    async def knock(self, **fields: Any) -> dict[str, Any]:
        return await self.say("room.knock", device=self.device, **fields)

    async def says_where(self, *, call: int | None = None) -> dict[str, Any]:
        """Say where this device was; the answer."""
        seq = self.of("room.state")[-1]["seq"] if self.of("room.state") else -1
        return await self.say("room.resume", device=self.device, seq=seq, call=self.call if call is None else call)

    @property
    def call(self) -> int:
        """The number of the media that this device has; 0 for none."""
        return self.of("room.offer")[-1]["call"] if self.of("room.offer") else 0

    async def connect(self) -> None:
        """Join with the last ticket, and wait until the publish connection is up."""
        ticket = self.of("room.admitted")[-1]["ticket"]
        self.peer = Peer(self.id, self.room.bytes, _Signalling(self), video=True)
        done = await self.say("room.connect", device=self.device, ticket=ticket, join=b"signed conf-join")
        assert done["type"] == "room.done", done
        await self.peer.ready()

    async def enter(self, host: Seat) -> None:
        """Knock, be admitted by the host, connect."""
        tickets = len(self.of("room.admitted"))
        assert (await self.knock())["type"] == "room.done"
        if self is not host:
            assert (await host.say("room.admit", user=self.id))["type"] == "room.done"
        await until(lambda: len(self.of("room.admitted")) > tickets, "a ticket")
        await self.connect()

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.frames if frame["type"] == kind]

    async def hears(self, kind: str, which: Callable[[dict[str, Any]], bool] = lambda frame: True) -> dict[str, Any]:
        """Wait for a frame; the newest that fits."""
        await until(lambda: any(which(f) for f in self.of(kind)), f"{kind} at {self.person.user.name}", WAIT_S)
        return next(f for f in reversed(self.of(kind)) if which(f))

    async def sees(self, other: Seat, state: str) -> None:
        await self.hears("room.state", lambda frame: state_of(frame, other) == state)

    async def close(self) -> None:
        self._reading.cancel()
        if self.peer is not None:
            self.peer.close()
        await self._socket.disconnect()


def state_of(frame: dict[str, Any], seat: Seat) -> str:
    return str(next(p["state"] for p in frame["people"] if unb64(p["user"]) == seat.id))


def _texts(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: b64(value) if isinstance(value, bytes) else value for name, value in fields.items()}


def _offered(frame: dict[str, Any], user: bytes) -> Offered:
    body = {k: v for k, v in frame.items() if k not in ("type", "device")}
    return Offered.model_validate({**body, "user": user})


class _Signalling:
    """The Peer's way out, over the person's own socket."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat

    async def ask(self, do: str, **fields: object) -> Reply:
        assert do == "answer"
        answer = {name: fields[name] for name in ("pc", "offer", "sdp")}
        frame = await self._seat.say("room.answer", **answer)
        assert frame["type"] in ("room.done", "error")
        return Reply(re=0)


class Stage:
    """A room with its forwarder; `sit` opens a person's socket."""

    def __init__(self, room: Room, forwarder: Forwarder, plane: EmbeddedPlane) -> None:
        self.room, self.forwarder, self.plane = room, forwarder, plane
        self.seats: list[Seat] = []

    async def sit(self, person: Person) -> Seat:
        cookie = await sync_to_async(_session_cookie)(person.user)
        headers = [(b"cookie", cookie.encode()), (b"host", b"localhost"), (b"origin", b"http://localhost")]
        communicator = WebsocketCommunicator(application, "/ws", headers=headers)
        connected, _ = await communicator.connect()
        assert connected
        seat = Seat(person, self.room.pk, communicator)
        self.seats.append(seat)
        await seat.hello()
        return seat

    async def forwarded(self, seat: Seat) -> int:
        """How many packets the forwarder has ever sent to this person."""
        rooms = await in_database_thread(self.plane.stats, self.room.pk.bytes)
        return sum(p.forwarded for room in rooms for p in room.people if p.user == seat.id)

    async def talk(self, *seats: Seat) -> None:
        """Everybody sends until everybody hears everybody."""

        def all_hear() -> bool:
            peers = [seat.peer for seat in seats if seat.peer is not None]
            for peer in peers:
                for kind in peer.ssrcs:
                    peer.send(kind, b"sealed")
            return all(a.heard(b, k) for a in peers for b in peers if a is not b for k in b.ssrcs)

        await until(all_hear, "everybody hears everybody")


def _session_cookie(user: User) -> str:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={client.cookies['sessionid'].value}"


def make_room(
    thread: Thread,
    host: User,
    others: Sequence[User],
    *,
    minutes: int = 0,
    early: int = 15,
    patient_waits: bool = False,
) -> Room:
    """The room of a session that starts in so many minutes."""
    start = timezone.now() + timedelta(minutes=minutes)
    people = [(host.pk, "organiser"), *[(other.pk, "takes part") for other in others]]
    return open_room(
        session_id=uuid4(),
        patient_id=thread.patient_id,
        thread_id=thread.pk,
        host_id=host.pk,
        participants=people,
        starts_at=start,
        ends_at=start + timedelta(minutes=50),
        early_minutes=early,
        patient_waits=patient_waits,
    )


async def room_of(cast: Cast, *, minutes: int = 0, early: int = 15, patient_waits: bool = False) -> Room:
    """A session of elena's with samuel, tom and the patient; chidi is on no list."""

    def make() -> Room:
        others = [person.user for person in (cast.samuel, cast.tom, cast.maya)]
        return make_room(
            cast.thread, cast.elena.user, others, minutes=minutes, early=early, patient_waits=patient_waits
        )

    return await in_database_thread(make)


async def rows() -> list[tuple[str, str]]:
    """Everybody's state, as the database has it."""

    def read() -> list[tuple[str, str]]:
        return [(a.user.name.lower(), a.state) for a in Admission.objects.select_related("user").order_by("pk")]

    return await in_database_thread(read)


async def seated(act: Stage, cast: Cast, *names: str) -> list[Seat]:
    return [await act.sit(getattr(cast, name)) for name in names]


@asynccontextmanager
async def stage(tmp_path: Path, room: Room) -> AsyncIterator[Stage]:
    """The forwarder and the plane of a test, in the test's own loop."""
    forwarder = Forwarder(Config(control=tmp_path / "sfu.sock", key=forwarder_key()))
    await forwarder.start()
    plane = EmbeddedPlane(tmp_path / "sfu.sock", on_media_event)
    planes.use_plane(plane)
    made = Stage(room, forwarder, plane)
    try:
        yield made
    finally:
        for seat in made.seats:
            await seat.close()
        plane.close()
        planes.use_plane(None)
        await forwarder.stop()
