"""From the commit of a withdrawal to the last message that the withdrawn person's sockets are given.

A thousand sockets on two workers, three of each person, and messages flowing all the while, in that thread too. The
withdrawal goes to a worker over HTTP with the patient's signature; who is withdrawn listens at both workers. The
patient's client then carries it into the log, as hers does, so that the others go on writing under a new key.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import httpx
import websockets

from benchmarks.ears import Ears, post_frame, sit
from benchmarks.figure import Figure, percentile
from client.live import BEAT_SECONDS
from tests.conference.peer import until
from tests.server import Server
from tests.services import PROFILE
from tests.system.workers import second_worker
from wire.base import b64

if TYPE_CHECKING:
    from crypto.directives import Revoke
    from tests.messaging.house import Case, Person

THREADS, MEMBERS, DEVICES, TRIALS = 67, 5, 3, 200
BODY = "x" * 800
POSTS_A_SECOND = 10.0
"""In the thread concerned; as many again in all the others together."""
BEFORE_S, AFTER_S, ANSWER_S = 0.25, 0.25, 30.0
CSRF = "b" * 32


Laid = tuple["Case", list["Person"], list[str]]
"""A thread, its people, and a session's cookie for each of them."""


@dataclass
class Table:
    """A thread; the first of `people` writes, the second is the patient, the others can be withdrawn, once each."""

    case: Case
    people: list[Person]
    writer: websockets.ClientConnection
    cookie: str
    acked: dict[str, int] = field(default_factory=dict)
    sent: list[tuple[float, str]] = field(default_factory=list)
    log: asyncio.Lock = field(default_factory=asyncio.Lock)
    """Held while the thread's log grows: the writer's client seals under the whole of it."""

    def acked_since(self, at: float) -> set[int]:
        """The seqs of what was sent after a moment and has its place."""
        return {self.acked[name] for sent, name in self.sent if sent > at and name in self.acked}

    async def listen(self) -> None:
        """The writer hears what has its place; a socket that is silent for a minute would be closed."""
        beating = asyncio.create_task(_beat(self.writer))
        try:
            async for text in self.writer:
                frame: dict[str, Any] = json.loads(text)
                if frame["type"] == "message.ack":
                    self.acked[frame["re"]] = frame["seq"]
        finally:
            beating.cancel()

    async def post(self) -> None:
        """The writer writes, and waits for nothing."""
        async with self.log:
            frame = post_frame(self.case, self.people[0], BODY)
        self.sent.append((time.time() * 1000, json.loads(frame)["id"]))
        await self.writer.send(frame)


@dataclass
class Trial:
    """What one withdrawal came to, in ms since 1970."""

    committed: float
    acknowledged: float
    last: float
    after: int
    """Messages that were sent after the acknowledgement and given to the withdrawn person: none, or it is a breach."""


def figures(trials: int = TRIALS) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder:
        server = Server(Path(folder), {"CONSILIUM_WORKERS": "1"})
        os.environ.update(server.environment | {"CONSILIUM_ALLOWED_HOSTS": "testserver"})
        try:
            with second_worker(server) as other:
                cases = _set_up()
                done = asyncio.run(_measure([server.address, other], cases, trials))
        finally:
            server.stop()
    if breaches := sum(trial.after for trial in done):
        raise RuntimeError(f"{breaches} messages were delivered after the withdrawal was acknowledged")
    took = [max(0.0, trial.last - trial.committed) for trial in done]
    of: dict[str, int | float | str] = {
        "trials": len(done),
        "sockets": THREADS * MEMBERS * DEVICES,
        "posts_per_second": 2 * POSTS_A_SECOND,
        "profile": PROFILE,
        "later_than_commit": sum(trial.last > trial.committed for trial in done),
    }
    yield Figure("withdrawal.commit_to_last_message.p50", percentile(took, 0.5), "ms", of)
    yield Figure("withdrawal.commit_to_last_message.p99", percentile(took, 0.99), "ms", of)
    yield Figure("withdrawal.commit_to_last_message.max", max(took), "ms", of)


