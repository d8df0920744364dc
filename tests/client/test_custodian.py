"""A custodian at its post: an emergency reads within seconds while everybody else is away, a false one never."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from client import consent, custodian, emergency
from client.api import Api
from client.custodian import Answer
from client.threads import Thread, open_thread
from crypto.tables import Action, HistoryKind, Role
from tests.client.lying import deceived, entries
from tests.client.people import Person, staff
from tests.client.test_emergency import Ward, declared, refused, texts, ward
from tests.server import Server
from wire.base import b64
from wire.emergency import EmergencyOut
from wire.messaging import LogPage

pytestmark = pytest.mark.server
SECONDS = 30.0
"""On a busy machine; it takes some two."""


async def posted(server: Server, house: Ward) -> Person:
    """A custodian whom Maya has let read, and nothing else."""
    watch = await staff(server, "Watch", "Riverside", "nurse")
    thread = await open_thread(house.elena.account, house.thread.id)
    reads = int(Action.READ)
    await thread.invite(watch.account.me.id, int(Role.NURSE), reads, HistoryKind.ALL, "emergencies at night")
    [asked] = await consent.requests(house.maya.account)
    await consent.agree(house.maya.account, asked)
    await thread.tend()
    return watch


async def test_it_works(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    watch = await posted(live_server_process, house)
    answers = custodian.watch(watch.account)
    first = asyncio.ensure_future(anext(answers))
    opened = await declared(house)
    await emergency.ask_for_keys(house.ruth.account, opened, opened.threads[0])
    # Nobody else is connected: what Ruth reads she has from the custodian.
    async with asyncio.timeout(SECONDS):
        assert await first == Answer(house.thread.id, (house.ruth.account.me.id,))
    assert await texts(house.ruth, house) == ["She takes lithium, 900 mg."]
    [mine] = await emergency.emergencies(house.ruth.account)
    assert mine.threads[0].keys == "given"
    await answers.aclose()
    # It has nothing left to do, and said nothing.
    assert await custodian.answer(watch.account, house.thread.id) == Answer(house.thread.id)
    assert {one.sender for one in await Thread(watch.account, house.thread.id).read()} == {house.elena.account.me.id}


async def test_it_finds_what_was_declared_while_it_was_away(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    watch = await posted(live_server_process, house)
    opened = await declared(house)
    thread = await emergency.ask_for_keys(house.ruth.account, opened, opened.threads[0])
    # A log that the server has forged is refused by name, and nothing is given.
    liar_account, liar = await deceived(live_server_process, watch)
    liar.lies[LogPage] = entries(lambda log: [*log[:-1], log[-1].model_copy(update={"sig": bytes(64)})])
    forged = await custodian.answer_surely(liar_account, house.thread.id)
    assert (forged.code, forged.given) == ("E_SIG", ())
    assert await texts(house.ruth, house) == []
    # Who is no member has nothing to give, and learns nothing.
    outsider = await staff(live_server_process, "Chidi", "Northgate", "physician")
    assert (await custodian.answer_surely(outsider.account, house.thread.id)).code == "not_found"
    async with asyncio.timeout(SECONDS):
        answers = custodian.watch(watch.account)
        assert await anext(answers) == Answer(house.thread.id, (house.ruth.account.me.id,))
        await answers.aclose()
    assert await texts(house.ruth, house) == ["She takes lithium, 900 mg."]
    assert thread.id == house.thread.id


async def test_one_that_is_over_or_was_never_declared_gets_nothing(live_server_process: Server) -> None:
    house = await ward(live_server_process)
    watch = await posted(live_server_process, house)
    nothing = Answer(house.thread.id)
    assert await custodian.answer(watch.account, house.thread.id) == nothing
    opened = await declared(house)
    # Declared, and not yet in the log: there is no key to give to.
    assert await custodian.answer(watch.account, house.thread.id) == nothing
    thread = await emergency.ask_for_keys(house.ruth.account, opened, opened.threads[0])
    await house.ruth.api.post(f"/emergencies/{b64(opened.id)}/end", None, EmergencyOut)
    assert await custodian.answer(watch.account, house.thread.id) == nothing
    assert await refused(thread) == "not_found"
    mine = await open_thread(watch.account, house.thread.id)
    assert not any(mine.state.holds(house.ruth.account.me.id, one.number) for one in mine.state.epochs)


async def test_it_tries_so_often_and_no_more(live_server_process: Server) -> None:
    watch = await staff(live_server_process, "Watch", "Riverside", "nurse")
    away = replace(watch.account, api=Api("http://127.0.0.1:9"))
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    assert (await custodian.answer_surely(away, bytes(32), sleep)).code == "unavailable"
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0]
