"""A patient's word on paper or by mouth: written down by one witness, in force with the second."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import record
from consent.actions.giving import give_directive, stored, stored_signers, withdraw
from consent.actions.voices import NO_FP, is_witness, voice_of
from consent.checks import is_named
from consent.epochs import raise_epoch
from consent.models import Witnessing
from crypto import directives as ct1
from crypto.authority import Authorities, Authority, Change, parse_change
from crypto.errors import Ct1Error
from crypto.primitives import verify
from crypto.tables import CHANGE_STANDS_MS, CHANGE_WAIT_MS, MIN_WITNESSES, AuthKind, Effect, Label, RevokeKind
from people.models import KeyBundle, Patient, User
from people.reading import current_fps
from people.shapes import millis
from wire.consent import ConsentCode, ConsentSigner
from wire.errors import Conflict, Invalid, NotFound, Refused, TooMany
from wire.witness import WitnessCode, WitnessingIn

MOST_OPEN = 20
"""Of one witness for one patient: more would hide what others brought in."""
OPEN_FOR = timedelta(hours=72)
"""How long the first witness's word waits for the second: a conversation is not remembered for ever."""


@transaction.atomic
def open_witnessing(patient: Patient, by: User, body: WitnessingIn) -> Witnessing:
    """Writes down what a patient said, with its first witness; a repeat with the same id and bytes is no-op.

    One witness is enough to end permissions, so such a withdrawal is in force at once. Raises Refused where the patient
    can sign, or the asker is no witness; Conflict for an id that was used; and what `give_directive` raises in the end.
    """
    now = timezone.now()
    witnessing_id = UUID(bytes=body.id)
    known = Witnessing.objects.filter(pk=witnessing_id, patient=patient).first()
    if known is not None and known.body == body.body:
        return known
    if Witnessing.objects.filter(pk=witnessing_id).exists():
        raise Conflict("This id is taken.", code=ConsentCode.DIRECTIVE_EXISTS)
    if not is_witness(by.pk, now):
        raise Refused("Only a witness of the organisation can bring this in.", code=WitnessCode.NOT_A_WITNESS)
    if (
        Witnessing.objects.filter(patient=patient, opened_by=by, closed_at=None, expires_at__gt=now).count()
        >= MOST_OPEN
    ):
        raise TooMany("You have brought in so much that nobody has signed yet: let a colleague sign some of it.")
    row = Witnessing(
        pk=witnessing_id,
        patient=patient,
        kind=body.kind,
        body=body.body,
        signers=stored([body.signer]),
        statement=body.statement,
        method=body.method,
        opened_by=by,
        opened_at=now,
        expires_at=now + OPEN_FOR,
    )
    _check_object(row)
    _check_signature(by, body.kind, body.body, body.signer)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict("This id is taken.", code=ConsentCode.DIRECTIVE_EXISTS) from error
    record(actor=by.pk, verb="consent.witness", patient=patient.pk, object_kind=body.kind, object_id=row.pk.hex)
    if needed(row) == 1:
        _put_in_force(row, by, [body.signer])
    return row


@transaction.atomic
def sign_witnessing(row: Witnessing, by: User, signer: ConsentSigner) -> Witnessing:
    """The next witness signs the same bytes; with the last it is in force. A repeat by the same witness is refused."""
    row = Witnessing.objects.select_for_update().select_related("patient").get(pk=row.pk)
    now = timezone.now()
    if row.closed_at is not None or row.expires_at <= now:
        raise NotFound
    if not is_witness(by.pk, now):
        raise Refused("Only a witness of the organisation can sign this.", code=WitnessCode.NOT_A_WITNESS)
    if by.pk in _people(row):
        raise Refused("You have witnessed this already.", code=WitnessCode.WITNESSED_TWICE)
    # The patient may have an account by now, or another key.
    _check_object(row)
    _check_signature(by, row.kind, row.body, signer)
    signers = [*stored_signers(row), signer]
    row.signers = stored(signers)
    row.save(update_fields=["signers"])
    record(actor=by.pk, verb="consent.witness", patient=row.patient_id, object_kind=row.kind, object_id=row.pk.hex)
    if len(signers) >= needed(row):
        _put_in_force(row, by, signers)
    return row


@transaction.atomic
def drop_witnessing(row: Witnessing, by: User) -> None:
    """Takes back what has not come into force; a repeat is no-op.

    Raises Refused for one who is no witness, or whom it names: a protection is not dropped by whoever it keeps out.
    """
    now = timezone.now()
    if not is_witness(by.pk, now):
        raise Refused("Only a witness of the organisation can drop this.", code=WitnessCode.NOT_A_WITNESS)
    if row.kind == Witnessing.Kind.DIRECTIVE and is_named(row.patient, ct1.parse_directive(row.body), by.pk, now):
        raise Refused("It is about you: another witness decides.", code=WitnessCode.NOT_A_WITNESS)
    if Witnessing.objects.filter(pk=row.pk, closed_at=None).update(closed_at=timezone.now()):
        record(actor=by.pk, verb="consent.witness_drop", patient=row.patient_id, object_id=row.pk.hex)


