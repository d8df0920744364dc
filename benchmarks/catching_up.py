"""From one person's word to another's screen, and from a connection that comes back to everything that was missed.

Two devices of the headless client over real sockets, with real keys; what counts is the moment at which a message is
decrypted. The one that comes back was there before, so it has the log and the keys; it fetches, checks and opens.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from benchmarks.figure import Figure, percentile
from client.api import Api
from client.device import Device
from client.line import Line, dial
from client.threads import Opened
from tests.client.test_threads import Case, begin
from tests.server import Server

SPOKEN = 300
MISSED = (1, 100, 10_000)
AT_ONCE = 1_000
"""Words that wait in the writer's outbox; they go out one after the other, as a person's do."""
WAIT_S = 600.0
Arrivals = AsyncIterator[tuple[bytes, Opened]]


class Gate:
    """The way to the server, which can be closed."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.opened.set()

    async def dial(self, api: Api) -> Line:
        await self.opened.wait()
        return await dial(api)


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder:
        server = Server(Path(folder))
        try:
            yield from asyncio.run(_measure(server))
        finally:
            server.stop()


async def _measure(server: Server) -> list[Figure]:
    case, gate = await begin(server), Gate()
    async with Device(case.elena.account) as hers, Device(case.maya.account, dialling=gate.dial) as mine:
        arrivals = mine.arrivals()
        took = [await _spoken(hers, arrivals, case, number) for number in range(SPOKEN)]
        found = [
            Figure("messages.to_screen.p50", percentile(took, 0.50), "ms", {"messages": SPOKEN}),
            Figure("messages.to_screen.p99", percentile(took, 0.99), "ms", {"messages": SPOKEN}),
        ]
        for missed in MISSED:
            seconds = await _missed(hers, mine, arrivals, case, gate, missed)
            found.append(Figure("reconnect.caught_up", 1000 * seconds, "ms", {"missed": missed}))
    return found


async def _spoken(hers: Device, arrivals: Arrivals, case: Case, number: int) -> float:
    begun = time.perf_counter()
    hers.say(case.thread.id, f"word {number}")
    await _take(arrivals, 1)
    return 1000 * (time.perf_counter() - begun)


async def _missed(hers: Device, mine: Device, arrivals: Arrivals, case: Case, gate: Gate, missed: int) -> float:
    gate.opened.clear()
    await (await mine.delivery.online()).drop()
    for first in range(0, missed, AT_ONCE):
        names = [hers.say(case.thread.id, f"missed {number}") for number in range(first, min(missed, first + AT_ONCE))]
        async with asyncio.timeout(WAIT_S):
            await hers.posted(names[-1])
    begun = time.perf_counter()
    gate.opened.set()
    await _take(arrivals, missed)
    return time.perf_counter() - begun


async def _take(arrivals: Arrivals, count: int) -> None:
    async with asyncio.timeout(WAIT_S):
        for _ in range(count):
            _, message = await anext(arrivals)
            if message.code:
                raise RuntimeError(f"message {message.seq} could not be opened: {message.code}")
