"""Maya's conversation with Elena and Samuel in it, a session ahead and one that runs, on two workers of one product."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from client import consent
from client.account import Account, now_ms
from client.attachments import send_file
from client.live import Live
from client.threads import Thread, open_thread
from crypto.primitives import random_bytes
from crypto.tables import HistoryKind
from tests.client.people import Person
from tests.client.test_threads import Case, begin, let_in
from tests.server import Server
from tests.system.calls import Beating, Caller
from tests.system.workers import sign_in_at
from wire.base import b64
from wire.live import Ping
from wire.scheduling import FeedAddress, Hours, HoursRow, ParticipantIn, SessionHold, SessionOut, SessionStart

DAY_MS = 86_400_000
WORDS = "How did you sleep?"


@dataclass
class Scene:
    """`here` is Samuel at worker A, `there` at worker B; `held` is his copy of the thread at B, with its keys."""

    server: Server
    other: str
    case: Case
    here: Account
    there: Account
    held: Thread
    running: bytes
    ahead: bytes
    feed: str
    file: bytes
    """The id of a file that Elena sent."""

    @property
    def samuel(self) -> Person:
        return self.case.samuel

    async def say(self, text: str) -> int:
        """Elena writes, after carrying whatever consent has become into the log; the message's seq."""
        thread = await open_thread(self.case.elena.account, self.case.thread.id)
        async with Live(self.case.elena.api) as live:
            return (await thread.post(live, text)).seq

    async def withdraw(self) -> None:
        """Maya ends all that she permitted Samuel."""
        await consent.hand_in_withdrawal(self.case.maya.account, grantee_fp=self.samuel.account.vault.identity.fp)

    @asynccontextmanager
    async def callers(self, room: bytes) -> AsyncIterator[list[Caller]]:
        """Elena, Maya and Samuel with a socket each, not yet in the call; Samuel's is at worker B."""
        async with AsyncExitStack() as stack:
            accounts = (self.case.elena.account, self.case.maya.account, self.there)
            seated = []
            for account in accounts:
                thread = await open_thread(account, self.case.thread.id)
                seated.append(await stack.enter_async_context(Caller(account, thread, room)))
            yield seated

    async def feed_entries(self, address: str) -> int:
        """How many entries Samuel's calendar feed has."""
        async with httpx.AsyncClient(timeout=20) as web:
            answer = await web.get(address + self.feed)
        return answer.text.count("BEGIN:VEVENT")


async def begin_scene(server: Server, other: str) -> Scene:
    case = await begin(server)
    await let_in(case, HistoryKind.ALL)
    mine = await open_thread(case.elena.account, case.thread.id)
    async with Live(case.elena.api) as live:
        await mine.post(live, WORDS)
        file = await send_file(mine, live, Path(__file__))
    samuel, there = case.samuel, await sign_in_at(other, case.samuel)
    held = await open_thread(there, case.thread.id)
    await held.read()
    # The patient too: without hours of her own she is free by day alone, and the tests run at night as well.
    for person in (case.elena, samuel, case.maya):
        await open_hours(person.account)
    ahead = await book(case, DAY_MS)
    running = await start(case)
    feed = await samuel.api.post("/me/feed", None, FeedAddress)
    return Scene(server, other, case, samuel.account, there, held, running, ahead, feed.path, file.msg_id)


async def open_hours(account: Account) -> None:
    """Always open, at no notice."""
    rows = [HoursRow(weekday=day, start=0, until=1440) for day in range(7)]
    await account.api.put("/me/hours", Hours(zone="UTC", rows=rows, notice=0), Hours)


def listed(case: Case) -> list[ParticipantIn]:
    return [ParticipantIn(user=one.account.me.id) for one in (case.samuel, case.maya)]


def patient_of(case: Case) -> bytes:
    patient = case.maya.account.me.patient
    assert patient is not None
    return patient


async def book(case: Case, after_ms: int) -> bytes:
    hold = SessionHold(
        id=random_bytes(16), patient=patient_of(case), thread=case.thread.id, kind="joint", participants=listed(case),
        length=60, starts_at=(now_ms() + after_ms) // 3_600_000 * 3_600_000, zone="UTC",
    )  # fmt: skip
    held = await case.elena.api.post("/sessions/hold", hold, SessionOut)
    return (await case.elena.api.post(f"/sessions/{b64(held.id)}/book", None, SessionOut)).id


async def start(case: Case) -> bytes:
    """A session of Elena's with Samuel and Maya that begins now."""
    begin_now = SessionStart(
        id=random_bytes(16), patient=patient_of(case), thread=case.thread.id, kind="joint", participants=listed(case),
        length=120,
    )  # fmt: skip
    return (await case.elena.api.post("/sessions/start", begin_now, SessionOut)).id


async def enter_call(callers: list[Caller]) -> None:
    """All of them come in, one after the other; the first is the host."""
    for caller in callers:
        await caller.enter(callers[0])


async def settle(*sockets: Beating) -> None:
    """Until each socket has answered a heartbeat: what was pushed to it before has then arrived."""
    await asyncio.gather(*(heartbeat(socket) for socket in sockets))


async def heartbeat(live: Beating) -> dict[str, int]:
    """The heads that a socket is told of; it is asked over a `Beating` socket."""
    number = int.from_bytes(random_bytes(6))
    return dict((await live.ask(Ping(id=number), str(number)))["heads"])