def needed(row: Witnessing) -> int:
    """How many witnesses bring it into force: one to close what was open, two to open anything."""
    if row.kind != Witnessing.Kind.REVOCATION:
        return MIN_WITNESSES
    revoke = ct1.parse_revoke(row.body)
    if revoke.kind != RevokeKind.DIRECTIVE:
        return 1
    ended = row.patient.directives.filter(pk=UUID(bytes=revoke.target)).first()
    opens = ended is not None and ct1.parse_directive(ended.body).effect == Effect.DENY
    return MIN_WITNESSES if opens else 1


def _people(row: Witnessing) -> list[UUID]:
    fps = [signer.fp for signer in stored_signers(row)]
    return list(KeyBundle.objects.filter(fp__in=fps).values_list("user_id", flat=True))


def _check_object(row: Witnessing) -> None:
    """Refuses what could never come into force, before anybody asks a second witness for it, and again then."""
    if row.kind == Witnessing.Kind.REVOCATION:
        if ct1.parse_revoke(row.body).auth_fp != NO_FP:
            raise Invalid("This is not said to be witnessed.", re="body")
        return
    if row.kind == Witnessing.Kind.AUTHORITY:
        _check_change(row.patient, parse_change(row.body), row.opened_at)
        return
    directive = ct1.parse_directive(row.body)
    if directive.auth_kind != AuthKind.WITNESSED or directive.auth_fp != NO_FP:
        raise Invalid("This is not said to be witnessed.", re="body")
    if row.patient.account_id is not None:
        raise Refused("This patient signs in the app.", code=WitnessCode.PATIENT_DECIDES)
    if ct1.statement_hash(row.statement) != directive.text_hash:
        raise Invalid("These are not the words that were signed.", code=ConsentCode.STATEMENT_MISMATCH)


def _check_signature(by: User, kind: str, body: bytes, signer: ConsentSigner) -> None:
    """The witness's own current key, over these bytes."""
    bundle = KeyBundle.objects.filter(user=by, fp=signer.fp).first()
    if bundle is None:
        raise Invalid("This is not your key.", re="signer")
    check = {
        Witnessing.Kind.DIRECTIVE.value: ct1.verify_directive,
        Witnessing.Kind.REVOCATION.value: ct1.verify_revoke,
        Witnessing.Kind.AUTHORITY.value: _verify_change,
    }[kind]
    check(body, bundle.sign_pk, signer.sig)


def _verify_change(body: bytes, sign_pk: bytes, sig: bytes) -> None:
    verify(sign_pk, Label.AUTHORITY_SIG, body, sig)


def _check_change(patient: Patient, change: Change, said_at: datetime) -> None:
    """The hand-over to the patient's own current key alone: at once, or announced where somebody else consents."""
    if patient.account_id is None:
        raise Refused("This patient has no account yet.", code=WitnessCode.NO_ACCOUNT_YET)
    fp = current_fps([patient.account_id]).get(patient.account_id, b"")
    own = Authorities(AuthKind.PATIENT, (Authority(patient.account_id.bytes, fp),), 1)
    if change.patient_ref != patient.pk.bytes or change.authorities != own:
        raise Ct1Error("E_GRANT_AUTHORITY", "witnesses hand over to the patient's own key")
    ahead = change.not_before - millis(said_at)
    if change.not_before and not CHANGE_WAIT_MS <= ahead <= CHANGE_STANDS_MS:
        raise Ct1Error("E_GRANT_TIME", "a change that is announced waits 72 hours, and at most 30 days")


def authority_changes(patient_id: UUID) -> list[Witnessing]:
    """The hand-overs that both witnesses have signed, as they came; logs of the patient's threads carry them."""
    rows = Witnessing.objects.filter(patient_id=patient_id, kind=Witnessing.Kind.AUTHORITY, closed_at__isnull=False)
    return [row for row in rows.order_by("closed_at") if len(row.signers) >= MIN_WITNESSES]


def _put_in_force(row: Witnessing, by: User, signers: list[ConsentSigner]) -> None:
    if row.kind == Witnessing.Kind.AUTHORITY:
        _hand_over(row, by, signers)
        return
    if row.kind == Witnessing.Kind.REVOCATION:
        act = partial(withdraw, row.patient)
    else:
        act = partial(give_directive, row.patient, statement=row.statement, method=row.method)
    act(by=by, body=row.body, signers=signers, witnessed=True)
    row.closed_at = timezone.now()
    row.save(update_fields=["closed_at"])


def _hand_over(row: Witnessing, by: User, signers: list[ConsentSigner]) -> None:
    """From here on the logs want this change, and after it take the patient's own signature."""
    now = timezone.now()
    verify_one = partial(_verify_change, row.body)
    voice_of(row.patient, NO_FP, signers, verify_one, code="E_GRANT_AUTHORITY", now=now)
    row.closed_at = now
    row.save(update_fields=["closed_at"])
    record(actor=by.pk, verb="consent.hand_over", patient=row.patient_id, object_kind=row.kind, object_id=row.pk.hex)
    raise_epoch(row.patient_id)
