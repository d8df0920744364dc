"""A server that lies: what it leaves out, exchanges, repeats, puts in, swaps, forks and rolls back is caught by name.

Each lie is told by a proxy that changes the honest server's answers to one client and to no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import pytest

from client import account as accounts
from client import consent
from client.account import Account
from client.api import Answer, Api
from client.live import Live
from client.threads import Opened, Thread, open_thread
from crypto.entries import Entry
from crypto.errors import Ct1Error
from crypto.keys import make_ukr, new_identity
from crypto.primitives import random_bytes
from crypto.tables import EntryType, HistoryKind
from tests.client.people import PASSWORD, Person
from tests.client.test_threads import Case, begin, let_in, post
from tests.server import Server
from wire.base import Body
from wire.messaging import LogPage, MessageOut, MessagePage, SignedLogEntry, ThreadKeys
from wire.people import UkrBlob

pytestmark = pytest.mark.server

Lie = Callable[[Body], Body]


@dataclass
class Liar:
    """What the proxy does to an answer, by its kind."""

    lies: dict[type[Body], Lie] = field(default_factory=dict)


class LyingApi(Api):
    liar = Liar()

    async def request(
        self,
        method: str,
        path: str,
        body: Body | None,
        answer: type[Answer],
        *,
        params: dict[str, str | int] | None = None,
    ) -> Answer:
        honest = await super().request(method, path, body, answer, params=params)
        lie = self.liar.lies.get(cast(type[Body], answer))
        return honest if lie is None else cast(Answer, lie(cast(Body, honest)))


async def deceived(server: Server, person: Person) -> tuple[Account, Liar]:
    """The same person behind the proxy, on a new device."""
    api = LyingApi(server.address)
    api.liar = Liar()
    return await accounts.sign_in(api, email=person.email, password=PASSWORD), api.liar


async def said(server: Server, *texts: str) -> Case:
    case = await begin(server)
    for text in texts:
        await post(case.elena, case.thread, text)
    return case


def messages(change: Callable[[list[MessageOut]], list[MessageOut]]) -> Lie:
    def lie(page: Body) -> Body:
        assert isinstance(page, MessagePage)
        return page.model_copy(update={"messages": change(page.messages)})

    return lie


def entries(change: Callable[[list[SignedLogEntry]], list[SignedLogEntry]]) -> Lie:
    def lie(page: Body) -> Body:
        assert isinstance(page, LogPage)
        changed = change(page.entries)
        return page.model_copy(update={"entries": changed, "seq": page.first + len(changed) - 1})

    return lie


def lines(read: list[Opened]) -> list[str]:
    return [one.code or one.text for one in read]


async def read_as_deceived(server: Server, case: Case, lie: Lie, kind: type[Body] = MessagePage) -> list[str]:
    account, liar = await deceived(server, case.maya)
    liar.lies[kind] = lie
    thread = await open_thread(account, case.thread.id)
    return lines(await thread.read())


async def test_an_honest_server_is_believed(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.", "Two.")
    assert await read_as_deceived(live_server_process, case, messages(lambda held: held)) == ["One.", "Two."]


async def test_one_message_twice_is_e_dup(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.", "Two.")

    def again(held: list[MessageOut]) -> list[MessageOut]:
        return [*held, held[0].model_copy(update={"seq": 3})]

    assert await read_as_deceived(live_server_process, case, messages(again)) == ["One.", "Two.", "E_DUP"]


async def test_two_that_were_exchanged_are_e_replay(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    thread = await open_thread(case.elena.account, case.thread.id)

    async with Live(case.elena.api) as live:
        await thread.post(live, "One.")
        await thread.post(live, "Two.")

    def exchanged(held: list[MessageOut]) -> list[MessageOut]:
        return [held[1].model_copy(update={"seq": 1}), held[0].model_copy(update={"seq": 2})]

    assert await read_as_deceived(live_server_process, case, messages(exchanged)) == ["Two.", "E_REPLAY"]


async def test_one_left_out_and_the_rest_moved_up_is_a_gap(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.", "Two.")
    await post_after_reading(case, "Three.")

    def without(held: list[MessageOut]) -> list[MessageOut]:
        return [] if len(held) < 3 else [held[0], *(one.model_copy(update={"seq": one.seq - 1}) for one in held[2:])]

    account, liar = await deceived(live_server_process, case.maya)
    liar.lies[MessagePage] = messages(without)
    thread = await open_thread(account, case.thread.id)
    read = await thread.read()
    assert [(one.text, one.gap) for one in read] == [("One.", False), ("Three.", True)]


async def post_after_reading(case: Case, text: str) -> None:

    thread = await open_thread(case.elena.account, case.thread.id)
    await thread.read()
    async with Live(case.elena.api) as live:
        await thread.post(live, text)


async def test_a_changed_message_is_e_sig(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.")

    def changed(held: list[MessageOut]) -> list[MessageOut]:
        wire = bytearray(held[0].wire)
        wire[-100] ^= 1
        return [held[0].model_copy(update={"wire": bytes(wire)})]

    assert await read_as_deceived(live_server_process, case, messages(changed)) == ["E_SIG"]


async def test_a_log_that_got_shorter_is_e_log_rollback(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.")
    account, liar = await deceived(live_server_process, case.maya)
    thread = await open_thread(account, case.thread.id)

    def shorter(page: Body) -> Body:
        assert isinstance(page, LogPage)
        return page.model_copy(update={"entries": [], "seq": page.seq - 1})

    liar.lies[LogPage] = shorter
    with pytest.raises(Ct1Error) as caught:
        await thread.sync()
    assert caught.value.code == "E_LOG_ROLLBACK"


async def forged(case: Case, held: list[SignedLogEntry], kind: EntryType) -> SignedLogEntry:
    """An entry in the place of the last one, as a server would make it that has its own key and nobody else's."""
    thread = await open_thread(case.elena.account, case.thread.id)
    last = thread.state
    mallory = new_identity(case.elena.account.me.id, 1, accounts.now_ms())
    entry = Entry(case.thread.id, last.seq + 1, last.head, mallory.user, 1, last.ts, kind, random_bytes(90))
    signed = entry.signed(mallory.sign_seed)
    return SignedLogEntry(body=signed.body, sig=signed.sig)


