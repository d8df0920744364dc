"""The longest silence in a call when a part of it is killed or a client's address changes, by SIGKILL and for real.

Elena speaks a packet every ten milliseconds and Maya listens; the silence is the longest time in which nothing of hers
arrives, from before the blow until they are back. The starting time of whatever was killed is in it.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

from benchmarks.figure import Figure
from tests.conference.peer import until
from tests.server import Server
from tests.services import PROFILE
from tests.system.calls import Caller, Forwarder, all_hear, forwarder, hear_on
from tests.system.case import begin_scene

TRIALS, EVERY_S, LOOK_S, BEFORE_S, BACK_S = 5, 0.01, 0.005, 0.5, 60.0
Blow = Callable[[Caller, Caller], Awaitable[None]]


def figures(trials: int = TRIALS) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder:
        server = Server(Path(folder), {"CONSILIUM_WORKERS": "1"})
        try:
            with forwarder(server) as running:
                silences = asyncio.run(_measure(server, running, trials))
        finally:
            server.stop()
    for what, silent in silences.items():
        of: dict[str, int | float | str] = {"trials": trials, "profile": PROFILE}
        yield Figure(f"call.{what}.silence.p50", sorted(silent)[len(silent) // 2], "ms", of)
        yield Figure(f"call.{what}.silence.max", max(silent), "ms", of)


async def _measure(server: Server, running: Forwarder, trials: int) -> dict[str, list[float]]:
    async def kill_server(*callers: Caller) -> None:
        server.kill()
        await asyncio.to_thread(server.start)
        for caller in callers:
            if await caller.comes_back() == "knock":
                await caller.rejoins()

    async def kill_forwarder(*callers: Caller) -> None:
        byes = [len(caller.of("room.bye")) for caller in callers]
        running.kill()
        await asyncio.to_thread(running.start)
        await asyncio.gather(*(_rejoins(caller, had) for caller, had in zip(callers, byes, strict=True)))

    async def roam(*callers: Caller) -> None:
        for caller in callers:
            assert caller.peer is not None
            for leg in caller.peer.legs:
                leg.roam()

    blows: dict[str, Blow] = {"server_killed": kill_server, "forwarder_killed": kill_forwarder, "address_changed": roam}
    scene = await begin_scene(server, server.address)
    async with scene.callers(scene.running) as (elena, maya, _):
        for caller in (elena, maya):
            await caller.enter(elena)
        await all_hear([elena, maya], BACK_S)
        return {what: [await _silence(elena, maya, blow) for _ in range(trials)] for what, blow in blows.items()}


async def _rejoins(caller: Caller, byes: int) -> None:
    await until(lambda: len(caller.of("room.bye")) > byes, "the goodbye", BACK_S)
    await caller.rejoins()


async def _silence(speaker: Caller, hearer: Caller, blow: Blow) -> float:
    """The longest silence at the hearer, in milliseconds."""
    longest = 0.0

    async def speak() -> None:
        while True:
            if speaker.peer is not None and speaker.peer.pub is not None and speaker.peer.pub.dtls.connected:
                speaker.peer.send("audio", b"sealed")
            await asyncio.sleep(EVERY_S)

    async def listen() -> None:
        nonlocal longest
        seen, at = _heard(hearer), time.monotonic()
        while True:
            await asyncio.sleep(LOOK_S)
            if (now := _heard(hearer)) != seen:
                seen, at = now, time.monotonic()
            longest = max(longest, time.monotonic() - at)

    working = [asyncio.create_task(task) for task in (speak(), listen())]
    try:
        await asyncio.sleep(BEFORE_S)
        await blow(speaker, hearer)
        before = _heard(hearer)
        await until(lambda: _heard(hearer) != before, "media", BACK_S)
    finally:
        for task in working:
            task.cancel()
    await hear_on([speaker, hearer], BACK_S)
    return longest * 1000


def _heard(hearer: Caller) -> int:
    """How many packets have arrived on what is connected now."""
    return sum(len(got.payloads) for got in hearer.peer.got.values()) if hearer.peer is not None else 0
