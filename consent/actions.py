"""Giving and withdrawing permission: verified, stored, in force and heard, in one transaction each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from consent.access import decide_for
from consent.models import ConsentEpoch, Directive, Revocation
from consent.signals import consent_changed
from consent.translate import parse_server_rules
from crypto import directives as ct1
from crypto.errors import Ct1Error
from crypto.tables import DIRECTIVE_MAX_MS, AuthKind, Effect, ErrorCode, GranteeKind, RevokeKind
from live.push import push_on_commit
from people.models import KeyBundle, Patient, User
from wire.base import b64, unb64
from wire.consent import ConsentChanged, ConsentCode, ConsentSigner
from wire.errors import Conflict, Invalid, Refused


@transaction.atomic
def give_directive(
    patient: Patient, *, by: User, body: bytes, signers: Sequence[ConsentSigner], statement: str
) -> tuple[UUID, int]:
    """Puts a signed directive in force and returns its id and the new consent epoch; the same bytes again are no-op.

    Raises Ct1Error for a signature or field that breaks CT1, Invalid for a statement that is not the one signed,
    Conflict for an id that was used for other bytes, Refused where the patient cannot give consent now.
    """
    directive = ct1.parse_directive(body)
    _check_authority(patient, directive.patient_ref, directive.auth_fp, signers)
    if directive.auth_kind != AuthKind.PATIENT:
        raise Ct1Error("E_GRANT_AUTHORITY", "this release takes directives that the patient signs")
    ct1.verify_directive(body, _key(patient, directive.auth_fp).sign_pk, signers[0].sig)
    _check_server_rules(directive)
    if ct1.statement_hash(statement) != directive.text_hash:
        raise Invalid(
            "The words that were shown are not the words that were signed.", code=ConsentCode.STATEMENT_MISMATCH
        )
    epoch = _locked_epoch(patient)
    directive_id = UUID(bytes=directive.directive_id)
    known = Directive.objects.filter(pk=directive_id).first()
    if known is not None:
        if known.body != body:
            raise Conflict("This permission's id is taken.", code=ConsentCode.DIRECTIVE_EXISTS)
        return directive_id, epoch.number
    now = timezone.now()
    _require_able_to_consent(by, patient, now)
    if directive.exp <= now.timestamp() * 1000:
        raise Ct1Error("E_GRANT_EXPIRED", "the directive has ended before it began")
    if directive.nbf > now.timestamp() * 1000 + DIRECTIVE_MAX_MS:
        raise Ct1Error("E_GRANT_TIME", "the directive begins more than 366 days from now")
    _check_not_swept(patient, directive)
    Directive.objects.create(
        pk=directive_id, patient=patient, body=body, signers=_stored(signers), statement=statement, given_at=now
    )
    superseded = [UUID(bytes=old) for old in directive.supersedes]
    Directive.objects.filter(patient=patient, pk__in=superseded, ended_at=None).update(ended_at=now, superseded=True)
    verb = "consent.permit" if directive.effect == Effect.PERMIT else "consent.deny"
    _announce(patient, epoch, by, verb, directive_id, _about(directive))
    return directive_id, epoch.number


@transaction.atomic
def withdraw(patient: Patient, *, by: User, body: bytes, signers: Sequence[ConsentSigner]) -> tuple[UUID, int]:
    """Ends what a signed revocation names, at commit, and returns its id and the new consent epoch.

    Withdrawing is protective: it is taken whatever the patient's capacity, and again without harm.
    """
    revoke = ct1.parse_revoke(body)
    _check_authority(patient, revoke.patient_ref, revoke.auth_fp, signers, code="E_REVOKE_AUTHORITY")
    ct1.verify_revoke(body, _key(patient, revoke.auth_fp).sign_pk, signers[0].sig)
    epoch = _locked_epoch(patient)
    revoke_id = UUID(bytes=revoke.revoke_id)
    if Revocation.objects.filter(pk=revoke_id).exists():
        return revoke_id, epoch.number
    now = timezone.now()
    Revocation.objects.create(pk=revoke_id, patient=patient, body=body, signers=_stored(signers), given_at=now)
    ended = _ended_by(patient, revoke)
    Directive.objects.filter(pk__in=[row.pk for row in ended]).update(ended_at=now)
    about = _about(ct1.parse_directive(ended[0].body)) if ended else ""
    _announce(patient, epoch, by, "consent.withdraw", revoke_id, about, [b64(row.pk.bytes) for row in ended])
    return revoke_id, epoch.number


def _ended_by(patient: Patient, revoke: ct1.Revoke) -> list[Directive]:
    """What is in force and named; kinds 2 and 3 end permits alone, since ending a deny would open a door."""
    standing = list(Directive.objects.filter(patient=patient, ended_at=None))
    if revoke.kind == RevokeKind.DIRECTIVE:
        return [row for row in standing if row.pk.bytes == revoke.target]
    permits = [row for row in standing if ct1.parse_directive(row.body).effect == Effect.PERMIT]
    if revoke.kind == RevokeKind.GRANTEE:
        return [row for row in permits if ct1.parse_directive(row.body).grantee == revoke.target]
    return permits


def _check_not_swept(patient: Patient, directive: ct1.Directive) -> None:
    """A permit that the logs hold for dead is not alive here: keys and server answer alike."""
    revocations = Revocation.objects.filter(patient=patient)
    if any(ct1.parse_revoke(row.body).sweeps(directive) for row in revocations):
        raise Ct1Error("E_GRANT_REVOKED", "it begins no later than a withdrawal that ends it")


def _check_server_rules(directive: ct1.Directive) -> None:
    try:
        parse_server_rules(directive.server)
    except (ValueError, TypeError, RecursionError) as error:
        raise Invalid("This permission holds rules that are not known here.", code=ConsentCode.SERVER_RULES) from error


def _check_authority(
    patient: Patient,
    patient_ref: bytes,
    auth_fp: bytes,
    signers: Sequence[ConsentSigner],
    *,
    code: ErrorCode = "E_GRANT_AUTHORITY",
) -> None:
    if patient_ref != patient.pk.bytes:
        raise Ct1Error("E_GRANT_SUBJECT" if code == "E_GRANT_AUTHORITY" else code, "about another patient")
    if len(signers) != 1 or signers[0].fp != auth_fp:
        raise Ct1Error(code, "not signed by the authority it names")


def _key(patient: Patient, fp: bytes) -> KeyBundle:
    """The patient's own key of this fingerprint."""
    bundle = KeyBundle.objects.filter(user_id=patient.account_id, fp=fp).first() if patient.account_id else None
    if bundle is None:
        raise Ct1Error("E_UNKNOWN_KEY", "not a key of this patient")
    return bundle


