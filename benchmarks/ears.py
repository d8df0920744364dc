"""Sockets that listen in a process of their own, so that what they hear is timed while others seal and sign."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import resource
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import websockets

from client.live import BEAT_SECONDS
from wire.base import b64

if TYPE_CHECKING:
    from tests.messaging.house import Case, Person

ANSWER_SECONDS, OPEN_AT_ONCE, MOST_FILES = 60.0, 20, 8192
Seat = tuple[str, str, str]
"""The worker's address, the session's cookie and the person, by any name."""


async def say_hello(address: str, cookie: str, device: str) -> websockets.ClientConnection:
    """An open socket of a session that has said hello; raises RuntimeError when it is not welcome."""
    socket = await websockets.connect(
        address.replace("http", "ws", 1) + "/ws",
        origin=websockets.Origin(address),
        additional_headers={"Cookie": cookie},
        compression=None,
    )
    await socket.send(json.dumps({"type": "hello", "protocol": 1, "device": device, "heads": {}}))
    welcome = json.loads(await asyncio.wait_for(socket.recv(), ANSWER_SECONDS))
    if welcome["type"] != "welcome":
        raise RuntimeError(f"not welcome: {welcome}")
    return socket


async def sit(address: str, person: Person) -> websockets.ClientConnection:
    """A socket at a worker that has said hello, in a session of the person's own."""
    from asgiref.sync import sync_to_async

    from tests.messaging.crowd import session_cookie

    cookie = await sync_to_async(session_cookie)(person)
    return await say_hello(address, cookie, b64(person.device))


def post_frame(case: Case, person: Person, text: str) -> str:
    """A sealed message as the frame that posts it."""
    from crypto.messages import parse_wire

    sealed = case.seal(person, text)
    header = parse_wire(sealed).header
    return json.dumps({"type": "message.post", "id": b64(header.msg_id), "thread": case.id, "wire": b64(sealed)})


class Ears:
    """A socket a seat; `heard` says which messages a person was given, by seq, and when for the last time (ms)."""

    def __init__(self, seats: Sequence[Seat]) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        # A fresh interpreter: the parent's event loops, threads and database connections do not come along.
        self._process = multiprocessing.get_context("spawn").Process(target=_listen, args=(list(seats), theirs))

    def __enter__(self) -> Self:
        self._process.start()
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pipe.close()
        self._process.join(ANSWER_SECONDS)
        self._process.kill()

    def heard(self, person: str, thread: str) -> dict[int, float]:
        self._pipe.send((person, thread))
        return dict(self._answer())

    def _answer(self) -> Any:
        if not self._pipe.poll(2 * ANSWER_SECONDS):
            raise RuntimeError("the listening process does not answer")
        return self._pipe.recv()


def _listen(seats: list[Seat], pipe: Connection) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, MOST_FILES)), hard))
    asyncio.run(_serve(seats, pipe))


async def _serve(seats: list[Seat], pipe: Connection) -> None:
    heard: dict[tuple[str, str], dict[int, float]] = {}
    gate = asyncio.Semaphore(OPEN_AT_ONCE)

    async def open_one(seat: Seat) -> tuple[str, websockets.ClientConnection]:
        address, cookie, person = seat
        async with gate:
            return person, await say_hello(address, cookie, _device())

    opened = await asyncio.gather(*(open_one(seat) for seat in seats))
    tasks = [asyncio.create_task(_hear(person, socket, heard)) for person, socket in opened]
    tasks += [asyncio.create_task(_beat(socket)) for _, socket in opened]
    closed = asyncio.Event()
    loop = asyncio.get_running_loop()

    def asked() -> None:
        try:
            person, thread = pipe.recv()
            pipe.send(heard.get((person, thread), {}))
        except (EOFError, OSError):
            loop.remove_reader(pipe.fileno())
            closed.set()

    loop.add_reader(pipe.fileno(), asked)
    pipe.send({})
    await closed.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await asyncio.gather(*(socket.close() for _, socket in opened), return_exceptions=True)


def _device() -> str:
    return b64(os.urandom(16))


async def _hear(
    person: str, socket: websockets.ClientConnection, heard: dict[tuple[str, str], dict[int, float]]
) -> None:
    async for text in socket:
        now = time.time() * 1000
        frame: dict[str, Any] = json.loads(text)
        if frame["type"] == "message.new":
            heard.setdefault((person, frame["thread"]), {})[frame["seq"]] = now


async def _beat(socket: websockets.ClientConnection) -> None:
    """The heartbeat that every client sends; its first comes at any moment, so that they do not come at once."""
    await asyncio.sleep(random.uniform(0, BEAT_SECONDS))
    while True:
        await socket.send(json.dumps({"type": "ping", "id": 0}))
        await asyncio.sleep(BEAT_SECONDS)
