"""Seeded schedules over real sockets, with workers, PostgreSQL and Redis killed in between.

CONSILIUM_SOAK_SCHEDULES says how many (a few by default), CONSILIUM_SOAK_FIRST which seed is the first.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random

import pytest

from client import delivery, live
from client.device import Device
from client.threads import open_thread
from tests.client.test_threads import Case, begin
from tests.soak.sockets import House, Sky, house, signed_in, under
from tests.soak.weather import Weather, forecast

SCHEDULES = int(os.environ.get("CONSILIUM_SOAK_SCHEDULES", "6"))
FIRST = int(os.environ.get("CONSILIUM_SOAK_FIRST", "0"))
STORM_S, CALM_S = 3.0, 90.0

pytestmark = pytest.mark.timeout(180 + 60 * SCHEDULES)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with house(tmp_path_factory.mktemp("soak")) as made:
        yield made


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rules with shorter waits, so that a lost frame costs a second and not a heartbeat of twenty."""
    for name, seconds in (("ANSWER_SECONDS", 2.0), ("BEAT_SECONDS", 1.0), ("PONG_SECONDS", 3.0)):
        monkeypatch.setattr(live, name, seconds)
    monkeypatch.setattr(delivery, "LONGEST_WAIT", 2.0)


@asynccontextmanager
async def devices(made: House, case: Case, sky: Sky) -> AsyncIterator[list[Device]]:
    """Elena at both workers, Maya at one: three devices of two people."""
    here, there = made.workers
    async with AsyncExitStack() as stack:
        people = ((here, case.elena), (there, case.elena), (there, case.maya))
        yield [await stack.enter_async_context(under(sky, await signed_in(*one))) for one in people]


async def misfortune(made: House, chance: Random) -> None:
    """Something dies, and comes back after a while."""
    kind = chance.choice(["worker", "worker", "redis", "postgres"])
    if kind == "worker":
        worker = chance.choice(made.workers)
        await asyncio.to_thread(worker.kill)
        await asyncio.sleep(chance.uniform(0, 1))
        worker.start()
        return
    service = made.redis if kind == "redis" else made.postgres
    await asyncio.to_thread(service.kill)
    await asyncio.sleep(chance.uniform(0, 1))
    await asyncio.to_thread(service.start)


async def storm(made: House, case: Case, phones: list[Device], chance: Random, seed: int) -> list[list[str]]:
    """What each device said, in its order."""
    said: list[list[str]] = [[] for _ in phones]

    async def say(which: int, number: int) -> None:
        said[which].append(f"{seed} {which} {number}")
        phones[which].say(case.thread.id, said[which][-1])

    async def speak(which: int) -> None:
        for number in range(chance.randrange(1, 5)):
            await asyncio.sleep(chance.uniform(0, STORM_S / 3))
            await say(which, number)

    acts: list[Callable[[], Awaitable[None]]] = []
    if chance.random() < 0.4:
        acts.append(lambda: misfortune(made, chance))
    await asyncio.gather(*(speak(which) for which in range(len(phones))), *(act() for act in acts))
    await asyncio.sleep(chance.uniform(0, 1))
    return said


async def settled(phones: list[Device], thread: bytes, count: int) -> None:
    async with asyncio.timeout(CALM_S):
        while any(one.outbox.drafts or one.course(thread).held < count for one in phones):
            failed = [draft.failure for one in phones for draft in one.outbox.drafts if draft.failure]
            assert not failed, failed
            await asyncio.sleep(0.05)


def texts_on(phone: Device, thread: bytes) -> list[str]:
    taken = phone.threads[thread].messages
    assert [one.code for one in taken if one.code] == []
    assert [one.seq for one in phone.threads[thread].arrived] == list(range(1, len(taken) + 1))
    return [one.text for one in taken]


async def one_schedule(made: House, case: Case, before: list[str], seed: int) -> list[str]:
    chance = Random(seed)
    weather = forecast(chance)
    sky = Sky(chance, Weather(weather.drop, weather.repeat, weather.cut, min(weather.delay, 0.8), weather.in_order))
    calm = sky.weather.calm
    stormy, sky.weather = sky.weather, calm
    async with devices(made, case, sky) as phones:
        sky.weather = stormy
        said = await storm(made, case, phones, chance, seed)
        sky.weather = calm
        expected = len(before) + sum(len(one) for one in said)
        await settled(phones, case.thread.id, expected)
        read = [texts_on(phone, case.thread.id) for phone in phones]
    assert read[0] == read[1] == read[2], f"seed {seed}: other orders"
    assert read[0][: len(before)] == before, f"seed {seed}: what was there before has changed"
    fresh = read[0][len(before) :]
    assert sorted(fresh) == sorted(text for one in said for text in one), f"seed {seed}: lost or doubled"
    for one in said:
        assert [text for text in fresh if text in set(one)] == one, f"seed {seed}: out of order"
    return read[0]


async def test_every_device_ends_with_the_same_messages_in_the_same_order(everything: House) -> None:
    case, before = await begin(everything.server), list[str]()
    for seed in range(FIRST, FIRST + SCHEDULES):
        if len(before) > 400:
            case, before = await begin(everything.server), []
        before = await one_schedule(everything, case, before, seed)
    thread = await open_thread(case.elena.account, case.thread.id)
    assert [one.text for one in await thread.read()] == before
