"""Threads as clients have them: sealed here, opened there, and refused to everybody else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from client import account as accounts
from client import consent
from client.api import Api
from client.errors import ApiError
from client.live import Live
from client.threads import Thread, create_thread, list_threads, open_thread
from crypto.tables import ContentType, HistoryKind, Role
from tests.client.people import Person, join, patient_of, staff
from tests.server import Server
from wire.messaging import MessageNew, ThreadLost
from wire.people import PatientsPage

pytestmark = pytest.mark.server


@dataclass
class Case:
    """Maya in Elena's care, Samuel of another organisation, and Elena's thread with Maya's permission."""

    elena: Person
    samuel: Person
    maya: Person
    thread: Thread


async def permit(maya: Person, clinician: Person, history: HistoryKind = HistoryKind.ALL) -> bytes:
    wish = consent.Permission(
        grantee_fp=clinician.account.vault.identity.fp,
        grantee_name=clinician.account.me.name,
        actions=consent.LEADING,
        history=history,
    )
    return await consent.sign_permission(maya.account, wish)


async def begin(server: Server) -> Case:
    # Both organisations are there before anybody signs in: a client pins the roots that it is then shown.
    codes = server.staff_code("Riverside", "therapist"), server.staff_code("Northgate", "psychiatrist")
    elena, samuel = await join(server, "Elena", codes[0]), await join(server, "Samuel", codes[1])
    maya, patient = await patient_of(server, elena, "Maya")
    await permit(maya, elena)
    record = (await elena.api.get("/patients", PatientsPage)).patients[0]
    assert record.id == patient.id and record.fp == maya.account.vault.identity.fp
    thread = await create_thread(elena.account, record)
    await thread.tend()
    return Case(elena, samuel, maya, thread)


async def post(person: Person, thread: Thread, text: str) -> int:
    mine = await open_thread(person.account, thread.id)
    async with Live(person.api) as live:
        return (await mine.post(live, text)).seq


async def post_after_reading(person: Person, thread: Thread, text: str) -> None:
    """As a person writes: having seen what is there, which the message then cites."""
    mine = await open_thread(person.account, thread.id)
    await mine.read()
    async with Live(person.api) as live:
        await mine.post(live, text)


async def texts(person: Person, thread: Thread) -> list[str]:
    mine = await open_thread(person.account, thread.id)
    read = await mine.read()
    assert [one.code for one in read if one.code] == []
    return [one.text for one in read if one.ctype == ContentType.TEXT]


async def let_in(case: Case, history: HistoryKind) -> None:
    """Elena asks Samuel in, Maya agrees, and her client admits him."""
    role = int(Role.PSYCHIATRIST)
    await case.thread.invite(case.samuel.account.me.id, role, consent.LEADING, history, "sleep")
    waiting = await consent.requests(case.maya.account)
    assert [one.invitee_name for one in waiting] == ["Samuel"]
    await consent.agree(case.maya.account, waiting[0])


async def test_it_works(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "How did you sleep?")
    await post(case.maya, case.thread, "Better, thank you.")
    assert await texts(case.elena, case.thread) == ["How did you sleep?", "Better, thank you."]
    assert await texts(case.maya, case.thread) == ["How did you sleep?", "Better, thank you."]


async def test_one_who_is_asked_in_sees_nothing_until_the_patient_agrees(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "Before him.")
    role = int(Role.PSYCHIATRIST)
    await case.thread.invite(case.samuel.account.me.id, role, consent.WORKING, HistoryKind.ALL, "sleep")
    assert await list_threads(case.samuel.account) == []
    with pytest.raises(ApiError) as refusal:
        await open_thread(case.samuel.account, case.thread.id)
    assert refusal.value.code == "not_found"


async def test_one_who_is_let_in_with_all_history_reads_all_of_it(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "Before him.")
    await let_in(case, HistoryKind.ALL)
    await post(case.samuel, case.thread, "I have read it.")
    assert await texts(case.samuel, case.thread) == ["Before him.", "I have read it."]