async def test_a_member_whom_the_server_adds_is_e_sig(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.")
    entry = await forged(case, [], EntryType.MEMBER_ADD)
    account, liar = await deceived(live_server_process, case.maya)
    liar.lies[LogPage] = entries(lambda held: [*held, entry])
    with pytest.raises(Ct1Error) as caught:
        await open_thread(account, case.thread.id)
    assert caught.value.code == "E_SIG"


async def test_a_log_that_goes_on_otherwise_is_e_log_prev(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.")
    account, liar = await deceived(live_server_process, case.maya)
    thread = await open_thread(account, case.thread.id)
    await let_in(case, HistoryKind.ALL)
    await post(case.samuel, case.thread, "Two.")

    def fork(held: list[SignedLogEntry]) -> list[SignedLogEntry]:
        # The next entry is left out, and what follows it is moved up.
        return held[1:]

    liar.lies[LogPage] = entries(fork)
    with pytest.raises(Ct1Error) as caught:
        await thread.sync()
    assert caught.value.code in ("E_LOG_SEQ", "E_LOG_PREV")


async def test_a_key_that_was_swapped_is_not_taken(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.")
    mallory = new_identity(case.elena.account.me.id, 1, accounts.now_ms())
    ukr = make_ukr(mallory, accounts.now_ms())
    account, liar = await deceived(live_server_process, case.maya)

    def swapped(answer: Body) -> Body:
        assert isinstance(answer, ThreadKeys)
        theirs = [UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig)]
        people = [
            one.model_copy(update={"bundles": theirs}) if one.user == case.elena.account.me.id else one
            for one in answer.people
        ]
        return answer.model_copy(update={"people": people})

    liar.lies[ThreadKeys] = swapped
    with pytest.raises(Ct1Error) as caught:
        await open_thread(account, case.thread.id)
    assert caught.value.code in ("E_SIG", "E_UNKNOWN_KEY")


async def test_a_withdrawal_that_is_withheld_shows_with_the_next_message(live_server_process: Server) -> None:
    case = await said(live_server_process, "One.")
    await let_in(case, HistoryKind.ALL)
    await post(case.samuel, case.thread, "Two.")
    account, liar = await deceived(live_server_process, case.maya)
    thread: Thread = await open_thread(account, case.thread.id)
    await thread.read()
    frozen = thread.state.seq
    await consent.withdraw(case.maya.account, grantee_fp=case.samuel.account.vault.identity.fp)
    await post(case.elena, case.thread, "Without him.")

    def freeze(page: Body) -> Body:
        assert isinstance(page, LogPage)
        return page.model_copy(update={"entries": [], "seq": frozen})

    liar.lies[LogPage] = freeze
    assert lines(await thread.read())[-1] == "E_LOG_BEHIND"
