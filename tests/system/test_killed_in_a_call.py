"""SIGKILL in the middle of a call, of each part in turn: media goes on or comes back, and nobody is let in by it.

What it takes in seconds is measured in benchmarks/; here the ceilings are those of a crowded machine.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from config.environment import ROOT
from crypto.primitives import random_bytes
from tests.conference.peer import until
from tests.server import Server
from tests.system.calls import Caller, Forwarder, all_hear, forwarder, hear_on, shown_once
from tests.system.case import Scene, begin_scene
from wire.conference import RoomAdmit

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

BACK_S = 120.0


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Forwarder]]:
    server = Server(tmp_path_factory.mktemp("killed"), {"CONSILIUM_WORKERS": "1"})
    try:
        with forwarder(server) as running:
            yield server, running
    finally:
        server.stop()


def states_of(caller: Caller) -> dict[str, str]:
    """Everybody's state, by name, as this person last saw it."""
    return {one["name"]: one["state"] for one in caller.of("room.state")[-1]["people"]}


def stays_outside(samuel: Caller) -> bool:
    return not samuel.of("room.admitted") and not samuel.of("room.offer") and not samuel.of("room.keys")


async def media_goes_on(speaker: Caller, hearer: Caller) -> None:
    """On the very connections that there were."""
    assert speaker.peer is not None and hearer.peer is not None
    said, heard = speaker.peer, hearer.peer
    before = heard.heard(said)
    said.send("audio", b"and what is more")
    await until(lambda: heard.heard(said) > before, "media")


async def said_goodbye(caller: Caller) -> None:
    await until(lambda: bool(caller.of("room.bye")), f"a goodbye to {caller.account.me.name}", BACK_S)


async def is_seen(watcher: Caller, name: str, state: str) -> None:
    await until(lambda: states_of(watcher)[name] == state, f"{name} {state}", BACK_S)


async def test_a_killed_web_server_does_not_end_the_call_and_admits_nobody(house: tuple[Server, Forwarder]) -> None:
    server, _ = house
    scene = await begin_scene(server, server.address)
    async with scene.callers(scene.running) as (elena, maya, samuel):
        for caller in (elena, maya):
            await caller.enter(elena)
        await samuel.knock()
        await all_hear([elena, maya])
        server.kill()
        # Nobody is there to ask: the forwarder goes on for as long as it was last told that consent covers them.
        await media_goes_on(elena, maya)
        await asyncio.to_thread(server.start)
        for caller in (elena, maya):
            if await caller.comes_back() == "knock":
                await caller.rejoins()
        await hear_on([elena, maya], BACK_S)
        if await samuel.comes_back() == "knock":
            await samuel.knock()
        assert stays_outside(samuel)
        await is_seen(elena, "Samuel", "knocking")
        assert all(shown_once(caller) for caller in (elena, maya))
        await elena.command(RoomAdmit(id=random_bytes(16), room=elena.room, user=samuel.id))
        await until(lambda: bool(samuel.of("room.admitted")), "a ticket at the host's word", BACK_S)


async def test_a_killed_forwarder_is_noticed_and_everybody_who_was_in_comes_back(
    house: tuple[Server, Forwarder],
) -> None:
    server, running = house
    scene = await begin_scene(server, server.address)
    async with scene.callers(scene.running) as (elena, maya, samuel):
        for caller in (elena, maya):
            await caller.enter(elena)
        await samuel.knock()
        await all_hear([elena, maya])
        running.kill()
        await asyncio.to_thread(running.start)
        for caller in (elena, maya):
            await said_goodbye(caller)
            assert [(bye["action"], bye["reason"]) for bye in caller.of("room.bye")] == [("rejoin", "media_lost")]
            await caller.rejoins()
        await hear_on([elena, maya], BACK_S)
        assert stays_outside(samuel)
        assert all(shown_once(caller) for caller in (elena, maya))


async def test_a_client_whose_address_changes_is_heard_from_the_new_one(house: tuple[Server, Forwarder]) -> None:
    server, _ = house
    scene = await begin_scene(server, server.address)
    async with scene.callers(scene.running) as (elena, maya, _):
        for caller in (elena, maya):
            await caller.enter(elena)
        await all_hear([elena, maya])
        assert maya.peer is not None
        call, ports = maya.call, [leg.sock.getsockname() for leg in maya.peer.legs]
        for leg in maya.peer.legs:
            leg.roam()
        assert not set(ports) & {leg.sock.getsockname() for leg in maya.peer.legs}
        await hear_on([elena, maya])
        assert (maya.call, maya.of("room.bye")) == (call, [])


@asynccontextmanager
async def tab(scene: Scene, device: bytes) -> AsyncIterator[asyncio.subprocess.Process]:
    """Samuel's tab, in a process of its own; killed at the end if it was not before."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.system.tab", scene.server.address, scene.samuel.email, device.hex(),
        scene.case.thread.id.hex(), scene.running.hex(), cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def says(process: asyncio.subprocess.Process, word: str) -> None:
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 3 * BACK_S)
    assert line.decode().strip() == word


async def test_a_killed_tab_disturbs_nobody_and_comes_back_as_one_person(house: tuple[Server, Forwarder]) -> None:
    server, _ = house
    scene = await begin_scene(server, server.address)
    device = scene.here.api.device
    async with scene.callers(scene.running) as (elena, maya, samuel):
        for caller in (elena, maya):
            await caller.enter(elena)
        await all_hear([elena, maya])
        async with tab(scene, device) as first:
            await says(first, "knocking")
            await elena.command(RoomAdmit(id=random_bytes(16), room=elena.room, user=samuel.id))
            await says(first, "in")
            await is_seen(elena, "Samuel", "connected")
            first.kill()
            await first.wait()
        # His key is still among those of the call until he is given up or comes back: what they hear does not stop.
        await media_goes_on(elena, maya)
        assert elena.peer is not None
        async with tab(scene, device) as second:
            await says(second, "knocking")
            await says(second, "in")
            elena.peer.got.clear()
            await until(lambda: hears(elena, samuel.id), "his new media", BACK_S)
            await is_seen(elena, "Samuel", "connected")
        assert [name for name, state in states_of(elena).items() if state == "connected"] == ["Elena", "Samuel", "Maya"]
        assert all(shown_once(caller) for caller in (elena, maya))


def hears(caller: Caller, user: bytes) -> bool:
    """Whether this person's present stream arrives."""
    return caller.peer is not None and caller.peer.tracks.get((user, "audio"), 0) in caller.peer.got
