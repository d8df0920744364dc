"""The load: many sockets in one process that do as little as they can, so that what is measured is the server.

Frames are built beforehand. They are masked, as a client's must be (RFC 6455 section 5.3), with a key of zeros.
"""

from __future__ import annotations

import asyncio
import base64
import multiprocessing
import os
import resource
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Self, cast

import uvloop

OPEN_SECONDS, ANSWER_SECONDS, AT_ONCE = 60.0, 60.0, 50
TEXT, BINARY = 0x1, 0x2


def client_frame(opcode: int, payload: bytes) -> bytes:
    """One masked frame whose mask changes nothing."""
    size = len(payload)
    if size < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
    elif size < 65_536:
        head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
    return head + bytes(4) + payload


@dataclass(frozen=True)
class Seat:
    """A member's socket: where, the headers of its request, and what it says first (its answer is waited for)."""

    port: int
    path: str
    headers: tuple[tuple[str, str], ...]
    hello: bytes


@dataclass(frozen=True)
class Table:
    """A thread: its seats, and its posts in order, each with the seat that sends it, as frames."""

    seats: tuple[Seat, ...]
    posts: tuple[tuple[int, bytes], ...]


@dataclass(frozen=True)
class Plan:
    """`in_flight` posts a table at a time, or `per_second` over all tables, whatever has come back.

    `message` is how a delivered message's payload begins, in the server's tongue.
    """

    message: bytes
    seconds: float
    warm_up: float
    in_flight: int = 1
    per_second: float = 0.0


@dataclass
class Outcome:
    """What was measured: messages that all members had, in the window; and every delivery of the whole run."""

    complete: int = 0
    deliveries: int = 0
    warm: int = 0
    """How many of the deliveries came before the window."""
    took_ms: list[float] = field(default_factory=list)
    ran_out: bool = False
    refused: list[str] = field(default_factory=list)
    """The first refusals, as the server worded them."""


class Ear(asyncio.Protocol):
    """One socket: reads lengths and first bytes."""

    def __init__(self, seat: Seat, run: _Run, table: int) -> None:
        self._seat, self._run, self._table = seat, run, table
        self._buffer = b""
        self._upgraded = False
        self.heard = 0
        self.welcome: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is one by its methods, not by its class
        key = base64.b64encode(os.urandom(16)).decode()
        lines = [f"GET {self._seat.path} HTTP/1.1", "Upgrade: websocket", "Connection: Upgrade",
                 f"Sec-WebSocket-Key: {key}", "Sec-WebSocket-Version: 13",
                 *(f"{name}: {value}" for name, value in self._seat.headers)]  # fmt: skip
        self.transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer + data if self._buffer else data
        if not self._upgraded:
            end = buffer.find(b"\r\n\r\n")
            if end < 0:
                self._buffer = buffer
                return
            if not buffer.startswith(b"HTTP/1.1 101"):
                self.welcome.set_exception(RuntimeError(buffer[:80].decode("latin-1")))
                return
            self._upgraded, buffer = True, buffer[end + 4 :]
            self.transport.write(self._seat.hello)
        self._frames(buffer)

    def _frames(self, buffer: bytes) -> None:
        at, size = 0, len(buffer)
        while size - at >= 2:
            length, start = buffer[at + 1] & 0x7F, at + 2
            if length == 126:
                start = at + 4
                length = int.from_bytes(buffer[at + 2 : at + 4], "big") if size >= start else size
            elif length == 127:
                start = at + 10
                length = int.from_bytes(buffer[at + 2 : at + 10], "big") if size >= start else size
            if start + length > size:
                break
            self._take(buffer[at] & 0x0F, buffer, start, length)
            at = start + length
        self._buffer = buffer[at:]

    def _take(self, opcode: int, buffer: bytes, start: int, length: int) -> None:
        if opcode == 0x9:
            self.transport.write(client_frame(0xA, buffer[start : start + length]))
        elif not self.welcome.done():
            self.welcome.set_result(None)
        elif buffer.startswith(self._run.plan.message, start):
            self.heard += 1
            self._run.heard(self._table, self.heard)
        elif buffer.startswith(b'{"type":"error"', start):
            self._run.refuse(buffer[start : start + min(length, 200)].decode())


