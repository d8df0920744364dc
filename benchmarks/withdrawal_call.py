"""From a withdrawal to the last packet forwarded to the one withdrawn, and to the others' next key in use.

A call of four over the product's own processes: two web workers, the forwarder, sockets, DTLS and SRTP, and people with
real keys. Both clocks start when the patient's client sends the signed withdrawal. A participant seals under a new
key 0.3 s after it came, as the browser does, so that those who get it a little later lose nothing; it is in use when
every one who remains has heard every other under it.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from benchmarks.figure import Figure, percentile
from client import consent
from client.account import Account
from client.threads import open_thread
from conference.media.messages import Reply
from crypto.tables import HistoryKind, Role
from tests.client.people import Person, staff
from tests.client.test_threads import Case, begin, let_in
from tests.conference.peer import Line, until
from tests.server import Server
from tests.services import PROFILE
from tests.system.calls import Caller, all_hear, forwarder, hold_one_key
from tests.system.workers import sign_in_at, two_workers
from wire.base import b64

TRIALS, EVERY_S, USE_AFTER_S, WAIT_S = 200, 0.01, 0.3, 15.0
JOIN_S, MOST_ENTRIES = 6.0, 5


@dataclass
class Trial:
    """Milliseconds from the withdrawal's request."""

    last_packet: float
    key_held: float
    key_in_use: float
    entered: int


class Speaker:
    """A caller's microphone: each packet says under which key number it would be sealed."""

    def __init__(self, caller: Caller) -> None:
        self.caller = caller
        self._sealing, self._next, self._since = 0, 0, 0.0
        caller.on_key = self._new_key

    def _new_key(self) -> None:
        assert self.caller.keys is not None
        assert self.caller.keys.in_use is not None
        self._next, self._since = self.caller.keys.in_use.n, time.monotonic()

    async def speak(self) -> None:
        while True:
            if time.monotonic() - self._since >= USE_AFTER_S:
                self._sealing = self._next
            peer = self.caller.peer
            if peer is not None and peer.pub is not None and peer.pub.dtls.connected:
                peer.send("audio", self._sealing.to_bytes(4, "big"))
            await asyncio.sleep(EVERY_S)

    def hears(self, other: Speaker, n: int) -> bool:
        mine, theirs = self.caller.peer, other.caller.peer
        assert mine is not None
        assert theirs is not None
        got = mine.got.get(theirs.ssrcs["audio"])
        return got is not None and n.to_bytes(4, "big") in got.payloads.values()


def figures(trials: int = TRIALS) -> Iterator[Figure]:
    with (
        tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder,
        two_workers(Path(folder)) as (server, other),
        forwarder(server),
    ):
        _django(server)
        done = asyncio.run(_measure(server, other, trials))
    of: dict[str, int | float | str] = {"trials": len(done), "people": 4, "profile": PROFILE}
    of["joined_anew"] = sum(trial.entered - 1 for trial in done)
    series = {
        "withdrawal.to_last_packet": [trial.last_packet for trial in done],
        "withdrawal.to_new_key_held": [trial.key_held for trial in done],
        "withdrawal.to_new_key_in_use": [trial.key_in_use for trial in done],
    }
    for name, took in series.items():
        yield Figure(f"{name}.p50", percentile(took, 0.5), "ms", of)
        yield Figure(f"{name}.p99", percentile(took, 0.99), "ms", of)
        yield Figure(f"{name}.max", max(took), "ms", of)


def _django(server: Server) -> None:
    os.environ.update(server.environment)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()


def _open_room(case: Case, people: list[Account]) -> UUID:
    """A room without a session: a session would take the withdrawn person off its list for good."""
    from django.utils import timezone

    from conference.actions import open_room

    host, *others = [UUID(bytes=account.me.id) for account in people]
    patient = case.maya.account.me.patient
    assert patient is not None
    return open_room(
        session_id=uuid4(),
        patient_id=UUID(bytes=patient),
        thread_id=b64(case.thread.id),
        host_id=host,
        participants=[(host, "organiser"), *((one, "takes part") for one in others)],
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(hours=2),
    ).pk


