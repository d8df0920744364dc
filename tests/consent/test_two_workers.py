"""No decision after a commit uses the snapshot before it, in whichever process it is made.

Worker B is asked all the while, over HTTP and over sockets, while the patient withdraws and grants again through A.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from client import consent
from client.account import Account
from client.errors import ApiError
from client.live import Live
from client.threads import Thread, open_thread
from crypto.tables import HistoryKind
from tests.client.people import Person
from tests.client.test_threads import Case, begin, let_in, post
from tests.system.calls import Beating
from tests.system.case import heartbeat
from tests.system.workers import sign_in_at, two_workers
from wire.base import b64
from wire.messaging import LogPage, MessagePage, ThreadPage

CHANGES, SECONDS = 200, 240

pytestmark = pytest.mark.server

Question = Callable[[], Awaitable[bool]]


class Word:
    """What the patient said last, and how often she has spoken; None while her word is on its way."""

    def __init__(self, permits: bool) -> None:
        self.permits: bool | None = permits
        self.changes = 0
        self.answered: dict[str, int] = {}
        self.moved = asyncio.Condition()

    async def spoken(self, permits: bool) -> None:
        self.permits, self.changes = permits, self.changes + 1
        async with self.moved:
            await self.moved.wait_for(lambda: all(seen >= self.changes for seen in self.answered.values()))

    async def hear(self, name: str, question: Question) -> None:
        """Asks without end; an answer that began after her word was acknowledged, and ended before the next, is it."""
        self.answered[name] = 0
        while True:
            permits, changes = self.permits, self.changes
            answer = await question()
            if permits is None or self.changes != changes or self.permits is None:
                continue
            assert answer is permits, f"{name} answered {answer} after change {changes}"
            async with self.moved:
                self.answered[name] = changes
                self.moved.notify_all()


async def opens(asked: Awaitable[object]) -> bool:
    try:
        await asked
    except ApiError as error:
        if error.code != "not_found":
            raise
        return False
    return True


def questions(account: Account, live: Beating, thread: Thread) -> dict[str, Question]:
    """The same question at five doors of one worker."""
    path = f"/threads/{b64(thread.id)}"

    async def listed() -> bool:
        page = await account.api.get("/threads", ThreadPage)
        return [one.standing for one in page.threads if one.id == thread.id] == ["member"]

    async def reads() -> bool:
        # Who was a member keeps the own record, and of this thread Samuel has written nothing.
        page = await account.api.get(f"{path}/messages", MessagePage, {"after": 0, "limit": 1})
        return bool(page.messages)

    async def greeted() -> bool:
        async with Live(account.api) as fresh:
            assert fresh.welcome is not None
            return b64(thread.id) in fresh.welcome.heads

    async def beats() -> bool:
        return b64(thread.id) in await heartbeat(live)

    return {
        "the list of threads": listed,
        "the log": lambda: opens(account.api.get(f"{path}/log", LogPage)),
        "the messages": reads,
        "a new socket": greeted,
        "the heartbeat of an open socket": beats,
    }


async def change_her_mind(case: Case, samuel: Person, word: Word, directive_id: bytes) -> None:
    wish = consent.Permission(
        grantee_fp=samuel.account.vault.identity.fp, grantee_name="Samuel", actions=consent.LEADING
    )
    for _ in range(CHANGES // 2):
        word.permits = None
        await consent.hand_in_withdrawal(case.maya.account, directive_id=directive_id)
        await word.spoken(permits=False)
        word.permits = None
        directive_id = await consent.hand_in_permission(case.maya.account, wish)
        await word.spoken(permits=True)


async def test_no_answer_that_begins_after_a_change_is_the_one_from_before(tmp_path: Path) -> None:
    with two_workers(tmp_path) as (server, other):
        case = await begin(server)
        await post(case.elena, case.thread, "How did you sleep?")
        await let_in(case, HistoryKind.ALL)
        directive_id = next(
            one.id
            for one in (await consent.directives(case.maya.account)).directives
            if one.grantee == case.samuel.account.vault.identity.fp
        )
        account = await sign_in_at(other, case.samuel)
        thread = await open_thread(account, case.thread.id)
        word = Word(permits=True)
        async with Beating(account) as live:
            asking = [
                asyncio.create_task(word.hear(name, ask)) for name, ask in questions(account, live, thread).items()
            ]
            speaking = asyncio.create_task(change_her_mind(case, case.samuel, word, directive_id))
            done, _ = await asyncio.wait([speaking, *asking], timeout=SECONDS, return_when=asyncio.FIRST_COMPLETED)
            for task in [speaking, *asking]:
                task.cancel()
            await asyncio.gather(speaking, *asking, return_exceptions=True)
            for task in done:
                task.result()
        assert word.changes == CHANGES
