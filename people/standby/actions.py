"""Roles change hands, people say when they want peace, and what they are to be told is kept until it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from audit.actions import record
from people import notices
from people.models import Organisation, User
from people.notices import Kind
from people.standby.models import Notice, OnCallRole, OnCallTurn, QuietHours
from people.standby.rules import Quiet, due_at
from wire.errors import Conflict, Invalid
from wire.urgency import AnswerTime, QuietHoursPut, UrgencyCode

CLAIM = timedelta(minutes=2)
"""Who claimed a notice and has not sent it by then is taken for dead: another sends it."""
BATCH = 200


@transaction.atomic
def open_role(by: User, organisation: Organisation, role_id: UUID, name: str) -> OnCallRole:
    """A new role, held by nobody; a repeat is the same role, another of that name a Conflict."""
    held = OnCallRole.objects.filter(Q(pk=role_id) | Q(organisation=organisation, name=name)).first()
    if held is not None:
        if (held.pk, held.organisation_id, held.name) == (role_id, organisation.pk, name):
            return held
        raise Conflict("There is a role of that name already.", re="name")
    made = OnCallRole.objects.create(pk=role_id, organisation=organisation, name=name)
    record(
        actor=by.pk,
        verb="on_call.open",
        patient=None,
        actor_org=organisation.pk,
        object_kind="role",
        object_id=role_id.hex,
    )
    return made


@transaction.atomic
def give_role(by: User, role: OnCallRole, to: User) -> OnCallTurn:
    """From now on `to` holds the role, and nobody else; giving it to its holder changes nothing."""
    # The role's row is locked: of two who take it at once the later one has it, and both stand in the history.
    OnCallRole.objects.select_for_update().get(pk=role.pk)
    now, held = timezone.now(), role.turns.filter(until=None).first()
    if held is not None and held.user_id == to.pk:
        return held
    role.turns.filter(until=None).update(until=now)
    made = OnCallTurn.objects.create(role=role, user=to, given_by=by, since=now)
    record(
        actor=by.pk,
        verb="on_call.give",
        patient=None,
        actor_org=role.organisation_id,
        object_kind="role",
        object_id=role.pk.hex,
        detail={"to": to.pk.hex},
    )
    return made


@transaction.atomic
def set_quiet_hours(user: User, wanted: QuietHoursPut) -> None:
    """From now on routine notices wait for the end of these hours."""
    if wanted.zone not in available_timezones():
        raise Invalid("Choose a time zone such as Europe/Berlin.", code=UrgencyCode.UNKNOWN_ZONE, re="zone")
    QuietHours.objects.update_or_create(
        user=user, defaults={"zone": wanted.zone, "start": wanted.start, "end": wanted.end}
    )


def set_answer_time(user: User, within: AnswerTime) -> None:
    """From now on whoever shares a conversation with this person is told when they usually answer."""
    user.answers_within = within
    user.save(update_fields=["answers_within"])


def leave_notice(user_id: UUID, kind: Kind, now: datetime) -> None:
    """Keeps a notice in the caller's transaction; it is sent once its time has come, whatever dies in between."""
    row = QuietHours.objects.filter(user_id=user_id).first()
    quiet = Quiet(ZoneInfo(row.zone), row.start, row.end) if row is not None else None
    Notice.objects.create(user_id=user_id, kind=kind, due_at=due_at(now, kind, quiet))


def send_notices() -> int:
    """Sends whatever is due and returns how many; two processes never hold the same one.

    What is claimed and not sent within two minutes is sent again: a second word is better than none.
    """
    sent, now = 0, timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lte=now - CLAIM)
    due = Notice.objects.filter(free, sent_at=None, due_at__lte=now)
    for row in list(due.order_by("due_at")[:BATCH]):
        if not Notice.objects.filter(free, pk=row.pk, sent_at=None).update(claimed_at=timezone.now()):
            continue
        notices.tell(row.user_id, row.kind)
        Notice.objects.filter(pk=row.pk).update(sent_at=timezone.now())
        sent += 1
    return sent
