"""The road from a patient to the entries about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Max, Min, QuerySet

from audit.models import Entry

PAGE = 100
MOST_GROUPS = 500


@dataclass(frozen=True)
class Filter:
    """Which of a patient's entries are meant; whatever is empty does not narrow."""

    actor: UUID | None = None
    verbs: tuple[str, ...] = ()
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None

    def narrows(self, rows: QuerySet[Entry]) -> QuerySet[Entry]:
        if self.actor is not None:
            rows = rows.filter(actor=self.actor)
        if self.verbs:
            rows = rows.filter(verb__in=self.verbs)
        if self.outcome:
            rows = rows.filter(outcome=self.outcome)
        if self.since is not None:
            rows = rows.filter(at__gte=self.since)
        return rows if self.until is None else rows.filter(at__lt=self.until)


EVERYTHING = Filter()


def entries_about(
    patient_id: UUID, *, before: int | None = None, limit: int = PAGE, chosen: Filter = EVERYTHING
) -> list[Entry]:
    """The newest entries about a patient, at most `limit` (and never more than 100), older than entry `before`."""
    entries = chosen.narrows(Entry.objects.filter(patient=patient_id))
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return list(entries.order_by("-pk")[: max(1, min(limit, PAGE))])


def placed_about(patient_id: UUID, *, below: int, most: int, chosen: Filter = EVERYTHING) -> list[tuple[int, Entry]]:
    """A patient's newest entries whose place in the tree is below a size, with that place, newest first."""
    rows = chosen.narrows(Entry.objects.filter(patient=patient_id, place__index__lt=below)).order_by("-pk")
    return [(entry.place.index, entry) for entry in rows.select_related("place")[:most]]


@dataclass(frozen=True)
class Counted:
    """How often one person did something with one outcome, and when first and last."""

    actor: UUID | None
    outcome: str
    times: int
    first: datetime
    last: datetime


def people_in(patient_id: UUID, chosen: Filter = EVERYTHING) -> list[Counted]:
    """A patient's entries counted by person and outcome, the most recent first."""
    rows = chosen.narrows(Entry.objects.filter(patient=patient_id)).values_list("actor", "outcome")
    counted = rows.annotate(times=Count("pk"), first=Min("at"), last=Max("at")).order_by("-last")
    return [Counted(*row) for row in counted[:MOST_GROUPS]]
