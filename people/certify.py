"""An organisation's root, as far as the server holds it: in the first release it signs certificates at enrolment.

Such a root cannot stop a malicious server (docs/threat-model.md); the offline ceremony replaces this module alone.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from crypto import keys
from crypto.tables import CertKind, CertMethod
from people import rules
from people.models import Certificate, Enrolment, KeyBundle, Organisation, Patient
from people.shapes import bundles, millis
from wire.errors import Unavailable
from wire.people import CertificateRequest, UkrBlob

SKEW = timedelta(minutes=5)
"""A certificate begins a little early, for clients whose clock is behind."""


def create_organisation(name: str, kind: str, zone: str, country: str = "") -> Organisation:
    """A new organisation with a new root."""
    seed = secrets.token_bytes(32)
    root = keys.OrgRoot.from_seed(seed)
    return Organisation.objects.create(
        name=name,
        kind=kind,
        zone=zone,
        country=country,
        root_pk=root.sign_pk,
        fp=root.fp,
        demonstration_seed=base64.b64encode(seed).decode("ascii"),
    )


_KINDS = {
    Enrolment.Kind.STAFF: CertKind.STAFF,
    Enrolment.Kind.PATIENT: CertKind.PATIENT,
    Enrolment.Kind.REPRESENTATIVE: CertKind.REPRESENTATIVE,
}


OfficeEnds = Callable[[Patient, datetime], datetime | None]
_office_ends: list[OfficeEnds] = []


def office_ends(function: OfficeEnds) -> OfficeEnds:
    """Registers who knows when nobody acts for a patient any more: the day of coming of age, or None."""
    _office_ends.append(function)
    return function


def certify(bundle: KeyBundle, enrolment: Enrolment, now: datetime) -> Certificate | None:
    """Signs and stores the certificate over a person's new key, as the enrolment says.

    None where the root is kept offline: the key waits until its officer has signed (people/actions/roots.py).
    """
    if not enrolment.organisation.demonstration_seed:
        return None
    kind, until = _KINDS[Enrolment.Kind(enrolment.kind)], _end_of(enrolment, now)
    return issue(bundle, enrolment.organisation, kind, [enrolment.role], now, until=until)


def _end_of(enrolment: Enrolment, now: datetime) -> datetime | None:
    """A representative's ends with the patient's minority: in the logs that is what ends a parent's office."""
    ends: list[datetime | None] = []
    if enrolment.kind == Enrolment.Kind.REPRESENTATIVE and enrolment.patient is not None:
        ends = [ask(enrolment.patient, now) for ask in _office_ends]
    return min((end for end in ends if end is not None), default=None)


def renew(bundle: KeyBundle, previous: KeyBundle, now: datetime, *, only: Organisation | None = None) -> None:
    """Certifies a person's next key for all that the one before stands for, and for no longer; `only` for one house.

    Where a root is kept offline the key waits for its officer; until then the old one does its work.
    """
    standing = Certificate.objects.filter(fp=previous.fp, subject_id=previous.user_id, exp__gt=millis(now))
    for held in standing.select_related("organisation"):
        if held.organisation.demonstration_seed and only in (None, held.organisation):
            roles = [role for role in range(held.role_mask.bit_length()) if held.role_mask >> role & 1]
            until = datetime.fromtimestamp(held.exp / 1000, tz=UTC)
            issue(bundle, held.organisation, CertKind(held.kind), roles, now, until=until)


def request_of(bundle: KeyBundle, enrolment: Enrolment, now: datetime) -> CertificateRequest:
    """What an offline root is asked to certify."""
    until = _end_of(enrolment, now)
    return CertificateRequest(
        organisation=enrolment.organisation_id.bytes,
        subject=bundle.user_id.bytes,
        name=bundle.user.name,
        ukr=UkrBlob(ukr=bundle.ukr, pop=bundle.pop, sig=bundle.sig),
        earlier=bundles(KeyBundle.objects.filter(user=bundle.user_id, gen__lt=bundle.gen)),
        cert_kind=int(_KINDS[Enrolment.Kind(enrolment.kind)]),
        roles=[enrolment.role],
        until=millis(until) if until else None,
    )


def issue(
    bundle: KeyBundle,
    organisation: Organisation,
    kind: CertKind,
    roles: list[int],
    now: datetime,
    *,
    until: datetime | None = None,
) -> Certificate:
    """Signs and stores a certificate under the organisation's root, for a year from now or, if sooner, `until`.

    Raises Unavailable where the root is kept elsewhere.
    """
    if not organisation.demonstration_seed:
        raise Unavailable("This organisation's root is kept elsewhere: its officer signs the certificate.")
    root = keys.OrgRoot.from_seed(base64.b64decode(organisation.demonstration_seed))
    cert_id = secrets.token_bytes(16)
    end = now + rules.CERTIFICATE_LIFETIME
    nbf, exp = millis(now - SKEW), millis(end if until is None else min(end, until))
    signed = keys.issue_certificate(
        root,
        cert_id=cert_id,
        org=organisation.pk.bytes,
        subject=bundle.user_id.bytes,
        subject_fp=bundle.fp,
        kind=kind,
        roles=roles,
        nbf=nbf,
        exp=exp,
        method=CertMethod.LETTER_CODE,
    )
    return Certificate.objects.create(
        cert_id=cert_id,
        organisation=organisation,
        subject_id=bundle.user_id,
        fp=bundle.fp,
        kind=kind,
        role_mask=keys.parse_certificate(signed.body).role_mask,
        body=signed.body,
        sig=signed.sig,
        nbf=nbf,
        exp=exp,
    )
