"""What may be declared, for how long, and when a second clinician must agree: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from consent import model
from consent.rules import decide

REVIEW_WITHIN = timedelta(hours=72)
AGAIN = timedelta(hours=24)
"""How long after an emergency another of the same person for the same patient counts as its renewal."""
ASKED_FOR = timedelta(hours=1)
"""How long a colleague who was asked to co-sign may still do so."""
CLOCK_SLACK = timedelta(minutes=5)
"""By how much a client's clock may be ahead when it names the end that is signed."""

State = Literal["waiting_for_cosigner", "open", "ended", "reviewed"]


@dataclass(frozen=True)
class Declared:
    """What the rules ask of a row: times in UTC; `expires_at` of one that waits is its own beginning."""

    declared_at: datetime
    expires_at: datetime
    ended_at: datetime | None
    reviewed_at: datetime | None
    waits: bool


def state_of(one: Declared, now: datetime) -> State:
    """What a declaration is now; one that nobody co-signed in time has ended without ever having been open."""
    if one.reviewed_at is not None:
        return "reviewed"
    if one.ended_at is not None:
        return "ended"
    if one.waits:
        return "waiting_for_cosigner" if now < one.declared_at + ASKED_FOR else "ended"
    return "open" if now < one.expires_at else "ended"


def is_over(one: Declared, now: datetime) -> bool:
    return state_of(one, now) in ("ended", "reviewed")


def renews(earlier: Iterable[Declared], now: datetime) -> bool:
    """Whether the same person was let in so within the last day: nobody renews their own emergency alone."""
    return any(not one.waits and now < (one.ended_at or one.expires_at) + AGAIN for one in earlier)


def lasts(hours: int) -> timedelta:
    """How long an emergency is open: as the organisation says, and never beyond four hours."""
    return timedelta(hours=max(0, min(4, hours)))


def end_is_sound(exp: datetime, hours: int, now: datetime) -> bool:
    """Whether an end that was signed lies ahead, and no further than an emergency may last."""
    return now < exp <= now + lasts(hours) + CLOCK_SLACK


def _asked(request: model.Request, category: str) -> model.Request:
    action = "thread.read" if category == "message" else "card.view"
    return replace(request, action=action, resource=replace(request.resource, category=category))


def is_needed(snapshot: model.Snapshot, request: model.Request, categories: Sequence[str]) -> bool:
    """Whether anything of what is asked for is closed to the person without an emergency."""
    return not all(decide(snapshot, _asked(request, category)).permit for category in categories)


def ask(snapshot: model.Snapshot, request: model.Request, categories: Sequence[str]) -> model.Decision:
    """The decision on a declaration: the first refusal of any category, else the permit.

    `request` names the actor, the patient and the emergency; the categories are asked about one by one, because a
    deny may reach one and not another.
    """
    decisions = [decide(snapshot, _asked(request, category)) for category in categories]
    refused = (one for one in decisions if not one.permit)
    return next(refused, decisions[0])
