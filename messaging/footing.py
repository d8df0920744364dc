"""What posts in a thread are measured by: its members, what consent says of each, its log; remembered for a moment.

It names the consent epoch, the log and the head under which it was read. A post is measured by it only in a
transaction that has found the same epoch and log under lock, so that nothing is written by what was true before.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from consent.access import decide_for_members
from consent.model import Reason
from consent.rules import Decision
from crypto.errors import Ct1Error
from crypto.log import ThreadState
from live.store import unavailable
from messaging.emergencies import is_by_emergency
from messaging.models import Member, Thread
from messaging.owed import owes
from messaging.replay import now_ms, state_of
from people.access import posts_of
from people.models import Affiliation

SECONDS = 5.0
"""How long a closed account or an ended post still counts, of which no epoch tells (docs/consent.md: at most 5 s)."""
ROTATION_SECONDS = 1.0
"""How long "nothing is owed and no new key is due" stands, which time alone can end (a permit that expires)."""
KEPT = 2_000
READ, POST = "thread.read", "thread.post"


class Row(NamedTuple):
    """A thread's row as the transaction has locked it."""

    id: str
    patient_id: UUID
    log_seq: int
    fence: int
    epoch: int
    closed: bool
    head: int


@dataclass
class Footing:
    """One thread as of one consent epoch, one log and one head; `until` in seconds of the cache's clock."""

    patient_id: UUID
    consent_epoch: int
    log_seq: int
    members: dict[UUID, Member]
    decisions: dict[tuple[UUID, str], Decision]
    state: ThreadState
    until: float
    thread: Thread
    head: int = -1
    """The head up to which `counters` hold."""
    counters: dict[UUID, int] = field(default_factory=dict)
    """The last counter of each device that has posted through this process; -1 for none."""
    due: tuple[bool, bool] = (False, False)
    """Whether the log lacks consent in force, and whether a new key is due."""
    due_until: float = 0.0
    _readers: dict[int, tuple[UUID, ...]] = field(default_factory=dict)

    def readers(self, epoch: int) -> tuple[UUID, ...]:
        """Members whom consent lets read messages of this epoch; who reads by an emergency alone fetches."""
        if epoch not in self._readers:
            self._readers[epoch] = tuple(
                user
                for user, member in self.members.items()
                if member.floor <= epoch and self._reads(self.decisions[user, READ])
            )
        return self._readers[epoch]

    @staticmethod
    def _reads(decision: Decision) -> bool:
        return decision.permit and not is_by_emergency(decision)


class Footings:
    """Footings by thread, bounded in number and in time; `clock` in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, Footing] = OrderedDict()
        self._lock = Lock()

    def of(
        self, rows: Sequence[Row], epochs: Mapping[UUID, int], now: datetime
    ) -> tuple[dict[str, Footing], dict[str, Ct1Error]]:
        """The footings of locked threads, and of which threads the log cannot be read; four queries for all of them.

        Raises Unavailable where nothing can be decided.
        """
        at = self._clock()
        held = {row.id: self._held(row, epochs[row.patient_id], at) for row in rows}
        stale = [row for row in rows if held[row.id] is None]
        read, broken = _read(stale, epochs, now, at + SECONDS)
        for key, footing in read.items():
            self._keep(key, footing)
        found = {key: one for key, one in held.items() if one is not None} | read
        for footing in found.values():
            if footing.due_until <= at:
                owed = owes(footing.thread, footing.state, now, footing.consent_epoch)
                footing.due = owed, footing.state.needs_rotation(now_ms(now))
                footing.due_until = at + ROTATION_SECONDS
        return found, broken

    def _held(self, row: Row, consent_epoch: int, at: float) -> Footing | None:
        kept = self._kept.get(row.id)
        if kept is None or (kept.consent_epoch, kept.log_seq) != (consent_epoch, row.log_seq) or kept.until <= at:
            return None
        return kept

    def _keep(self, key: str, made: Footing) -> None:
        with self._lock:
            earlier = self._kept.get(key)
            if earlier is not None:
                # Of what is in the table neither time nor consent makes anything untrue.
                made.head, made.counters = earlier.head, earlier.counters
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def fp_of(self, thread: str, user: UUID) -> bytes | None:
        """The key that a member had lately: to be compared with the one found under lock, and never trusted alone."""
        kept = self._kept.get(thread)
        member = kept.members.get(user) if kept is not None else None
        return member.fp if member is not None else None

    def forget(self) -> None:
        """Forgets everything: reading again is cheap beside being wrong."""
        with self._lock:
            self._kept.clear()


def _read(
    rows: Sequence[Row], epochs: Mapping[UUID, int], now: datetime, until: float
) -> tuple[dict[str, Footing], dict[str, Ct1Error]]:
    """Reads many at once: after a quiet moment every thread of a house asks in the same batch."""
    if not rows:
        return {}, {}
    threads = Thread.objects.select_related("patient").in_bulk([row.id for row in rows])
    members: dict[str, dict[UUID, Member]] = {row.id: {} for row in rows}
    standing = Member.objects.filter(thread__in=list(threads), left=None).order_by("entered", "pk")
    for member in standing.select_related("user"):
        members[member.thread_id][member.user_id] = member
    held = posts_of({user for one in members.values() for user in one})
    found: dict[str, Footing] = {}
    broken: dict[str, Ct1Error] = {}
    for row in rows:
        try:
            made = _footing(threads[row.id], row, members[row.id], epochs[row.patient_id], held, now)
        except Ct1Error as error:
            # A log that cannot be read stops its own thread and no other.
            broken[row.id] = error
            continue
        # An emergency ends at its hour: what is kept would outlive it by seconds.
        made.until = 0.0 if any(is_by_emergency(one) for one in made.decisions.values()) else until
        found[row.id] = made
    return found, broken


def _footing(
    thread: Thread,
    row: Row,
    members: dict[UUID, Member],
    consent_epoch: int,
    held: Mapping[UUID, Sequence[Affiliation]],
    now: datetime,
) -> Footing:
    decisions = decide_for_members(
        [member.user for member in members.values()],
        (READ, POST),
        row.patient_id,
        thread_id=row.id,
        labels=tuple(thread.labels),
        now=now,
        epoch=consent_epoch,
        held=held,
    )
    if any(decision.reason == Reason.PDP_UNAVAILABLE for decision in decisions.values()):
        raise unavailable()
    return Footing(
        patient_id=row.patient_id,
        consent_epoch=consent_epoch,
        log_seq=row.log_seq,
        members=members,
        decisions=decisions,
        state=state_of(thread),
        until=0.0,
        thread=thread,
    )


footings = Footings()
