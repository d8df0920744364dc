"""Declaring an emergency, co-signing, ending and reviewing it; patient and privacy officers hear of each at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from audit.actions import record
from consent import model
from consent.access import place_of, question
from consent.dossier import Dossier, dossier_of
from consent.emergencies import access, reading
from consent.emergencies.rules import REVIEW_WITHIN, ask, end_is_sound, is_needed, is_over, lasts, renews, state_of
from consent.epochs import locked_epoch, raise_epoch
from consent.models import EmergencyAccess
from crypto.emergency import parse_emergency
from crypto.errors import Ct1Error
from crypto.primitives import verify
from crypto.tables import Label
from live.push import push_on_commit
from people.models import Affiliation, KeyBundle, Patient, User
from wire import emergency as wire
from wire.base import b64
from wire.errors import Conflict, Invalid, NotFound, Refused

log = structlog.get_logger("emergency")
_MAIL = "An emergency access to a record of your organisation needs your review. Sign in to Consilium to read it."


def look(by: User, name: str, birth_date: str) -> Patient:
    """Finds the one patient of this name and birth date; the question itself stands in that patient's ledger."""
    post = access.require_emergency_post(by)
    try:
        found = access.find_by_name(name, birth_date)
    except NotFound:
        record(actor=by.pk, verb="emergency.look", patient=None, outcome="failed", actor_org=post.organisation_id)
        raise
    record(actor=by.pk, verb="emergency.look", patient=found.pk, actor_org=post.organisation_id)
    return found


def declare(by: User, patient_id: UUID, body: wire.EmergencyIn) -> EmergencyAccess:
    """Opens an emergency, or asks a colleague to co-sign it where one is needed; the same id again is no-op.

    Raises NotFound for a person without the duty or an unknown patient, Refused with the decision's reason, with
    `cosigner_needed`, or with `emergency_not_needed`; every refusal of the decision is in the patient's ledger.
    """
    post = access.require_emergency_post(by)
    dossier = dossier_of(patient_id)
    if dossier is None:
        raise NotFound
    if not body.attest:
        raise Refused("Say that this is an emergency, and why.", code=wire.EmergencyCode.ATTEST)
    now = timezone.now()
    cosigner = _colleague(by, post, body.cosigner, now)
    with transaction.atomic():
        locked_epoch(patient_id)
        known = EmergencyAccess.objects.filter(pk=UUID(bytes=body.id)).first()
        if known is not None:
            if (known.user_id, known.patient_id) != (by.pk, patient_id):
                raise Conflict("This id is taken.", re="id")
            return known
        refusal = _refusal(by, post, dossier, body, cosigner, now)
        if refusal is None:
            return _open(by, post, dossier, body, cosigner, now)
        record(
            actor=by.pk, verb="emergency.declare", patient=patient_id, outcome="deny", reason=str(refusal.code),
            actor_org=post.organisation_id, detail={"why": body.reason_code},
        )  # fmt: skip
    # Raised outside of the transaction: the refusal stays in the ledger.
    raise refusal


def _colleague(by: User, post: Affiliation, cosigner: bytes | None, now: datetime) -> User | None:
    if cosigner is None:
        return None
    colleagues = access.colleagues_of(by, post.organisation_id, now)
    found = next((one for one in colleagues if one.pk.bytes == cosigner), None)
    if found is None:
        raise NotFound(re="cosigner")
    return found


def _refusal(
    by: User, post: Affiliation, dossier: Dossier, body: wire.EmergencyIn, cosigner: User | None, now: datetime
) -> Refused | None:
    """Why it cannot be declared, or None; asked of the decision as it will be asked when something is opened."""
    declared = model.BreakGlass(
        reason=body.reason_code,
        cosigner=cosigner.pk.hex if cosigner else "",
        categories=frozenset(body.categories),
        declared_at=now,
        expires_at=now + lasts(dossier.rules.emergency_hours),
    )
    request = question(dossier, by, "card.view", place_of("", ()), "TREAT", now)
    if not is_needed(dossier.snapshot, request, body.categories):
        return Refused("You may read this record already.", code=wire.EmergencyCode.NOT_NEEDED)
    actor = replace(request.actor, emergency_privilege=True)
    emergency = replace(request, actor=actor, purpose="BTG", break_glass=declared)
    decision = ask(dossier.snapshot, emergency, sorted(body.categories))
    rows = EmergencyAccess.objects.filter(user=by, patient_id=dossier.patient_id)
    again = cosigner is None and renews([reading.declared(row) for row in rows], now)
    if again or decision.reason is model.Reason.BREAK_GLASS_NEEDS_COSIGN:
        return Refused("A second clinician must co-sign this.", code=wire.EmergencyCode.COSIGNER)
    if not decision.permit:
        return Refused("This record cannot be opened as an emergency.", code=str(decision.reason))
    return None


def _open(
    by: User, post: Affiliation, dossier: Dossier, body: wire.EmergencyIn, cosigner: User | None, now: datetime
) -> EmergencyAccess:
    end = now if cosigner else now + lasts(dossier.rules.emergency_hours)
    row = EmergencyAccess.objects.create(
        pk=UUID(bytes=body.id),
        patient_id=dossier.patient_id,
        user=by,
        organisation_id=post.organisation_id,
        categories=sorted(set(body.categories)),
        reason_code=body.reason_code,
        reason=body.reason,
        declared_at=now,
        expires_at=end,
        cosigner=cosigner,
        review_due_at=now + REVIEW_WITHIN,
    )
    verb = "emergency.ask" if cosigner else "emergency.declare"
    detail: dict[str, int | str | bool] = {"why": body.reason_code, "categories": ",".join(row.categories)}
    _tell(row, by, verb, now, reason=str(model.Reason.BREAK_GLASS), detail=detail, mails=True)
    return row


