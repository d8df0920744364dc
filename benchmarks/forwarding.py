"""The media forwarder in a process of its own: processor time for each packet it sends, and the time it adds.

The people are raw RTP peers with real DTLS and SRTP on loopback, in this process; what they cost is not counted.
"""

from __future__ import annotations

import asyncio
import math
import multiprocessing
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from benchmarks.figure import Figure
from conference.media.messages import Event
from conference.media.server import Config, serve
from conference.media.ticket import make_grant, seal_ticket
from tests.conference.peer import Line, Peer, until

KEY, ROOM = b"b" * 32, b"B" * 16
PACKETS_A_SECOND, PAYLOAD, SECONDS = 90, 700, 5.0
"""For each person: about 500 kbit/s of video and a voice."""


def _run(control: Path, ready: object) -> None:
    """The forwarder as `manage.py run_sfu` runs it, without Django."""
    from multiprocessing.synchronize import Event as Flag

    import uvloop

    assert isinstance(ready, Flag)
    uvloop.run(serve(Config(control=control, key=KEY, unchecked_s=math.inf), lambda port: ready.set()))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass
class Load:
    """What one run came to."""

    sent: int
    forwarded: int
    cpu: float
    seconds: float


async def _join(line: Line, people: dict[bytes, Peer], number: int) -> None:
    user = bytes([number]) * 16
    people[user] = Peer(user, ROOM, line, video=True)
    grant = make_grant(ROOM, user, b"d" * 16, time.time_ns() // 1_000_000, hold=False)
    reply = await line.ask("join", ticket=seal_ticket(KEY, grant))
    assert reply.error == "", reply
    await people[user].ready()


async def _forwarded(line: Line) -> int:
    reply = await line.ask("stats", room=ROOM)
    return sum(person.forwarded for person in reply.rooms[0].people)


async def _load(control: Path, pid: int, size: int, seconds: float) -> Load:
    people: dict[bytes, Peer] = {}
    line = Line()
    await line.open(control)

    def event(one: Event) -> None:
        if one.user in people:
            people[one.user].take(one)

    line.on_event = event
    async with AsyncExitStack() as stack:
        stack.push_async_callback(line.close)
        for number in range(1, size + 1):
            await _join(line, people, number)
            stack.callback(people[bytes([number]) * 16].close)
        everybody = list(people.values())
        await _warm_up(everybody)
        before, cpu, began, sent = await _forwarded(line), cpu_seconds(pid), time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            for _ in range(max(0, int(passed * PACKETS_A_SECOND) - sent // size)):
                for peer in everybody:
                    peer.send("video", os.urandom(PAYLOAD))
                sent += size
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.2)
        spent, took = cpu_seconds(pid) - cpu, time.monotonic() - began
        return Load(sent, await _forwarded(line) - before, spent, took)


async def _warm_up(people: list[Peer]) -> None:
    def all_hear() -> bool:
        for peer in people:
            peer.send("video", b"warm")
        return all(a.heard(b, "video") for a in people for b in people if a is not b)

    await until(all_hear, "everybody hears everybody", 30)


def measure(size: int, seconds: float) -> Load:
    """One call of `size` people, in which everybody sends for `seconds`."""
    spawn = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        control, ready = Path(folder) / "sfu.sock", spawn.Event()
        server = spawn.Process(target=_run, args=(control, ready), daemon=True)
        server.start()
        try:
            if not ready.wait(30) or server.pid is None:
                raise RuntimeError("the forwarder did not start")
            return asyncio.run(asyncio.wait_for(_load(control, server.pid, size, seconds), seconds + 60))
        finally:
            server.terminate()
            server.join(10)


def figures(seconds: float = SECONDS, sizes: tuple[int, ...] = (6, 10)) -> Iterator[Figure]:
    for size in sizes:
        load = measure(size, seconds)
        of: dict[str, int | float | str] = {
            "people": size,
            "seconds": round(load.seconds, 1),
            "packets": load.forwarded,
        }
        yield Figure("forwarder.cpu_per_packet_out", load.cpu / load.forwarded * 1e6, "µs", of)
        yield Figure("forwarder.cores", load.cpu / load.seconds, "cores", of)
        yield Figure("forwarder.delivered", load.forwarded / (load.sent * (size - 1)), "share", of)
