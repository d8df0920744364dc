"""The road from a patient to the entries about them."""

from __future__ import annotations

from uuid import UUID

from audit.models import Entry

PAGE = 100


def entries_about(patient_id: UUID, *, before: int | None = None, limit: int = PAGE) -> list[Entry]:
    """The newest entries about a patient, at most `limit` (and never more than 100), older than entry `before`."""
    entries = Entry.objects.filter(patient=patient_id)
    if before is not None:
        entries = entries.filter(pk__lt=before)
    return list(entries.order_by("-pk")[: max(1, min(limit, PAGE))])
