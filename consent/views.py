"""The HTTP doors of consent: parse, access, act, answer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from audit.access import PAGE, entries_about
from audit.actions import record
from consent import actions, reading
from consent.access import Standpoint, access_own_record, access_record, epoch_of
from consent.models import Directive
from consent.report import filter_of
from people.models import Patient, User
from people.reading import person_of
from wire.base import unb64
from wire.consent import ConsentGiven, DirectiveIn, DirectivesOut, LedgerPage, RevocationIn
from wire.errors import NotFound

router = Router(tags=["consent"])
MAX_DIRECTIVES = 500


def _standpoint(request: HttpRequest, patient: str) -> tuple[User, Standpoint]:
    user = person_of(request.user)
    try:
        return user, access_record(user, UUID(bytes=unb64(patient)))
    except ValueError:
        raise NotFound from None


def _own(request: HttpRequest, patient: str) -> tuple[User, Patient]:
    user = person_of(request.user)
    try:
        return user, access_own_record(user, UUID(bytes=unb64(patient)))
    except ValueError:
        raise NotFound from None


@router.get("/patients/{patient}/directives", response=DirectivesOut)
def directives(request: HttpRequest, patient: str) -> DirectivesOut:
    user, standpoint = _standpoint(request, patient)
    rows = Directive.objects.filter(patient=standpoint.patient).order_by("-given_at")
    # What a young person has confided is not told to a parent by way of the permissions either.
    shown = list((rows if standpoint.is_own else rows.filter(given_by=user))[:MAX_DIRECTIVES])
    record(actor=user.pk, verb="consent.read", patient=standpoint.patient.pk)
    return DirectivesOut(
        directives=reading.directives_out(shown, timezone.now()), epoch=epoch_of(standpoint.patient.pk)
    )


@router.post("/patients/{patient}/directives", response=ConsentGiven)
def give(request: HttpRequest, patient: str, body: DirectiveIn) -> ConsentGiven:
    user, standpoint = _standpoint(request, patient)
    directive_id, epoch = actions.give_directive(
        standpoint.patient,
        by=user,
        body=body.body,
        signers=body.signers,
        statement=body.statement,
        keep_both=body.keep_both,
    )
    return ConsentGiven(id=directive_id.bytes, epoch=epoch)


@router.post("/patients/{patient}/revocations", response=ConsentGiven)
def withdraw(request: HttpRequest, patient: str, body: RevocationIn) -> ConsentGiven:
    user, standpoint = _standpoint(request, patient)
    revoke_id, epoch = actions.withdraw(standpoint.patient, by=user, body=body.body, signers=body.signers)
    return ConsentGiven(id=revoke_id.bytes, epoch=epoch)


@router.get("/patients/{patient}/ledger", response=LedgerPage)
def ledger(
    request: HttpRequest, patient: str, before: int | None = None, limit: int = PAGE, show: str = ""
) -> LedgerPage:
    user, record_of = _own(request, patient)
    chosen = filter_of(show, None, None, None)
    record(actor=user.pk, verb="ledger.read", patient=record_of.pk)
    entries = entries_about(record_of.pk, before=before, limit=limit, chosen=chosen)
    more = len(entries) == max(1, min(limit, PAGE))
    return LedgerPage(lines=reading.ledger_lines(entries), next=entries[-1].pk if more else None)
