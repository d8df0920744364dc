"""Nothing that was sent is undecryptable to one who may read it: through joins, leaves, rotations and offline members.

CONSILIUM_SOAK_MESSAGES says how many are sent (some dozens by default), CONSILIUM_SOAK_FIRST is the seed. After each
step every device holds, opened, what a fresh one fetches; a thread is left for the next after PER_THREAD messages.
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from random import Random

import pytest

from client import consent, delivery
from client.device import Device
from client.renewal import rotate_keys
from client.threads import Opened, Thread, create_thread, open_thread
from crypto.tables import HistoryKind
from tests.client.people import PASSWORD, Person
from tests.client.test_threads import Case, begin, let_in, permit
from tests.server import Server
from wire.people import PatientsPage

MESSAGES = int(os.environ.get("CONSILIUM_SOAK_MESSAGES", "60"))
FIRST = int(os.environ.get("CONSILIUM_SOAK_FIRST", "0"))
BURST, PER_THREAD, WAIT_S = 20, 500, 60.0

pytestmark = [pytest.mark.server, pytest.mark.timeout(300 + MESSAGES)]

Shown = list[tuple[int, str, str]]


def shown(messages: list[Opened]) -> Shown:
    return [(one.seq, one.text, one.code) for one in messages]


class Ward:
    """Elena and Maya on devices that stay or sleep; Samuel comes and goes by Maya's word; each renews keys."""

    def __init__(self, case: Case, chance: Random) -> None:
        self.case, self.chance = case, chance
        self.here: dict[str, tuple[Device, AsyncExitStack]] = {}
        self.done: Counter[str] = Counter()

    async def arrive(self, name: str) -> None:
        person: Person = getattr(self.case, name)
        stack = AsyncExitStack()
        self.here[name] = (await stack.enter_async_context(Device(person.account)), stack)

    async def depart(self, name: str) -> None:
        _, stack = self.here.pop(name)
        await stack.aclose()

    async def burst(self) -> None:
        """Everybody who is here writes at once, and each message has its place."""
        devices = [device for device, _ in self.here.values()]
        said = []
        for _ in range(BURST):
            writer = self.chance.choice(devices)
            said.append((writer, writer.say(self.case.thread.id, f"message {self.done['messages']}")))
            self.done["messages"] += 1
        async with asyncio.timeout(WAIT_S):
            for writer, name in said:
                await writer.posted(name)

    async def join(self) -> None:
        if "samuel" not in self.here:
            await let_in(self.case, HistoryKind.ALL)
            # A member who is online carries the consent in and gives the keys.
            await (await open_thread(self.case.elena.account, self.case.thread.id)).tend()
            await self.arrive("samuel")
            self.done["joins"] += 1

    async def leave(self) -> None:
        if "samuel" in self.here:
            await consent.withdraw(self.case.maya.account, grantee_fp=self.case.samuel.account.vault.identity.fp)
            await self.depart("samuel")
            self.done["leaves"] += 1

    async def sleep(self) -> None:
        """Somebody is offline through a burst, and comes back on an empty device."""
        name = self.chance.choice(["elena", "maya"])
        await self.depart(name)
        await self.burst()
        await self.arrive(name)
        self.done["sleeps"] += 1

    async def renew(self) -> None:
        """Somebody's keys go on to the next generation, and are carried into the thread while others write."""
        name = self.chance.choice([one for one in self.here if one != "samuel"])
        person: Person = getattr(self.case, name)
        if person.account.vault.identity.gen < 50:
            await asyncio.gather(rotate_keys(person.account, password=PASSWORD), self.burst())
            self.done["rotations"] += 1

    async def check(self) -> None:
        """Each device comes to hold what a fresh one fetches, and all of it opens."""
        for name, (device, _) in self.here.items():
            fresh = shown(await (await open_thread(device.account, self.case.thread.id)).read())
            assert [one for one in fresh if one[2]] == [], f"{name} cannot open"
            try:
                async with asyncio.timeout(WAIT_S):
                    async for _ in device.arrivals():
                        if shown(device.thread(self.case.thread.id).messages) == fresh:
                            break
            except TimeoutError:
                held = shown(device.thread(self.case.thread.id).messages)
                pytest.fail(f"{name} holds {len(held)} of {len(fresh)}: {[one for one in held if one[2]][:5]}")

    async def next_thread(self) -> None:
        """A new thread of the same people: what a fresh device fetches at each check stays bounded."""
        await self.leave()
        await self.check()
        for name in list(self.here):
            await self.depart(name)
        elena, maya = self.case.elena, self.case.maya
        await permit(maya, elena)
        record = (await elena.api.get("/patients", PatientsPage)).patients[0]
        thread: Thread = await create_thread(elena.account, record)
        await thread.tend()
        self.case.thread = thread
        await self.arrive("elena")
        await self.arrive("maya")
        self.done["threads"] += 1


async def test_nothing_is_undecryptable_and_pushes_come_to_what_a_fetch_gives(
    live_server_process: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "LONGEST_WAIT", 1.0)
    chance, begun = Random(FIRST), time.monotonic()
    ward = Ward(await begin(live_server_process), chance)
    await ward.arrive("elena")
    await ward.arrive("maya")
    try:
        once: list[Callable[[], Awaitable[None]]] = [ward.burst, ward.join, ward.renew, ward.leave, ward.sleep]
        for step in once:
            await step()
            await ward.check()
        while ward.done["messages"] < MESSAGES:
            if ward.done["messages"] // PER_THREAD > ward.done["threads"]:
                await ward.next_thread()
            for _ in range(20):
                await ward.burst()
            await chance.choice([ward.join, ward.leave, ward.sleep, ward.renew])()
            await ward.check()
    finally:
        for name in list(ward.here):
            await ward.depart(name)
    seconds = time.monotonic() - begun
    print(f"{dict(ward.done)} in {seconds:.0f} s, 0 undecryptable", file=sys.stderr, flush=True)
