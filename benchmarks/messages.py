"""Messages through the whole product: sealed, checked, consented to, committed, and received by every member.

A closed loop: each thread has one message on its way at a time, and the next is sent when all its members have it.
The load runs beside the server on the same machine, with real keys, signatures, sessions and sockets.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import websockets

from benchmarks.ears import say_hello
from benchmarks.figure import Figure, percentile
from tests.server import Server
from tests.services import PROFILE
from wire.base import b64

if TYPE_CHECKING:
    from tests.messaging.house import Case, Person

THREADS, MEMBERS, IDLE_SOCKETS = 50, 5, 1000
SECONDS, WARM_UP_SECONDS, ANSWER_SECONDS = 15.0, 3.0, 30.0
BODY = "x" * 800
"""With JSON and padding, a ciphertext of one kilobyte."""


@dataclass
class Seat:
    """A member's open socket, and how many messages it has received."""

    person: Person
    socket: websockets.ClientConnection
    received: int = 0


@dataclass
class Table:
    """A thread with its members' seats, and what was measured there."""

    case: Case
    seats: list[Seat]
    complete: asyncio.Event = field(default_factory=asyncio.Event)
    posted: int = 0
    took_ms: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def arrived(self, seat: Seat) -> None:
        seat.received += 1
        if all(one.received >= self.posted for one in self.seats):
            self.complete.set()


def figures() -> Iterator[Figure]:
    """Acknowledged messages a second, send to received by all, and the server's memory for idle sockets."""
    with tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder:
        # The threads are set up through Django's test client, whose host this is.
        server = Server(Path(folder))
        os.environ.update(server.environment | {"CONSILIUM_ALLOWED_HOSTS": "testserver"})
        try:
            cases = _set_up()
            yield from asyncio.run(_messages(server, cases))
            yield from asyncio.run(_idle(server, cases[0][1][0]))
        finally:
            server.stop()


def _set_up() -> list[tuple[Case, list[Person]]]:
    """Threads with a patient, a therapist and three colleagues each, written by the actions that serve the doors."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.messaging.crowd import make_threads

    return make_threads(THREADS, MEMBERS)


async def _messages(server: Server, cases: list[tuple[Case, list[Person]]]) -> list[Figure]:
    tables = [
        Table(case, [await sit(server.address, person, person.device) for person in people]) for case, people in cases
    ]
    readers = [asyncio.create_task(_read(table, seat)) for table in tables for seat in table.seats]
    begun = time.perf_counter() + WARM_UP_SECONDS
    cpu = _cpu_seconds(server)
    await asyncio.gather(*(_loop(table, begun, begun + SECONDS) for table in tables))
    cpu = _cpu_seconds(server) - cpu
    for reader in readers:
        reader.cancel()
    await asyncio.gather(*readers, return_exceptions=True)
    await asyncio.gather(*(seat.socket.close() for table in tables for seat in table.seats))
    took = [ms for table in tables for ms in table.took_ms]
    refused = [code for table in tables for code in table.refused]
    if refused:
        raise RuntimeError(f"{len(refused)} posts were refused: {sorted(set(refused))}")
    sent = sum(table.posted for table in tables)
    of: dict[str, int | float | str] = {
        "threads": len(tables),
        "members": MEMBERS,
        "payload_bytes": len(BODY),
        "profile": PROFILE,
        "load": "closed:1",
    }
    return [
        Figure("messages.acknowledged", len(took) / SECONDS, "1/s", of),
        Figure("messages.to_all.p50", percentile(took, 0.50), "ms", of),
        Figure("messages.to_all.p99", percentile(took, 0.99), "ms", of),
        Figure("messages.server_cpu", 1e6 * cpu / (sent * MEMBERS), "ms/1000 deliveries", of),
    ]


async def _loop(table: Table, begun: float, until: float) -> None:
    """Posts, waits for the ack and for every member's copy, and posts again, each member in turn."""
    while (now := time.perf_counter()) < until:
        seat = table.seats[table.posted % len(table.seats)]
        table.posted += 1
        table.complete.clear()
        await seat.socket.send(post_frame(table.case, seat.person))
        await asyncio.wait_for(table.complete.wait(), ANSWER_SECONDS)
        if table.refused:
            return
        if now >= begun:
            table.took_ms.append(1000 * (time.perf_counter() - now))


def post_frame(case: Case, person: Person) -> str:
    from crypto.messages import parse_wire

    sealed = case.seal(person, BODY)
    header = parse_wire(sealed).header
    return json.dumps({"type": "message.post", "id": b64(header.msg_id), "thread": case.id, "wire": b64(sealed)})


async def _read(table: Table, seat: Seat) -> None:
    async for text in seat.socket:
        frame: dict[str, Any] = json.loads(text)
        if frame["type"] == "message.new":
            table.arrived(seat)
        elif frame["type"] == "error":
            table.refused.append(frame["code"])
            table.complete.set()


async def sit(address: str, person: Person, device: bytes) -> Seat:
    """A socket at a worker that has said hello, in a session of the person's own."""
    from asgiref.sync import sync_to_async

    from tests.messaging.crowd import session_cookie

    cookie = await sync_to_async(session_cookie)(person)
    return Seat(person, await say_hello(address, cookie, b64(device)))


async def _idle(server: Server, person: Person) -> list[Figure]:
    """What a thousand sockets that say nothing cost the server in memory."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    before = _resident_mb(server)
    seats = [await sit(server.address, person, person.device) for _ in range(IDLE_SOCKETS)]
    grown = _resident_mb(server) - before
    await asyncio.gather(*(seat.socket.close() for seat in seats))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return [Figure("sockets.idle_memory", grown * 1000 / IDLE_SOCKETS, "MB/1000", {"sockets": IDLE_SOCKETS})]


def _processes(server: Server) -> list[int]:
    """The server's process and its children (the workers)."""
    found, todo = [], [server.pid]
    while todo:
        pid = todo.pop()
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").iterdir():
            todo += [int(child) for child in (task / "children").read_text().split()]
    return found


def _resident_mb(server: Server) -> float:
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in _processes(server))
    return sum(pages) * resource.getpagesize() / 1e6


def _cpu_seconds(server: Server) -> float:
    ticks = 0
    for pid in _processes(server):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")
