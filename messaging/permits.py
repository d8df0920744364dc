"""Decisions that were just made, kept for a moment: a fan-out to five devices is one question, not five.

What is kept names the consent epoch under which it was decided. A message names the epoch under which it was posted,
and a decision from before that does not count for it: what was posted after a withdrawal is never delivered by a
permit from before it, in whichever process the withdrawal was heard first. What was posted before it and is still on
its way stops as soon as this process has heard of the new epoch (`moved`).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple
from uuid import UUID

from consent.rules import Decision

SECONDS = 5.0
"""How long a closed account or an ended post still counts, of which no epoch tells (docs/consent.md: at most 5 s)."""
KEPT = 50_000


class _Kept(NamedTuple):
    decision: Decision
    epoch: int
    log_seq: int
    patient: UUID
    until: float


class Permits:
    """Decisions by (person, thread, action), bounded in number and in time; `clock` in seconds, monotonic."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[UUID, str, str], _Kept] = OrderedDict()
        self._moved: OrderedDict[UUID, int] = OrderedDict()
        self._lock = Lock()

    def keep(
        self, user: UUID, thread: str, action: str, decision: Decision, *, patient: UUID, epoch: int, log_seq: int
    ) -> None:
        with self._lock:
            self._kept[user, thread, action] = _Kept(decision, epoch, log_seq, patient, self._clock() + SECONDS)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)

    def find(self, user: UUID, thread: str, action: str, *, epoch: int, log_seq: int = 0) -> Decision | None:
        """The decision, if it was made under this consent epoch and log, or later ones."""
        kept = self._kept.get((user, thread, action))
        if kept is None or kept.epoch < max(epoch, self._moved.get(kept.patient, 0)):
            return None
        if kept.log_seq < log_seq or kept.until <= self._clock():
            return None
        return kept.decision

    def moved(self, patient: UUID, epoch: int) -> None:
        """From now on nothing counts that was decided about this patient before this epoch."""
        with self._lock:
            self._moved[patient] = max(epoch, self._moved.pop(patient, 0))
            while len(self._moved) > KEPT:
                self._moved.popitem(last=False)

    def has_moved(self, patient: UUID, epoch: int) -> bool:
        """Whether this process has heard of a later consent epoch of this patient than this one."""
        return self._moved.get(patient, 0) > epoch

    def forget(self) -> None:
        """Forgets every decision: asking again is cheap beside being wrong."""
        with self._lock:
            self._kept.clear()


permits = Permits()