async def _people(server: Server, other: str) -> tuple[Case, list[Account]]:
    """Elena, Maya, Tom and Samuel, half of them at each worker; the last is the one who will be withdrawn."""
    case = await begin(server)
    await let_in(case, HistoryKind.ALL)
    tom = await staff(server, "Tom", "Riverside", "case_manager")
    await _let_in(case, tom)
    samuel = await sign_in_at(other, case.samuel)
    return case, [case.elena.account, case.maya.account, await sign_in_at(other, tom), samuel]


async def _let_in(case: Case, joiner: Person) -> None:
    thread = await open_thread(case.elena.account, case.thread.id)
    await thread.invite(joiner.account.me.id, int(Role.CASE_MANAGER), consent.LEADING, HistoryKind.ALL, "the case")
    (request,) = await consent.requests(case.maya.account)
    await consent.agree(case.maya.account, request)


async def _measure(server: Server, other: str, trials: int) -> list[Trial]:
    case, accounts = await _people(server, other)
    room = await asyncio.to_thread(_open_room, case, accounts)
    async with AsyncExitStack() as stack:
        callers = []
        for account in accounts:
            thread = await open_thread(account, case.thread.id)
            callers.append(await stack.enter_async_context(Caller(account, thread, room.bytes)))
        line = Line()
        await line.open(server.data / "sfu.sock")
        stack.push_async_callback(line.close)
        speakers = [Speaker(caller) for caller in callers]
        talking = [asyncio.create_task(one.speak()) for one in speakers]
        for task in talking:
            stack.callback(task.cancel)
        for caller in callers[:-1]:
            await caller.enter(callers[0])
        return [await _trial(case, callers, speakers, line) for _ in range(trials)]


async def _permit(maya: Account, caller: Caller) -> bytes:
    """Maya's word for everything, which any withdrawal of the person's ends."""
    wish = consent.Permission(
        grantee_fp=caller.account.vault.identity.fp, grantee_name="Samuel", actions=consent.LEADING
    )
    return await consent.hand_in_permission(maya, wish)


async def _trial(case: Case, callers: list[Caller], speakers: list[Speaker], line: Line) -> Trial:
    maya, (*others, samuel) = case.maya.account, callers
    await _permit(maya, samuel)
    entered = await _enter(samuel, callers)
    for caller in callers:
        assert caller.peer is not None
        caller.peer.got.clear()
    asked, began = time.time() * 1000, time.monotonic()
    withdrawing = asyncio.create_task(consent.hand_in_withdrawal(maya, grantee_fp=samuel.account.vault.identity.fp))
    await until(lambda: hold_one_key(others), "a new key", WAIT_S)
    held = (time.monotonic() - began) * 1000
    key = others[0].keys.in_use if others[0].keys is not None else None
    assert key is not None
    await until(lambda: all_under(speakers[:-1], key.n), "everybody hears everybody under the new key", WAIT_S)
    in_use = (time.monotonic() - began) * 1000
    await withdrawing
    return Trial(await _last_forwarded(line, samuel) - asked, held, in_use, entered)


async def _enter(caller: Caller, everybody: list[Caller]) -> int:
    """Comes in until all hear each other, as the browser does that joins anew; how often it took."""
    for number in range(1, MOST_ENTRIES + 1):
        await caller.enter(everybody[0])
        try:
            await all_hear(everybody, JOIN_S)
        except AssertionError:
            continue
        return number
    raise RuntimeError("the call did not come together")


def all_under(speakers: list[Speaker], n: int) -> bool:
    return all(one.hears(other, n) for one in speakers for other in speakers if one is not other)


async def _last_forwarded(line: Line, caller: Caller) -> float:
    """When the forwarder last sent this person anything, by its own clock, in ms since 1970."""
    reply: Reply = await line.ask("stats", room=caller.room)
    (person,) = [one for one in reply.rooms[0].people if one.user == caller.id]
    return float(person.last_forwarded)
