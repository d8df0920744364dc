"""Whose voice a signed consent object is: the patient's, a proxy's, several proxies', or the patient's as witnessed.

The rules for signers are those of the logs (docs/protocol.md 4.2), read with the server's own rows: who has an account,
who may act for whom today, and whose certificate as a witness stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from consent.access import decide_for
from consent.dossier import dossier_of
from consent.model import Actor, Request, Resource
from consent.models import Duty
from consent.rules import decide
from crypto.errors import Ct1Error
from crypto.tables import MIN_WITNESSES, AuthKind, CertKind, ErrorCode
from people.models import Certificate, KeyBundle, Patient, User
from wire.consent import ConsentSigner
from wire.errors import Refused

NO_FP = bytes(32)


@dataclass(frozen=True)
class Voice:
    """Who spoke, verified: the kind of authority, and the people whose keys signed."""

    kind: AuthKind
    people: tuple[UUID, ...]

    @property
    def is_the_patients(self) -> bool:
        """The patient's own word, signed or witnessed; a proxy's is not."""
        return self.kind in (AuthKind.PATIENT, AuthKind.WITNESSED)


def voice_of(
    patient: Patient,
    auth_fp: bytes,
    signers: Sequence[ConsentSigner],
    verify: Callable[[bytes, bytes], object],
    *,
    code: ErrorCode,
    witnesses: int = MIN_WITNESSES,
    now: datetime,
) -> Voice:
    """The voice behind an object whose `verify(sign_pk, sig)` checks one signature.

    Raises Ct1Error: `code` for a signature that is none of the named authority's, E_QUORUM for one person twice or too
    few, E_UNKNOWN_KEY, E_SIG, and E_CERT for a witness without a standing certificate.
    """
    fps = [signer.fp for signer in signers]
    if auth_fp != NO_FP and auth_fp not in fps:
        raise Ct1Error(code, "not signed by the authority it names")
    if len(set(fps)) != len(fps):
        raise Ct1Error("E_QUORUM", "one key signed twice")
    keys = {bundle.fp: bundle for bundle in KeyBundle.objects.filter(fp__in=fps)}
    for signer in signers:
        if signer.fp not in keys:
            raise Ct1Error("E_UNKNOWN_KEY", "nobody is known to have this key")
        verify(keys[signer.fp].sign_pk, signer.sig)
    people = tuple(keys[fp].user_id for fp in fps)
    if len(set(people)) != len(people):
        raise Ct1Error("E_QUORUM", "one person signed twice")
    if auth_fp == NO_FP:
        _require_witnesses(signers, people, witnesses, now)
        return Voice(AuthKind.WITNESSED, people)
    if people == (patient.account_id,):
        return Voice(AuthKind.PATIENT, people)
    return Voice(AuthKind.REPRESENTATIVE if len(people) == 1 else AuthKind.QUORUM, people)


def _require_witnesses(signers: Sequence[ConsentSigner], people: Sequence[UUID], needed: int, now: datetime) -> None:
    if len(people) < needed:
        raise Ct1Error("E_QUORUM", f"needs {needed} witnesses")
    for signer, person in zip(signers, people, strict=True):
        if not is_witness(person, now, signer.fp):
            raise Ct1Error("E_CERT", "one who signed is no witness")


def is_witness(person: UUID, now: datetime, fp: bytes | None = None) -> bool:
    """Whether a person may witness now, with this key or with any: certified, and not relieved of the duty since.

    A certificate cannot be called back from the logs before it ends; here the duty's end counts at once.
    """
    at = now.timestamp() * 1000
    held = Certificate.objects.filter(subject_id=person, kind=CertKind.WITNESS, nbf__lte=at, exp__gt=at)
    houses = (held if fp is None else held.filter(fp=fp)).values_list("organisation_id", flat=True)
    duties = Duty.objects.filter(user_id=person, kind=Duty.Kind.WITNESS, organisation_id__in=list(houses))
    return any(duty.stands(now) for duty in duties)


def require_able(
    patient: Patient, voice: Voice, action: str, now: datetime, *, code: ErrorCode, protected_word: bool = False
) -> None:
    """Refuses a voice that may not do this for the patient today; Ct1Error(code) for one who is nobody to the patient.

    Witnesses carry the patient's own voice, so it is the patient's ability that is asked.
    """
    people = list(User.objects.filter(pk__in=voice.people).order_by("pk"))
    if voice.kind == AuthKind.WITNESSED:
        require_capacity(patient, action, now)
        return
    for person in people:
        decision = decide_for(person, action, patient.pk, category="consent", now=now, protected_word=protected_word)
        if decision.permit:
            continue
        if str(decision.reason) in ("NO_RELATIONSHIP", "ROLE_CAPABILITY", "NO_CONSENT", "SUBJECT_NOT_ELIGIBLE"):
            raise Ct1Error(code, "not by somebody who may speak for this patient")
        raise Refused("Permission cannot be given for this record right now.", code=str(decision.reason))


def require_capacity(patient: Patient, action: str, now: datetime) -> None:
    """As for the patient's own hand: granting needs ability, withdrawing never does (R14)."""
    dossier = dossier_of(patient.pk)
    assert dossier is not None
    request = Request(
        actor=Actor(patient.pk.hex, "patient"),
        action=action,
        resource=Resource(category="consent"),
        purpose="PATRQT",
        patient=dossier.facts_at(now),
        now=now,
    )
    decision = decide(dossier.snapshot, request)
    if not decision.permit:
        raise Refused("Permission cannot be given for this record right now.", code=str(decision.reason))
