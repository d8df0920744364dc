"""How far the threads of many people have come: one question to the database, however many ask in the same moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from consent.access import decide_for_members
from consent.model import Reason
from live.store import unavailable
from messaging.consents import epochs_of
from messaging.emergencies import is_by_emergency
from messaging.footing import READ
from messaging.models import Member
from people.access import posts_of
from people.models import Affiliation

COLUMNS = {"number": F("thread__head"), "whose": F("thread__patient_id"), "labels": F("thread__labels")}


def heads(users: Sequence[UUID]) -> dict[UUID, dict[str, int]]:
    """The highest message seq of every thread that each of these people may read now; three queries for all of them.

    Raises Unavailable where nothing can be decided.
    """
    now = timezone.now()
    rows = Member.objects.filter(user_id__in=users, left=None).select_related("user").annotate(**COLUMNS)
    tables: dict[str, list[Member]] = defaultdict(list)
    for row in rows:
        tables[row.thread_id].append(row)
    epochs = epochs_of({members[0].whose for members in tables.values()})  # type: ignore[attr-defined]  # annotated
    held = posts_of(users)
    found: dict[UUID, dict[str, int]] = {user: {} for user in users}
    for thread, members in tables.items():
        for reader in _readers(thread, members, epochs, held, now):
            found[reader.user_id][thread] = reader.number  # type: ignore[attr-defined]  # annotated
    return found


def _readers(
    thread: str, members: Sequence[Member], epochs: dict[UUID, int], held: dict[UUID, list[Affiliation]], now: datetime
) -> list[Member]:
    patient: UUID = members[0].whose  # type: ignore[attr-defined]  # annotated
    decisions = decide_for_members(
        [member.user for member in members],
        (READ,),
        patient,
        thread_id=thread,
        labels=tuple(members[0].labels),  # type: ignore[attr-defined]  # annotated
        now=now,
        epoch=epochs[patient],
        held=held,
    )
    if any(decision.reason == Reason.PDP_UNAVAILABLE for decision in decisions.values()):
        raise unavailable()
    return [
        member
        for member in members
        if (decision := decisions[member.user_id, READ]).permit and not is_by_emergency(decision)
    ]