def _set_up() -> list[Laid]:
    """Threads with their people, and a session for each person."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.messaging.crowd import make_threads, session_cookie

    made = make_threads(THREADS, MEMBERS)
    return [(case, people, [session_cookie(one) for one in people]) for case, people in made]


async def _measure(addresses: list[str], cases: list[Laid], trials: int) -> list[Trial]:
    at = cycle(addresses)
    tables = [Table(case, people, await sit(next(at), people[0]), cookies[1])
              for case, people, cookies in cases]  # fmt: skip
    seats = [(next(at), cookies[number], str(one.user.pk)) for _, people, cookies in cases
             for number, one in enumerate(people) for _ in range(DEVICES - (number == 0))]  # fmt: skip
    listening = [asyncio.create_task(table.listen()) for table in tables]
    done: list[Trial] = []
    turns = ((table, table.people[2 + turn]) for turn in range(MEMBERS - 2) for table in tables)
    with Ears(seats) as ears:
        async with httpx.AsyncClient(timeout=ANSWER_S) as web:
            for (table, person), address, _ in zip(turns, at, range(trials), strict=False):
                done.append(await _trial(web, address, tables, table, person, ears))
    for task in listening:
        task.cancel()
    await asyncio.gather(*listening, return_exceptions=True)
    await asyncio.gather(*(table.writer.close() for table in tables))
    return done


async def _trial(
    web: httpx.AsyncClient, address: str, tables: list[Table], table: Table, person: Person, ears: Ears
) -> Trial:
    flow = [
        asyncio.create_task(_flow([table])),
        asyncio.create_task(_flow([one for one in tables if one is not table])),
    ]
    await asyncio.sleep(BEFORE_S)
    revoke = _revocation(table, person)
    patient = b64(table.case.patient.pk.bytes)
    asked = time.time() * 1000
    await _hand_in(web, address, table.cookie, f"/patients/{patient}/revocations", _signed(table, revoke))
    acknowledged = time.time() * 1000
    committed = await asyncio.to_thread(_commit_ms, revoke.revoke_id) if PROFILE == "production" else asked
    async with table.log:
        carried = await asyncio.to_thread(_carried, table, revoke)
    await _hand_in(web, address, table.cookie, f"/threads/{table.case.id}/log", carried)
    carried_at = time.time() * 1000
    await until(lambda: bool(table.acked_since(carried_at)), "a message under the new key", ANSWER_S)
    await asyncio.sleep(AFTER_S)
    for task in flow:
        task.cancel()
    await asyncio.gather(*flow, return_exceptions=True)
    heard = await asyncio.to_thread(ears.heard, str(person.user.pk), table.case.id)
    if not heard:
        raise RuntimeError("the withdrawn person heard nothing before either: nothing was measured")
    later = table.acked_since(acknowledged)
    table.sent.clear()
    return Trial(committed, acknowledged, max(heard.values(), default=0.0), len(later & set(heard)))


async def _beat(socket: websockets.ClientConnection) -> None:
    while True:
        await asyncio.sleep(BEAT_SECONDS)
        await socket.send(json.dumps({"type": "ping", "id": 0}))


async def _flow(tables: list[Table]) -> None:
    """Messages at an even pace into tables by chance; what is refused until the log says the withdrawal is lost."""
    for _ in count():
        await random.choice(tables).post()
        await asyncio.sleep(1 / POSTS_A_SECOND)


def _revocation(table: Table, person: Person) -> Revoke:
    from crypto.tables import RevokeKind

    return table.case.revoke(RevokeKind.GRANTEE, person.fp)


def _signed(table: Table, revoke: Revoke) -> dict[str, object]:
    return {
        "body": b64(revoke.encode()),
        "signers": [{"fp": b64(table.case.maya.fp), "sig": b64(table.case.signature(revoke))}],
    }


def _carried(table: Table, revoke: Revoke) -> dict[str, object]:
    from tests.messaging.house import together

    case = table.case
    return together(case.consent(case.maya, revoke), case.epoch(case.maya)).body()


async def _hand_in(web: httpx.AsyncClient, address: str, cookie: str, path: str, body: dict[str, object]) -> None:
    headers = {"Cookie": f"{cookie}; csrftoken={CSRF}", "X-CSRFToken": CSRF, "Origin": address}
    answer = await web.post(f"{address}/api{path}", json=body, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:200]}")


def _commit_ms(revoke_id: bytes) -> float:
    """When PostgreSQL committed the withdrawal (track_commit_timestamp)."""
    import psycopg

    with psycopg.connect(os.environ["CONSILIUM_DATABASE_URL"], connect_timeout=10) as connection:
        row = connection.execute(
            "SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin)) * 1000 FROM consent_revocation WHERE id = %s",
            [UUID(bytes=revoke_id)],
        ).fetchone()
    if row is None:
        raise RuntimeError("the withdrawal is not in the database")
    return float(row[0])
