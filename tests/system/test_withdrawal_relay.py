"""A relay's credential outlives a withdrawal by some seconds, and its allocation by more: both lead nowhere."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed

from conference.media.stun import make_check
from tests.conference.peer import until
from tests.server import Server
from tests.system.calls import Caller, all_hear, forwarder
from tests.system.case import begin_scene
from tests.system.relay import SECRET, allocate, answered, credential, listening, relay
from tests.system.workers import two_workers

pytestmark = pytest.mark.server


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, int]]:
    folder: Path = tmp_path_factory.mktemp("relay")
    with relay(folder) as port:
        settings = {"CONSILIUM_TURN_URLS": f"turn:127.0.0.1:{port}", "CONSILIUM_TURN_SECRET": SECRET}
        with two_workers(folder, settings) as (server, other), forwarder(server):
            yield server, other, port


async def speak(speaker: Caller, hearer: Caller, packets: int) -> None:
    """Sends until the hearer has heard so many more."""
    assert speaker.peer is not None and hearer.peer is not None
    enough = hearer.peer.heard(speaker.peer) + packets

    def heard() -> bool:
        assert speaker.peer is not None and hearer.peer is not None
        speaker.peer.send("audio", b"sealed")
        return hearer.peer.heard(speaker.peer) >= enough

    await until(heard, "the others hear each other")


async def test_after_a_withdrawal_the_relay_leads_nowhere(relayed: tuple[Server, str, int]) -> None:
    server, other, port = relayed
    scene = await begin_scene(server, other)
    async with scene.callers(scene.running) as (elena, maya, samuel):
        for caller in (elena, maya, samuel):
            await caller.enter(elena)
        await all_hear([elena, maya, samuel])
        given, mine = credential(samuel), listening(samuel)
        before = await allocate(port, given)
        await answered(before, mine, nominate=True)
        await speak(elena, maya, 20)
        await until(lambda: before.media > 0, "media over the relay")

        await scene.withdraw()
        await speak(elena, maya, 20)
        heard = before.media
        after = await allocate(port, given)
        for end in (before, after):
            asked = [end.check(make_check(mine.ufrag, mine.password, nominate=True), mine.server) for _ in range(5)]
            # The road itself is open: another person's check takes it, and what was asked first was there first.
            await answered(end, listening(maya), nominate=False)
            assert not set(asked) & end.answers
        await speak(elena, maya, 50)
        assert (before.media, after.media) == (heard, 0)
        for end in (before, after):
            end.transport.close()


async def test_the_relay_reaches_the_forwarder_and_nobody_else(relayed: tuple[Server, str, int]) -> None:
    server, other, port = relayed
    scene = await begin_scene(server, other)
    async with scene.callers(scene.running) as (elena, _, samuel):
        for caller in (elena, samuel):
            await caller.enter(elena)
        end = await allocate(port, credential(samuel))
        strangers = [("127.0.0.2", 9), ("10.0.0.1", 53), ("192.0.2.1", 443)]
        for stranger in strangers:
            end.transport.sendto(b"out", stranger)
        await until(lambda: len(end.refused) == len(strangers), "the relay's refusals")
        assert set(end.refused) == {403}
        end.transport.close()


async def test_a_credential_is_of_one_minute_and_cannot_be_prolonged(relayed: tuple[Server, str, int]) -> None:
    server, other, port = relayed
    scene = await begin_scene(server, other)
    async with scene.callers(scene.running) as (elena, _, samuel):
        for caller in (elena, samuel):
            await caller.enter(elena)
        admitted, given = samuel.of("room.admitted")[-1], credential(samuel)
        expiry, user = given.username.split(":")
        assert int(expiry) == admitted["expires"] // 1000
        later = given.model_copy(update={"username": f"{int(expiry) + 3600}:{user}"})
        past = given.model_copy(update={"username": f"{int(expiry) - 3600}:{user}"})
        guessed = given.model_copy(update={"credential": secrets.token_urlsafe(15)})
        for forged in (later, past, guessed):
            with pytest.raises(TransactionFailed):
                await asyncio.wait_for(allocate(port, forged), 20)
