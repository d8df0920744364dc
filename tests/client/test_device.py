"""A device: delivery through broken connections, restarts and repeats, against a running server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from client import account as accounts
from client import consent
from client.api import Api
from client.delivery import Delivery
from client.device import Device, open_device
from client.errors import ApiError
from client.threads import Opened
from crypto.primitives import digest, random_bytes
from crypto.tables import HistoryKind
from tests.client.people import PASSWORD, Person
from tests.client.test_threads import Case, begin, let_in, post, texts
from tests.server import Server

pytestmark = pytest.mark.server


async def take(arrivals: AsyncIterator[tuple[bytes, Opened]], count: int) -> list[str]:
    async with asyncio.timeout(30):
        return [(await anext(arrivals))[1].text for _ in range(count)]


async def opened(server: Server, person: Person, path: Path) -> Device:
    return await open_device(server.address, email=person.email, password=PASSWORD, outbox=path)


async def cut(delivery: Delivery) -> None:
    await (await delivery.online()).drop()


async def test_it_works(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    async with Device(case.elena.account) as hers, Device(case.maya.account) as mine:
        name = hers.say(case.thread.id, "How did you sleep?")
        assert (await hers.posted(name)).seq == 1
        arrivals = mine.arrivals()
        assert await take(arrivals, 1) == ["How did you sleep?"]
        mine.say(case.thread.id, "Better.")
        mine.say(case.thread.id, "Thank you.")
        assert await take(arrivals, 2) == ["Better.", "Thank you."]
        assert await take(hers.arrivals(), 3) == ["How did you sleep?", "Better.", "Thank you."]


async def test_a_cut_at_any_moment_costs_neither_a_message_nor_a_repeat(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    async with Device(case.elena.account) as hers, Device(case.maya.account) as mine:
        said = [f"{number}" for number in range(30)]
        for number, text in enumerate(said):
            name = hers.say(case.thread.id, text)
            if number % 5 == 0:
                await cut(hers.delivery)
            if number % 7 == 0:
                await cut(mine.delivery)
        await hers.posted(name)
        assert await take(mine.arrivals(), 30) == said
    assert await texts(case.maya, case.thread) == said


async def test_what_waits_when_the_process_ends_is_sent_by_the_next(
    live_server_process: Server, tmp_path: Path
) -> None:
    case = await begin(live_server_process)
    device = await opened(live_server_process, case.elena, tmp_path / "outbox")
    device.say(case.thread.id, "Written offline.")
    device.outbox.close()
    again = await opened(live_server_process, case.elena, tmp_path / "outbox")
    assert again.account.api.device == device.account.api.device
    async with again:
        assert await take(again.arrivals(), 1) == ["Written offline."]
        assert again.outbox.drafts == []


async def test_a_message_that_is_there_already_is_not_sent_twice(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    answer = digest("CT1:local", b"the answer to one question")[:16]
    async with Device(case.elena.account) as device:
        device.say(case.thread.id, "Once.", msg_id=answer)
        first = await device.posted(answer)
    other = await accounts.sign_in(Api(live_server_process.address), email=case.elena.email, password=PASSWORD)
    async with Device(other) as device:
        device.say(case.thread.id, "Once.", msg_id=answer)
        assert (await device.posted(answer)).seq == first.seq
    assert await texts(case.elena, case.thread) == ["Once."]


async def test_what_was_dealt_with_does_not_come_again(live_server_process: Server, tmp_path: Path) -> None:
    case = await begin(live_server_process)
    await post(case.maya, case.thread, "One.")
    async with await opened(live_server_process, case.elena, tmp_path / "outbox") as device:
        async for thread, message in device.arrivals():
            device.done(thread, message.seq)
            break
        device.outbox.close()
    await post(case.maya, case.thread, "Two.")
    async with await opened(live_server_process, case.elena, tmp_path / "outbox") as device:
        assert await take(device.arrivals(), 1) == ["Two."]


async def test_a_clock_that_is_wrong_by_a_year_does_not_stop_a_device(
    live_server_process: Server, tmp_path: Path
) -> None:
    case = await begin(live_server_process)
    path = tmp_path / "outbox"
    async with await opened(live_server_process, case.elena, path) as device:
        device.account.count_from(accounts.now_ms() + 366 * 86_400_000)
        await device.posted(device.say(case.thread.id, "Ahead by a year."))
        await device.account.api.close()
    # Begun again with the clock set right, and no memory of the counter: the device's name alone is left.
    path.unlink()
    async with await opened(live_server_process, case.elena, path) as device:
        await device.posted(device.say(case.thread.id, "And right again."))
        await device.account.api.close()
    assert await texts(case.maya, case.thread) == ["Ahead by a year.", "And right again."]


async def test_a_refusal_for_good_is_named_and_the_draft_is_kept(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await let_in(case, HistoryKind.ALL)
    async with Device(case.samuel.account) as device:
        await device.posted(device.say(case.thread.id, "I have read it."))
        await consent.withdraw(case.maya.account, grantee_fp=case.samuel.account.vault.identity.fp)
        name = device.say(case.thread.id, "May I still?")
        with pytest.raises(ApiError) as refusal:
            await device.posted(name)
        assert refusal.value.code == "not_found"
        assert [(one.msg_id, one.failure) for one in device.outbox.drafts] == [(name, "not_found")]
    assert "May I still?" not in await texts(case.maya, case.thread)


async def test_one_who_must_see_nothing_is_sent_nothing(live_server_process: Server) -> None:
    case: Case = await begin(live_server_process)
    async with Device(case.samuel.account) as outsider:
        name = outsider.say(case.thread.id, "Hello?", msg_id=random_bytes(16))
        with pytest.raises(ApiError) as refusal:
            await outsider.posted(name)
        assert refusal.value.code == "not_found"
        await post(case.elena, case.thread, "Not for him.")
        assert outsider.delivery.heads() == {} and case.thread.id not in outsider.threads


async def test_a_session_that_has_ended_is_named(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    async with Device(case.maya.account) as device:
        await device.delivery.online()
        await case.maya.api.sign_out()
        with pytest.raises(ApiError) as refusal:
            await take(device.arrivals(), 1)
        assert refusal.value.code == "signed-out"