class _Run:
    """One measurement over open sockets."""

    def __init__(self, tables: Sequence[Table], plan: Plan) -> None:
        self.plan, self.outcome = plan, Outcome()
        self._tables = tables
        self._ears: list[list[Ear]] = []
        self._left: list[Iterator[tuple[int, bytes]]] = [iter(table.posts) for table in tables]
        self._sent: list[list[float]] = [[] for _ in tables]
        self._heard: list[list[int]] = [[] for _ in tables]
        self._begun = self._until = 0.0
        self._expected = -1
        self._settled = asyncio.Event()

    async def open(self) -> None:
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(seat: Seat, table: int) -> Ear:
            async with gate:
                loop = asyncio.get_running_loop()
                _, ear = await loop.create_connection(lambda: Ear(seat, self, table), "127.0.0.1", seat.port)
                await asyncio.wait_for(ear.welcome, OPEN_SECONDS)
                return ear

        for number, table in enumerate(self._tables):
            self._ears.append(list(await asyncio.gather(*(one(seat, number) for seat in table.seats))))

    def _send(self, table: int, now: float) -> None:
        post = next(self._left[table], None)
        if post is None:
            self.outcome.ran_out = True
            return
        seat, frame = post
        self._sent[table].append(now)
        self._heard[table].append(0)
        self._ears[table][seat].transport.write(frame)

    def heard(self, table: int, number: int) -> None:
        """A member of this table has its `number`th message."""
        self.outcome.deliveries += 1
        if self.outcome.deliveries == self._expected:
            self._settled.set()
        counts = self._heard[table]
        counts[number - 1] += 1
        if counts[number - 1] < len(self._ears[table]):
            return
        now = time.perf_counter()
        sent = self._sent[table][number - 1]
        if self._begun <= sent and now < self._until:
            self.outcome.complete += 1
            self.outcome.took_ms.append(1000 * (now - sent))
        if now < self._until and not self.plan.per_second:
            self._send(table, now)

    def refuse(self, words: str) -> None:
        self.outcome.refused.append(words)
        self._settled.set()

    async def run(self, begun: Callable[[], None]) -> Outcome:
        """The whole run; `begun` is called when the server is warm and the window opens."""
        start = time.perf_counter()
        asyncio.get_running_loop().call_later(self.plan.warm_up, self._open_window, begun)
        self._begun = start + self.plan.warm_up
        self._until = self._begun + self.plan.seconds
        if self.plan.per_second:
            await self._at_a_rate(start)
        else:
            for table in range(len(self._tables)):
                for _ in range(self.plan.in_flight):
                    self._send(table, start)
            await asyncio.sleep(self._until - start)
        await self._settle()
        return self.outcome

    def _open_window(self, begun: Callable[[], None]) -> None:
        self.outcome.warm = self.outcome.deliveries
        begun()

    async def _at_a_rate(self, start: float) -> None:
        number = 0
        while (now := time.perf_counter()) < self._until:
            due = start + number / self.plan.per_second
            if due > now:
                await asyncio.sleep(due - now)
            self._send(number % len(self._tables), time.perf_counter())
            number += 1

    async def _settle(self) -> None:
        """Waits for what is on its way, so that the next run does not hear it."""
        self._expected = sum(len(sent) * len(ears) for sent, ears in zip(self._sent, self._ears, strict=True))
        if self.outcome.deliveries < self._expected:
            await asyncio.wait_for(self._settled.wait(), ANSWER_SECONDS)


class Driver:
    """The load in a process of its own: `with Driver(tables, plan) as load: load.run()`."""

    def __init__(self, tables: Sequence[Table], plan: Plan) -> None:
        self._pipe, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        self._process = context.Process(target=_drive, args=(tuple(tables), plan, theirs))

    def __enter__(self) -> Self:
        self._process.start()
        self._answer()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.join(5)
        self._process.kill()

    @property
    def pid(self) -> int:
        return int(self._process.pid or 0)

    def run(self, begun: Callable[[], None]) -> Outcome:
        """Runs the plan, calling `begun` as the window opens; raises RuntimeError when posts were refused."""
        self._pipe.send("go")
        self._answer()
        begun()
        outcome = self._answer()
        if outcome.refused:
            raise RuntimeError(f"{len(outcome.refused)} posts were refused: {outcome.refused[0]}")
        return outcome

    def _answer(self) -> Outcome:
        if not self._pipe.poll(4 * ANSWER_SECONDS):
            raise RuntimeError("the load does not answer")
        answer = self._pipe.recv()
        if isinstance(answer, str):
            raise RuntimeError(answer)
        assert isinstance(answer, Outcome)
        return answer


def _drive(tables: tuple[Table, ...], plan: Plan, pipe: Connection) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8192)), hard))

    async def main() -> None:
        run = _Run(tables, plan)
        await run.open()
        pipe.send(Outcome())
        await asyncio.to_thread(pipe.recv)
        pipe.send(await run.run(lambda: pipe.send(Outcome())))

    try:
        uvloop.run(main())
    except (OSError, RuntimeError, TimeoutError) as error:
        pipe.send(f"{type(error).__name__}: {error}")
