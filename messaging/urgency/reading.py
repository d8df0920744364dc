"""What a thread's members see of its urgencies, in a bounded number of queries."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from messaging.access import Seat
from messaging.models import Message
from messaging.urgency import access
from messaging.urgency.models import Ack, Urgency
from people.models import User
from people.shapes import millis
from wire import urgency as wire

PAGE = 100


def urgency_out(row: Urgency) -> wire.UrgencyOut:
    return wire.UrgencyOut.model_validate(
        {
            "msg_id": row.message.msg_id.bytes,
            "seq": row.message.seq,
            "body": row.body,
            "sig": row.sig,
            "state": row.state,
            "due_at": millis(row.due_at) if row.due_at else None,
            "steps": [
                {
                    "position": step.position,
                    "kind": step.kind,
                    "id": step.target.bytes,
                    "user": step.user_id.bytes if step.user_id else None,
                    "outcome": step.outcome,
                    "at": millis(step.at),
                }
                for step in sorted(row.steps.all(), key=lambda step: step.position)
            ],
        }
    )


def ack_out(row: Ack) -> wire.AckOut:
    return wire.AckOut(
        msg_id=row.message.msg_id.bytes,
        seq=row.message.seq,
        user=row.user_id.bytes,
        body=row.body,
        sig=row.sig,
        at=millis(row.at),
    )


def urgencies(seat: Seat, before: int | None) -> wire.ThreadUrgencies:
    """The latest messages of the thread that have an urgency or an acknowledgement, as far back as one's history."""
    rows = Message.objects.filter(
        Q(Exists(Urgency.objects.filter(message=OuterRef("pk"))))
        | Q(Exists(Ack.objects.filter(message=OuterRef("pk")))),
        thread=seat.thread,
        epoch__gte=seat.member.floor,
    )
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq").values_list("pk", "seq")[: PAGE + 1])
    page = [pk for pk, _ in found[:PAGE]]
    said = Urgency.objects.filter(message__in=page).select_related("message").prefetch_related("steps")
    acks = Ack.objects.filter(message__in=page).select_related("message")
    return wire.ThreadUrgencies(
        urgencies=[urgency_out(row) for row in said.order_by("message__seq")],
        acks=[ack_out(row) for row in acks.order_by("message__seq", "pk")],
        before=found[PAGE - 1][1] if len(found) > PAGE else None,
    )


def roles(seat: Seat, now: datetime) -> wire.ThreadRoles:
    """Whom a message of this thread can be addressed to by role."""
    found = access.roles_of(seat.thread, now)
    names = {row.pk: row.name for row in User.objects.filter(pk__in=[holder for _, holder in found if holder])}
    return wire.ThreadRoles(
        roles=[
            wire.ThreadRole(
                id=row.pk.bytes,
                name=row.name,
                organisation_name=row.organisation.name,
                holder=holder.bytes if holder else None,
                holder_name=names.get(holder, "") if holder else "",
            )
            for row, holder in found
        ]
    )