def cosign(by: User, row: EmergencyAccess, body: wire.EmergencyCosign) -> EmergencyAccess:
    """Opens what a colleague declared; raises Conflict when the time to co-sign is over, Invalid for other words."""
    now = timezone.now()
    with transaction.atomic():
        locked_epoch(row.patient_id)
        row.refresh_from_db()
        if row.cosigned_at is not None:
            return row
        if state_of(reading.declared(row), now) != "waiting_for_cosigner":
            raise Conflict("Nobody waits for this any more.", code=wire.EmergencyCode.OVER)
        dossier = dossier_of(row.patient_id)
        assert dossier is not None
        exp = datetime.fromtimestamp(body.exp / 1000, UTC)
        if not end_is_sound(exp, dossier.rules.emergency_hours, now):
            raise Invalid("An emergency ends within hours.", re="exp")
        _check_signatures(by, row, body)
        row.cosigned_at, row.expires_at = now, min(exp, now + lasts(dossier.rules.emergency_hours))
        row.cosignatures = [
            {"thread": b64(one.thread), "body": b64(one.body), "fp": b64(one.fp), "sig": b64(one.sig)}
            for one in body.signatures
        ]
        row.save(update_fields=["cosigned_at", "expires_at", "cosignatures"])
        _tell(row, by, "emergency.cosign", now, reason=str(model.Reason.BREAK_GLASS), mails=True)
    return row


def _check_signatures(by: User, row: EmergencyAccess, body: wire.EmergencyCosign) -> None:
    """Each is the co-signer's own, over this declaration, for this thread, until the one end that was named."""
    keys = dict(KeyBundle.objects.filter(user=by).values_list("fp", "sign_pk"))
    for one in body.signatures:
        if one.fp not in keys:
            raise Ct1Error("E_UNKNOWN_KEY", "a co-signer signs with their own key")
        verify(keys[one.fp], Label.BREAK_GLASS_SIG, one.body, one.sig)
        said = parse_emergency(one.body)
        mine = (said.declaration_id, said.thread_id, said.user, said.exp)
        if mine != (row.pk.bytes, one.thread, row.user_id.bytes, body.exp):
            raise Invalid("These are not the words that were asked for.", re="signatures")


def end(by: User, row: EmergencyAccess) -> EmergencyAccess:
    """Ends an emergency now, for everybody and at every door; a repeat is no-op."""
    now = timezone.now()
    with transaction.atomic():
        locked_epoch(row.patient_id)
        row.refresh_from_db()
        if not is_over(reading.declared(row), now):
            row.ended_at = now
            row.save(update_fields=["ended_at"])
            _tell(row, by, "emergency.end", now)
    return row


def review(by: User, row: EmergencyAccess, body: wire.EmergencyReview) -> EmergencyAccess:
    """Writes down what came of an emergency that is over; the patient reads it. Conflict when one stands or is done."""
    now = timezone.now()
    with transaction.atomic():
        row = EmergencyAccess.objects.select_for_update().get(pk=row.pk)
        if row.reviewed_at is not None:
            raise Conflict("This was reviewed already.", code=wire.EmergencyCode.REVIEWED)
        if not is_over(reading.declared(row), now):
            raise Conflict("It is still open: end it first.", code=wire.EmergencyCode.STILL_OPEN)
        row.reviewed_at, row.reviewed_by = now, by
        row.outcome, row.review_note = body.outcome, body.note
        row.save(update_fields=["reviewed_at", "reviewed_by", "outcome", "review_note"])
        late = now > row.review_due_at
        _tell(row, by, "emergency.review", now, reason=body.outcome, detail={"late": late})
    return row


def close_those_that_are_over() -> int:
    """Stamps what ran out, and raises the epochs, so that nobody remembers a decision from before; safe to repeat.

    No access hangs on it: every decision looks at the clock.
    """
    now = timezone.now()
    rows = EmergencyAccess.objects.filter(ended_at=None, reviewed_at=None, expires_at__lte=now)
    closed = 0
    for row in rows.select_related("patient"):
        if is_over(reading.declared(row), now):
            closed += _close(row, now)
    return closed


@transaction.atomic
def _close(row: EmergencyAccess, now: datetime) -> bool:
    stamped = EmergencyAccess.objects.filter(pk=row.pk, ended_at=None).update(
        ended_at=max(row.expires_at, row.declared_at)
    )
    if stamped:
        _tell(row, None, "emergency.expire", now)
    return bool(stamped)


def _tell(
    row: EmergencyAccess,
    by: User | None,
    verb: str,
    now: datetime,
    *,
    reason: str = "",
    detail: dict[str, int | str | bool] | None = None,
    mails: bool = False,
) -> None:
    """Into the ledger, on to whoever remembers decisions, and to the screens of those whom it concerns."""
    record(
        actor=by.pk if by else None,
        verb=verb,
        patient=row.patient_id,
        object_kind="emergency",
        object_id=row.pk.hex,
        outcome="permit" if reason == model.Reason.BREAK_GLASS else "done",
        reason=reason,
        actor_org=row.organisation_id,
        detail=detail,
    )
    raise_epoch(row.patient_id)
    push_on_commit(reading.parties(row, now), wire.EmergencyChanged(id=row.pk.bytes, patient=row.patient_id.bytes))
    if mails:
        officers = access.officers_of(row.patient.organisation_id, now)
        transaction.on_commit(partial(_mail, [one.email for one in officers]), robust=True)


def _mail(addresses: Sequence[str]) -> None:
    """No name, no reason, no time: an e-mail is a postcard."""
    try:
        send_mail("Consilium: a review is due", _MAIL, None, list(addresses))
    except OSError as error:
        log.warning("emergency.mail_failed", error=type(error).__name__)
