"""Giving and withdrawing permission: verified, stored, in force and heard, in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from consent import checks
from consent.actions.voices import NO_FP, Voice, require_able, voice_of
from consent.epochs import locked_epoch, raise_epoch
from consent.models import Directive, Revocation, Witnessing
from crypto import directives as ct1
from crypto.errors import Ct1Error
from crypto.tables import CLOCK_TOLERANCE_MS, AuthKind, Effect, GranteeKind, RevokeKind
from people.models import KeyBundle, Patient, User
from people.shapes import millis
from wire.base import b64, unb64
from wire.consent import ConsentCode, ConsentSigner
from wire.errors import Conflict, Invalid, NotFound


@transaction.atomic
def give_directive(
    patient: Patient,
    *,
    by: User,
    body: bytes,
    signers: Sequence[ConsentSigner],
    statement: str,
    method: str = "app",
    keep_both: bool = False,
    witnessed: bool = False,
) -> tuple[UUID, int]:
    """Puts a signed directive in force and returns its id and the new consent epoch; the same bytes again are no-op.

    Raises Ct1Error for a signature or field that breaks CT1, Invalid for a statement that is not the one signed or
    words that are not known, Conflict for an id that was used for other bytes or a permit that a deny stands against
    (unless `keep_both`), Refused where consent cannot be given now, or not by this person. `witnessed` is said by
    the one road on which witnesses bring a word in: through a person's own door no witness is heard.
    """
    directive, now = ct1.parse_directive(body), timezone.now()
    if witnessed != (directive.auth_fp == NO_FP):
        raise Ct1Error("E_GRANT_AUTHORITY", "witnesses bring a word in by a door of their own")
    voice = _heard(patient, by, directive, body, signers, now)
    checks.check_words(directive)
    if ct1.statement_hash(statement) != directive.text_hash:
        raise Invalid(
            "The words that were shown are not the words that were signed.", code=ConsentCode.STATEMENT_MISMATCH
        )
    epoch = locked_epoch(patient.pk)
    directive_id = UUID(bytes=directive.directive_id)
    known = Directive.objects.filter(pk=directive_id).first()
    if known is not None:
        if known.body != body:
            raise Conflict("This permission's id is taken.", code=ConsentCode.DIRECTIVE_EXISTS)
        return directive_id, epoch.number
    require_able(patient, voice, "consent.grant", now, code="E_GRANT_AUTHORITY")
    checks.check_time(patient, directive, voice, now)
    standing = list(Directive.objects.filter(patient=patient))
    checks.check_not_dead(directive, standing, Revocation.objects.filter(patient=patient), voice)
    checks.check_may_replace(directive, standing, voice)
    checks.check_no_self_witness(patient, directive, voice, now)
    if not keep_both:
        checks.check_not_opposed(directive, standing, now)
    Directive.objects.create(
        pk=directive_id, patient=patient, body=body, signers=stored(signers), statement=statement, given_at=now,
        method=method, given_by=by,
    )  # fmt: skip
    superseded = [UUID(bytes=old) for old in directive.supersedes]
    Directive.objects.filter(patient=patient, pk__in=superseded, ended_at=None).update(ended_at=now, superseded=True)
    verb = "consent.permit" if directive.effect == Effect.PERMIT else "consent.deny"
    _write(patient, by, voice, verb, directive_id, _about(directive))
    return directive_id, raise_epoch(patient.pk, epoch)


@transaction.atomic
def withdraw(
    patient: Patient, *, by: User, body: bytes, signers: Sequence[ConsentSigner], witnessed: bool = False
) -> tuple[UUID, int]:
    """Ends what a signed revocation names, at commit, and returns its id and the new consent epoch.

    Withdrawing is protective: it is taken whatever the patient's capacity, from one witness, and again without harm.
    What would open a door (the end of a deny) needs what giving needs, and of the patient's own word no proxy says it.
    Raises Ct1Error where it breaks CT1 or is dated ahead, Conflict for an id that was used for other bytes, NotFound
    for a directive that is not this patient's. `witnessed` as for `give_directive`.
    """
    revoke, now = ct1.parse_revoke(body), timezone.now()
    if revoke.patient_ref != patient.pk.bytes or witnessed != (revoke.auth_fp == NO_FP):
        raise Ct1Error("E_REVOKE_AUTHORITY", "about another patient, or by another door than its voice")
    if revoke.ts > millis(now) + CLOCK_TOLERANCE_MS:
        # It would sweep away every permission until then, the patient's own next ones too.
        raise Ct1Error("E_GRANT_TIME", "the withdrawal is dated ahead")
    # Under the lock from here on: a deny that is given in between would end by what was asked about its absence.
    epoch = locked_epoch(patient.pk)
    ended = ended_by(patient, revoke)
    opening = [row for row in ended if ct1.parse_directive(row.body).effect == Effect.DENY]
    voice = voice_of(
        patient, revoke.auth_fp, signers, partial(ct1.verify_revoke, body), code="E_REVOKE_AUTHORITY",
        witnesses=2 if opening else 1, now=now,
    )  # fmt: skip
    if by.pk not in voice.people:
        raise Ct1Error("E_REVOKE_AUTHORITY", "sent by somebody who did not sign it")
    revoke_id = UUID(bytes=revoke.revoke_id)
    known = Revocation.objects.filter(pk=revoke_id).first()
    if known is not None:
        if (known.patient_id, known.body) != (patient.pk, body):
            raise Conflict("This withdrawal's id is taken: nothing was withdrawn.", code=ConsentCode.DIRECTIVE_EXISTS)
        return revoke_id, epoch.number
    protected = any(checks.is_patients_own(row) for row in opening) and not voice.is_the_patients
    require_able(patient, voice, "consent.revoke", now, code="E_REVOKE_AUTHORITY", protected_word=protected)
    if opening and voice.kind == AuthKind.WITNESSED:
        checks.check_witnesses_may_open(patient, opening, voice, now)
        require_able(patient, voice, "consent.grant", now, code="E_REVOKE_AUTHORITY")
    if not ended and revoke.kind == RevokeKind.DIRECTIVE and voice.kind != AuthKind.PATIENT:
        # But by the patient nothing is withdrawn before it is given: whoever learns an id could kill a protection so.
        if not Directive.objects.filter(patient=patient, pk=UUID(bytes=revoke.target)).exists():
            raise NotFound(re="target")
        return revoke_id, epoch.number
    Revocation.objects.create(pk=revoke_id, patient=patient, body=body, signers=stored(signers), given_at=now)
    Directive.objects.filter(pk__in=[row.pk for row in ended]).update(ended_at=now)
    about = _about(ct1.parse_directive(ended[0].body)) if ended else ""
    _write(patient, by, voice, "consent.withdraw", revoke_id, about, [b64(row.pk.bytes) for row in ended])
    return revoke_id, raise_epoch(patient.pk, epoch)


def _heard(
    patient: Patient, by: User, directive: ct1.Directive, body: bytes, signers: Sequence[ConsentSigner], now: datetime
) -> Voice:
    if directive.patient_ref != patient.pk.bytes:
        raise Ct1Error("E_GRANT_SUBJECT", "about another patient")
    verify = partial(ct1.verify_directive, body)
    voice = voice_of(patient, directive.auth_fp, signers, verify, code="E_GRANT_AUTHORITY", now=now)
    if directive.auth_kind != voice.kind or by.pk not in voice.people:
        raise Ct1Error("E_GRANT_AUTHORITY", "signed by another kind of authority than it says")
    return voice


def ended_by(patient: Patient, revoke: ct1.Revoke) -> list[Directive]:
    """What is in force and named; kinds 2 and 3 end permits alone, since ending a deny would open a door."""
    standing = list(Directive.objects.filter(patient=patient, ended_at=None))
    if revoke.kind == RevokeKind.DIRECTIVE:
        return [row for row in standing if row.pk.bytes == revoke.target]
    permits = [row for row in standing if ct1.parse_directive(row.body).effect == Effect.PERMIT]
    if revoke.kind == RevokeKind.GRANTEE:
        named = {revoke.target} | _keys_of_same_person(revoke.target)
        return [row for row in permits if ct1.parse_directive(row.body).grantee in named]
    return permits


def _keys_of_same_person(fp: bytes) -> set[bytes]:
    """Every key of the person who has this one: what an earlier key was permitted is withdrawn with the later."""
    person = KeyBundle.objects.filter(fp=fp).values("user_id")
    return set(KeyBundle.objects.filter(user_id__in=person).values_list("fp", flat=True))


def stored(signers: Sequence[ConsentSigner]) -> list[dict[str, str]]:
    """Signatures as a column keeps them."""
    return [{"fp": b64(signer.fp), "sig": b64(signer.sig)} for signer in signers]


def stored_signers(row: Directive | Revocation | Witnessing) -> list[ConsentSigner]:
    """The signatures as they came."""
    return [ConsentSigner(fp=unb64(one["fp"]), sig=unb64(one["sig"])) for one in row.signers]


def _about(directive: ct1.Directive) -> str:
    """The hex id of the person a directive names, for the ledger; empty where it names none."""
    if directive.grantee_kind != GranteeKind.KEY:
        return ""
    user = KeyBundle.objects.filter(fp=directive.grantee).values_list("user_id", flat=True).first()
    return user.hex if user else ""


def _write(
    patient: Patient, by: User, voice: Voice, verb: str, about_id: UUID, about: str, basis: Sequence[str] = ()
) -> None:
    """Into the ledger: who put it in force, in whose voice, whom it concerns and what it ended."""
    object_id = b64(about_id.bytes)
    detail = {"about": about} if about else {}
    record(
        actor=by.pk,
        verb=verb,
        patient=patient.pk,
        object_kind="revocation" if verb == "consent.withdraw" else "directive",
        object_id=object_id,
        basis=basis or [object_id],
        detail={**detail, "voice": voice.kind.name.lower()},
    )
