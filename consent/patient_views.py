"""The HTTP doors of the patient's own pages: rehearsals, notices and receipts."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from audit.actions import record
from consent import receipts, rehearsal, reminders
from consent.access import Standpoint, access_record
from consent.endings import ends_of
from consent.models import Directive, Revocation
from consent.views import MAX_DIRECTIVES
from people.models import User
from people.reading import person_of
from people.shapes import millis
from wire import patient as wire
from wire.base import unb64
from wire.errors import NotFound
from wire.people import Done

router = Router(tags=["patient"])


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _standpoint(request: HttpRequest, patient: str) -> tuple[User, Standpoint]:
    user = person_of(request.user)
    return user, access_record(user, _id(patient))


def _directives(user: User, standpoint: Standpoint) -> list[Directive]:
    """All for the patient; one who acts for the patient sees those they gave."""
    rows = Directive.objects.filter(patient=standpoint.patient).order_by("-given_at")
    return list((rows if standpoint.is_own else rows.filter(given_by=user))[:MAX_DIRECTIVES])


@router.post("/patients/{patient}/rehearsals", response=wire.RehearsalOut)
def rehearse(request: HttpRequest, patient: str, body: wire.RehearsalIn) -> wire.RehearsalOut:
    user, standpoint = _standpoint(request, patient)
    seen = rehearsal.rehearse(standpoint.patient, body, timezone.now(), as_seen_by=user)
    record(actor=user.pk, verb="consent.rehearse", patient=standpoint.patient.pk)
    return seen


@router.get("/patients/{patient}/notices", response=wire.NoticesOut)
def notices(request: HttpRequest, patient: str) -> wire.NoticesOut:
    user, standpoint = _standpoint(request, patient)
    now, rows = timezone.now(), _directives(user, standpoint)
    ends = ends_of(standpoint.patient, rows, now)
    names = dict(User.objects.filter(pk__in={pk for end in ends.values() for pk in end.by}).values_list("pk", "name"))
    coming = reminders.majority_of(standpoint.patient, now) if standpoint.is_own else None
    return wire.NoticesOut(
        reminders=[
            wire.Reminder(directive=one.directive.bytes, kind=one.kind, at=millis(one.at))
            for one in reminders.reminders_of(standpoint.patient, rows, now)
        ],
        endings=[
            wire.Ending(
                directive=pk.bytes,
                how=end.how,
                by=[names[who] for who in end.by],
                at=millis(end.at),
                withdrawal=end.withdrawal.bytes if end.withdrawal else None,
            )
            for pk, end in ends.items()
        ],
        coming_of_age=coming and wire.ComingOfAge(on=coming.on.isoformat(), days=coming.days, names=list(coming.names)),
    )


def _directive(user: User, standpoint: Standpoint, directive_id: str) -> Directive:
    row = Directive.objects.filter(patient=standpoint.patient, pk=_id(directive_id)).first()
    if row is None or not (standpoint.is_own or row.given_by_id == user.pk):
        raise NotFound
    return row


@router.post("/patients/{patient}/directives/{directive_id}/review", response=Done)
def review(request: HttpRequest, patient: str, directive_id: str) -> Done:
    user, standpoint = _standpoint(request, patient)
    reminders.review(_directive(user, standpoint, directive_id), user.pk)
    return Done()


@router.get("/patients/{patient}/directives/{directive_id}/receipt", response=wire.Receipt)
def receipt(request: HttpRequest, patient: str, directive_id: str) -> wire.Receipt:
    user, standpoint = _standpoint(request, patient)
    row = _directive(user, standpoint, directive_id)
    record(actor=user.pk, verb="receipt.read", patient=standpoint.patient.pk, object_id=directive_id)
    return receipts.of_directive(standpoint.patient, row, timezone.now())


@router.get("/patients/{patient}/withdrawals/{withdrawal_id}/receipt", response=wire.Receipt)
def withdrawal_receipt(request: HttpRequest, patient: str, withdrawal_id: str) -> wire.Receipt:
    user, standpoint = _standpoint(request, patient)
    row = Revocation.objects.filter(patient=standpoint.patient, pk=_id(withdrawal_id)).first()
    if row is None or not (standpoint.is_own or receipts.is_only_of(row, user.pk)):
        raise NotFound
    record(actor=user.pk, verb="receipt.read", patient=standpoint.patient.pk, object_id=withdrawal_id)
    return receipts.of_withdrawal(standpoint.patient, row, timezone.now())


@router.get("/receipt-key", auth=None, response=wire.ReceiptKey)
def receipt_key(request: HttpRequest) -> wire.ReceiptKey:
    return wire.ReceiptKey(public_key=receipts.public_key(), label=receipts.LABEL)
