"""Members say how far they have got: delivered, read, and what they could not open."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from live.push import push_on_commit
from messaging import shapes
from messaging.access import Seat
from messaging.models import Mark, Member
from messaging.rules import Marks, merge_marks
from people.shapes import millis

READ_WINDOW = timedelta(minutes=15)
"""Reading as messages arrive makes one row of the ledger in so long, not one a message."""


def mark(seat: Seat, said: Marks) -> Marks:
    """Merges what a member's device says into the member's marks, and tells the other members what is new."""
    thread, now = seat.thread, timezone.now()
    with transaction.atomic():
        Mark.objects.get_or_create(thread=thread, user=seat.person)
        # The row is locked before it is read: two devices that mark at once must both be heard.
        row = Mark.objects.select_for_update().get(thread=thread, user=seat.person)
        head = type(thread).objects.values_list("head", flat=True).get(pk=thread.pk)
        held = shapes.marks_of(row)
        merged = merge_marks(held, said, head)
        if merged == held:
            return held
        if merged.read > held.read:
            # What was read before times were kept was read at a time that nobody knows.
            before = ((held.read, 0),) if held.read and not held.moves else ()
            merged = merge_marks(merged, merged._replace(moves=(*before, (merged.read, millis(now)))), head)
        row.delivered, row.read = merged.delivered, merged.read
        row.failed = {str(seq): code for seq, code in merged.failed.items()}
        row.healed = sorted(merged.healed)
        row.moves = [list(move) for move in merged.moves]
        if merged.read > held.read and _window_has_passed(row.window_at, now):
            row.window_at = now
            _record_reading(seat, held.read + 1, merged.read)
        row.save()
        others = Member.objects.filter(thread=thread, left=None).values_list("user_id", flat=True)
        push_on_commit(list(others), shapes.marks_changed(thread.pk, seat.person.pk, merged))
    return merged


def open_window(seat: Seat, first: int, last: int) -> None:
    """Puts the reading of one page into the patient's ledger, inside the transaction that reads it."""
    Mark.objects.update_or_create(thread=seat.thread, user=seat.person, defaults={"window_at": timezone.now()})
    _record_reading(seat, first, last)


def _window_has_passed(opened: datetime | None, now: datetime) -> bool:
    return opened is None or now - opened >= READ_WINDOW


def _record_reading(seat: Seat, first: int, last: int) -> None:
    record(
        actor=seat.person.pk,
        verb="thread.read",
        patient=seat.thread.patient_id,
        object_kind="thread",
        object_id=seat.thread.pk,
        outcome="permit",
        reason=seat.decision.reason,
        basis=seat.decision.basis,
        detail={"from": first, "to": last},
    )


def marks_in(thread_id: str) -> dict[UUID, Marks]:
    """The marks of the present members, by person."""
    members = Member.objects.filter(thread_id=thread_id, left=None).values("user_id")
    rows = Mark.objects.filter(thread_id=thread_id, user_id__in=members)
    return {row.user_id: shapes.marks_of(row) for row in rows}