async def test_one_who_is_let_in_without_history_reads_only_what_follows(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "Before him.")
    await let_in(case, HistoryKind.NONE)
    await post(case.elena, case.thread, "After him.")
    assert await texts(case.samuel, case.thread) == ["After him."]
    mine = await open_thread(case.samuel.account, case.thread.id)
    assert 1 not in mine.epoch_keys


async def test_a_withdrawal_shuts_one_out_and_the_next_words_are_under_a_new_key(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await let_in(case, HistoryKind.ALL)
    await post(case.samuel, case.thread, "Mine.")
    held = await open_thread(case.samuel.account, case.thread.id)
    async with Live(case.samuel.api) as live:
        await consent.withdraw(case.maya.account, grantee_fp=case.samuel.account.vault.identity.fp)
        lost = await live.next_push(5)
        while not isinstance(lost, ThreadLost):
            lost = await live.next_push(5)
        assert lost.thread == case.thread.id
    with pytest.raises(ApiError) as refusal:
        await open_thread(case.samuel.account, case.thread.id)
    assert refusal.value.code == "not_found"
    with pytest.raises(ApiError):
        async with Live(case.samuel.api) as live:
            await held.post(live, "May I still?")
    await post(case.elena, case.thread, "Without him.")
    after = await open_thread(case.elena.account, case.thread.id)
    assert after.state.epoch is not None and after.state.epoch.number > max(held.epoch_keys)
    assert case.samuel.account.me.id not in {one[1] for one in after.state.epoch.recipients}


async def test_a_message_arrives_while_one_listens(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    async with Live(case.maya.api) as live:
        seq = await post(case.elena, case.thread, "Are you there?")
        push = await live.next_push(5)
        while not isinstance(push, MessageNew):
            push = await live.next_push(5)
        assert (push.thread, push.seq) == (case.thread.id, seq)


async def test_two_who_write_at_once_both_have_their_place(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await asyncio.gather(
        *(post(person, case.thread, f"{name} {turn}") for turn in range(3) for name, person in both(case))
    )
    read = await texts(case.elena, case.thread)
    assert sorted(read) == sorted(f"{name} {turn}" for turn in range(3) for name, _ in both(case))
    assert read == await texts(case.maya, case.thread)


def both(case: Case) -> list[tuple[str, Person]]:
    return [("elena", case.elena), ("maya", case.maya)]


async def test_a_forgotten_password_is_survived_with_all_of_the_history(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "From before she forgot.")
    back, _ = await accounts.recover(
        Api(live_server_process.address),
        email=case.maya.email,
        recovery_text=case.maya.recovery,
        new_password="an entirely new phrase",
    )
    case.maya.account = back
    assert await texts(case.maya, case.thread) == ["From before she forgot."]
    await post(case.maya, case.thread, "I am back.")
    assert await texts(case.elena, case.thread) == ["From before she forgot.", "I am back."]


async def test_an_outsider_is_told_that_there_is_nothing(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    chidi = await staff(live_server_process, "Chidi", "Northgate", "physician")
    assert await list_threads(chidi.account) == []
    for path in ("log", "keys", "seals", "messages", "owed", "readers", "marks"):
        with pytest.raises(ApiError) as refusal:
            await chidi.api.get(f"{case.thread.path}/{path}", PatientsPage)
        assert refusal.value.code == "not_found"


async def test_a_thread_before_consent_is_closed_to_its_own_creator(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    maya, _ = await patient_of(live_server_process, elena, "Maya")
    record = (await elena.api.get("/patients", PatientsPage)).patients[0]
    thread = await create_thread(elena.account, record)
    with pytest.raises(ApiError) as refusal:
        await thread.tend()
    assert refusal.value.code == "not_found"
    await permit(maya, elena)
    await post(elena, thread, "Now I may.")
    assert await texts(maya, thread) == ["Now I may."]


async def test_a_message_that_is_nothing_but_brackets_keeps_nobody_from_the_rest(
    live_server_process: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await begin(live_server_process)
    await let_in(case, HistoryKind.ALL)
    await post(case.elena, case.thread, "Hello.")
    monkeypatch.setattr("client.threads.open_message", lambda *_: b"[" * 20_000)
    held = await open_thread(case.samuel.account, case.thread.id)
    assert [one.code for one in await held.read()] == ["E_ENC"]
