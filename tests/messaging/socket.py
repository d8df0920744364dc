"""A person's open socket in a test: it says hello, posts, and keeps what it hears."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from config.asgi import application
from crypto.messages import parse_wire
from tests.messaging.house import Case, Person
from wire.base import b64

WAIT_S = 10


class Socket:
    """`heard` holds every frame that the server sent, in order."""

    def __init__(self, person: Person, communicator: WebsocketCommunicator) -> None:
        self.person = person
        self.heard: list[dict[str, Any]] = []
        self._communicator = communicator
        self._reading = asyncio.ensure_future(self._read())

    async def _read(self) -> None:
        while True:
            output = await self._communicator.receive_output(timeout=60)
            if output["type"] != "websocket.send":
                return
            self.heard.append(json.loads(output["text"]))

    async def say(self, text: str) -> None:
        await self._communicator.send_to(text_data=text)

    async def post(self, case: Case, sealed: bytes, **changes: str) -> None:
        """Sends `message.post` and does not wait for the answer."""
        frame = {
            "type": "message.post",
            "id": b64(parse_wire(sealed).header.msg_id),
            "thread": case.id,
            "wire": b64(sealed),
        }
        await self.say(json.dumps({**frame, **changes}))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["type"] == kind]

    async def hears(self, kind: str, times: int = 1) -> dict[str, Any]:
        """Waits until so many frames of a kind have come; the newest."""
        deadline = time.monotonic() + WAIT_S
        while len(self.of(kind)) < times:
            assert time.monotonic() < deadline, f"{self.person.user.name} did not hear {kind}: {self.heard}"
            await asyncio.sleep(0.01)
        return self.of(kind)[-1]

    async def is_served(self) -> None:
        """Returns when everything sent to this socket so far has been answered: a ping goes the same way."""
        seen = len(self.of("pong"))
        await self.say(json.dumps({"type": "ping", "id": seen}))
        await self.hears("pong", seen + 1)

    async def close(self) -> None:
        self._reading.cancel()
        await self._communicator.disconnect()


@asynccontextmanager
async def sockets(*people: Person) -> AsyncIterator[list[Socket]]:
    """Open sockets of these people that have said hello; closed at the end."""
    opened: list[Socket] = []
    try:
        for person in people:
            opened.append(await _open(person))
        yield opened
    finally:
        for one in opened:
            await one.close()


async def _open(person: Person) -> Socket:
    cookie = await sync_to_async(_cookie)(person)
    headers = [(b"cookie", cookie.encode()), (b"host", b"localhost"), (b"origin", b"http://localhost")]
    communicator = WebsocketCommunicator(application, "/ws", headers=headers)
    connected, _ = await communicator.connect()
    assert connected
    socket = Socket(person, communicator)
    await socket.say(json.dumps({"type": "hello", "protocol": 1, "device": b64(person.device), "heads": {}}))
    await socket.hears("welcome")
    return socket


def _cookie(person: Person) -> str:
    client = Client()
    client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return f"sessionid={client.cookies['sessionid'].value}"