def _locked_epoch(patient: Patient) -> ConsentEpoch:
    """The epoch's row under lock: two changes of one patient's consent come one after the other."""
    ConsentEpoch.objects.get_or_create(patient=patient)
    return ConsentEpoch.objects.select_for_update().get(patient=patient)


def _require_able_to_consent(by: User, patient: Patient, now: datetime) -> None:
    decision = decide_for(by, "consent.grant", patient.pk, category="consent", now=now)
    if not decision.permit:
        raise Refused("Permission cannot be given for this record right now.", code=str(decision.reason))


def _stored(signers: Sequence[ConsentSigner]) -> list[dict[str, str]]:
    return [{"fp": b64(signer.fp), "sig": b64(signer.sig)} for signer in signers]


def stored_signers(row: Directive | Revocation) -> list[ConsentSigner]:
    """The signatures as they came."""
    return [ConsentSigner(fp=unb64(one["fp"]), sig=unb64(one["sig"])) for one in row.signers]


def _about(directive: ct1.Directive) -> str:
    """The hex id of the person a directive names, for the ledger; empty where it names none."""
    if directive.grantee_kind != GranteeKind.KEY:
        return ""
    user = KeyBundle.objects.filter(fp=directive.grantee).values_list("user_id", flat=True).first()
    return user.hex if user else ""


def _announce(
    patient: Patient, epoch: ConsentEpoch, by: User, verb: str, about_id: UUID, about: str, basis: Sequence[str] = ()
) -> None:
    """Raises the epoch, writes the ledger, and after commit tells the patient's devices and the apps above."""
    epoch.number += 1
    epoch.save()
    kind = "revocation" if verb == "consent.withdraw" else "directive"
    object_id = b64(about_id.bytes)
    detail = {"about": about} if about else {}
    record(
        actor=by.pk,
        verb=verb,
        patient=patient.pk,
        object_kind=kind,
        object_id=object_id,
        basis=basis or [object_id],
        detail=detail,
    )
    # The apps above cut calls and sockets first; the patient's page can wait for them.
    transaction.on_commit(partial(consent_changed.send_robust, ConsentEpoch, patient_id=patient.pk, epoch=epoch.number))
    if patient.account_id:
        push_on_commit([patient.account_id], ConsentChanged(patient=patient.pk.bytes, epoch=epoch.number))
