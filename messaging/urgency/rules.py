"""Who is next in line, and when: decisions without database or clock."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from crypto.tables import CLOCK_TOLERANCE_MS, Priority
from crypto.urgency import Addressee, Urgency
from people.notices import Kind


class Outcome(StrEnum):
    """What became of one in the line."""

    TOLD = "told"
    MAY_NOT_READ = "may_not_read"
    NOBODY = "nobody_on_duty"
    AGAIN = "already_told"
    SENDER = "is_sender"


@dataclass(frozen=True)
class InLine:
    """An addressee, and who stands behind it now: the person, the holder of the role, or nobody."""

    addressee: Addressee
    user: UUID | None


@dataclass(frozen=True)
class Turn:
    """What is done at one place of the line."""

    position: int
    addressee: Addressee
    user: UUID | None
    outcome: Outcome


def outcome_of(one: InLine, *, readers: AbstractSet[UUID], told: AbstractSet[UUID], sender: UUID) -> Outcome:
    """Whether this one is told; nobody who may not read the thread ever is."""
    if one.user is None:
        return Outcome.NOBODY
    if one.user == sender:
        return Outcome.SENDER
    if one.user not in readers:
        return Outcome.MAY_NOT_READ
    return Outcome.AGAIN if one.user in told else Outcome.TOLD


def next_turns(
    line: Sequence[InLine], position: int, *, readers: AbstractSet[UUID], told: AbstractSet[UUID], sender: UUID
) -> list[Turn]:
    """Those passed over and, last, the next who is told; without such a one the line is at its end.

    Nobody waits out the time of one who cannot be reached.
    """
    turns: list[Turn] = []
    for place in range(position, len(line)):
        one = line[place]
        outcome = outcome_of(one, readers=readers, told=told, sender=sender)
        # Who may not read is not named: who holds a role is not told beside a thread that is closed to them.
        user = one.user if outcome in (Outcome.TOLD, Outcome.AGAIN, Outcome.SENDER) else None
        turns.append(Turn(place, one.addressee, user, outcome))
        if outcome is Outcome.TOLD:
            break
    return turns


def next_due(now: datetime, span_ms: int) -> datetime:
    """When the one after is told: whoever has just been told has the whole time, however late the clock was."""
    return now + timedelta(milliseconds=span_ms)


def is_of_now(said: Urgency, now_ms: int) -> bool:
    """Whether an urgency was signed about now: one of yesterday would wake somebody for what is long over."""
    return abs(said.ts - now_ms) <= CLOCK_TOLERANCE_MS


def notice_kind(priority: int) -> Kind:
    """How a person in line is told."""
    return Kind.URGENT if priority == Priority.URGENT else Kind.IMPORTANT
