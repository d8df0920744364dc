"""Whoever was put out of a call does not come back into it, by any of seven ways, each of which was open before.

There is no eighth, a guest's link: whoever is in a call has an account. The seventh is the page of the lobby.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest

from client.account import Account
from client.errors import ApiError
from conference.media.stun import make_check
from crypto.primitives import random_bytes
from tests.conference.peer import Leg
from tests.server import Server
from tests.system.calls import Caller, all_hear, forwarder, hear_on
from tests.system.case import Scene, begin_scene
from tests.system.relay import SECRET, Relayed, allocate, answered, credential, listening, relay
from tests.system.workers import sign_in_at, two_workers
from wire.base import b64
from wire.conference import IceServer, RoomConnect, RoomRemove, RoomView

pytestmark = [pytest.mark.server, pytest.mark.timeout(900)]

Way = Callable[[], Awaitable[bool]]
REFUSALS = frozenset({"not_found", "not_now", "ticket", "shut_out"})


@pytest.fixture(scope="module")
def relayed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, str, int]]:
    folder: Path = tmp_path_factory.mktemp("ways")
    with relay(folder) as port:
        settings = {"CONSILIUM_TURN_URLS": f"turn:127.0.0.1:{port}", "CONSILIUM_TURN_SECRET": SECRET}
        with two_workers(folder, settings) as (server, other), forwarder(server):
            yield server, other, port


async def is_let(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except ApiError as error:
        if error.code not in REFUSALS:
            raise
        return False
    return True


class Ways:
    """What Samuel can try: with the device and socket that he has, with others, and through the relay."""

    def __init__(self, scene: Scene, samuel: Caller, port: int, maya: Caller) -> None:
        self.scene, self.samuel, self.port, self.maya = scene, samuel, port, maya
        self.tickets: list[str] = []
        self.leg: Leg = listening(samuel)
        self.given: IceServer = credential(samuel)

    async def keep_tickets(self, count: int) -> None:
        """Knocks for tickets and uses none."""
        for _ in range(count):
            await self.samuel.knock(move=True)
        self.tickets = [frame["ticket"] for frame in self.samuel.of("room.admitted")][-count:]
        self.leg, self.given = listening(self.samuel), credential(self.samuel)

    async def old_ticket(self) -> bool:
        samuel, ticket = self.samuel, self.tickets.pop()
        assert samuel.keys is not None
        join = RoomConnect(
            id=random_bytes(16), room=samuel.room, device=samuel.device, ticket=ticket, join=samuel.keys.join
        )
        return await is_let(samuel.command(join))

    async def resume(self) -> bool:
        return await is_let(self.samuel.says_where())

    async def _knocks(self, account: Account) -> bool:
        """A knock from another socket; a ticket is what counts."""
        thread = self.samuel.thread
        async with Caller(account, thread, self.samuel.room) as other:
            return await is_let(other.knock(move=True)) and bool(other.of("room.admitted"))

    async def new_tab(self) -> bool:
        return await self._knocks(self.samuel.account)

    async def second_device(self) -> bool:
        return await self._knocks(await sign_in_at(self.scene.server.address, self.scene.samuel))

    async def another_worker(self) -> bool:
        return await self._knocks(self.scene.here)

    async def through_the_relay(self) -> bool:
        """Whether the forwarder answers his checks, on an allocation that the kept credential opens."""
        end = await allocate(self.port, self.given)
        asked = {self._check(end) for _ in range(5)}
        # The road itself is open: another person's check takes it, and what was asked first was there first.
        await answered(end, listening(self.maya), nominate=False)
        end.transport.close()
        return bool(asked & end.answers)

    def _check(self, end: Relayed) -> bytes:
        return end.check(make_check(self.leg.ufrag, self.leg.password, nominate=False), self.leg.server)

    async def lobby(self) -> bool:
        return await is_let(self.samuel.account.api.get(f"/rooms/{b64(self.samuel.room)}", RoomView))

    def all(self) -> dict[str, Way]:
        return {
            "resume": self.resume,
            "through the relay": self.through_the_relay,
            "lobby": self.lobby,
            "new tab": self.new_tab,
            "second device": self.second_device,
            "another worker": self.another_worker,
            "old ticket": self.old_ticket,
        }


async def put_out(scene: Scene, elena: Caller, samuel: Caller, how: str) -> None:
    if how == "by the patient's withdrawal":
        await scene.withdraw()
    else:
        await elena.command(RoomRemove(id=random_bytes(16), room=elena.room, user=samuel.id))


@pytest.mark.parametrize("how", ["by the host", "by the patient's withdrawal"])
async def test_none_of_the_seven_ways_leads_back(relayed: tuple[Server, str, int], how: str) -> None:
    server, other, port = relayed
    scene = await begin_scene(server, other)
    async with scene.callers(scene.running) as (elena, maya, samuel):
        for caller in (elena, maya, samuel):
            await caller.enter(elena)
        await all_hear([elena, maya, samuel])
        ways = Ways(scene, samuel, port, maya)
        before = {}
        for name, way in ways.all().items():
            await ways.keep_tickets(1)
            before[name] = await way()
        assert [name for name, was_open in before.items() if not was_open] == []

        await samuel.rejoins()
        await hear_on([elena, maya, samuel])
        await ways.keep_tickets(2)
        await put_out(scene, elena, samuel, how)
        await hear_on([elena, maya])
        assert samuel.peer is not None
        heard = {ssrc: len(got.payloads) for ssrc, got in samuel.peer.got.items()}
        offered = len(samuel.of("room.offer"))
        after = {name: await way() for name, way in ways.all().items()}
        assert len(after) == 7
        assert [name for name, is_open in after.items() if is_open] == []
        await hear_on([elena, maya])
        assert {ssrc: len(got.payloads) for ssrc, got in samuel.peer.got.items()} == heard
        assert len(samuel.of("room.offer")) == offered
