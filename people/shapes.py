"""Rows as wire objects: no decision, no query that the row did not bring."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from people import rules
from people.models import (
    Affiliation,
    CareTeamMember,
    Certificate,
    Device,
    KeyBundle,
    Keyring,
    Organisation,
    Slot,
)
from wire import people as wire


def millis(moment: datetime) -> int:
    """An aware datetime as milliseconds since the epoch."""
    return int(moment.timestamp() * 1000)


def organisation(row: Organisation) -> wire.OrganisationOut:
    compliance = (
        wire.ComplianceKeyBlob(body=row.compliance_body, sig=row.compliance_sig) if row.compliance_sig else None
    )
    return wire.OrganisationOut(
        id=row.pk.bytes,
        name=row.name,
        kind=row.kind,
        zone=row.zone,
        root_pk=row.root_pk,
        root_fp=row.fp,
        compliance=compliance,
    )


def post(row: Affiliation) -> wire.Post:
    return wire.Post(
        organisation=row.organisation_id.bytes,
        organisation_name=row.organisation.name,
        role=row.role,
        licence=row.licence,
        since=millis(row.since),
    )


def bundles(rows: Iterable[KeyBundle]) -> list[wire.UkrBlob]:
    return [wire.UkrBlob(ukr=row.ukr, pop=row.pop, sig=row.sig) for row in sorted(rows, key=lambda row: row.gen)]


def certificates(rows: Iterable[Certificate]) -> list[wire.CertificateBlob]:
    return [wire.CertificateBlob(body=row.body, sig=row.sig) for row in sorted(rows, key=lambda row: (row.nbf, row.pk))]


def slot(row: Slot) -> wire.SlotOut:
    return wire.SlotOut(
        kind=row.kind,
        slot_id=row.slot_id,
        salt=row.salt,
        t=row.t,
        m=row.m,
        blob=row.blob,
        credential=row.credential or None,
    )


def passkey(row: Authenticator) -> wire.PasskeyOut:
    """A passkey; the row brings its slot, if it has one."""
    held = row.wrap()
    return wire.PasskeyOut(
        id=row.pk,
        name=held.name,
        credential=held.authenticator_data.credential_data.credential_id,
        created=millis(row.created_at),
        last_used=millis(row.last_used_at) if row.last_used_at else None,
        opens_keys=getattr(row, "slot", None) is not None,
    )


def keyring(row: Keyring) -> wire.KeyringBlob:
    return wire.KeyringBlob(version=row.version, blob=row.blob)


def care_team_person(row: CareTeamMember) -> wire.CareTeamPerson:
    return wire.CareTeamPerson(
        user=row.user_id.bytes,
        name=row.user.name,
        organisation=row.organisation_id.bytes,
        organisation_name=row.organisation.name,
        role=row.role,
        since=millis(row.since),
    )


def patient(row: CareTeamMember, fp: bytes | None) -> wire.PatientOut:
    """A patient as one member of the care team sees it."""
    person = row.patient
    return wire.PatientOut(
        id=person.pk.bytes,
        name=person.name,
        birth_date=person.birth_date,
        organisation=person.organisation_id.bytes,
        zone=person.zone,
        account=person.account_id.bytes if person.account_id else None,
        fp=fp,
        role=row.role,
        since=millis(row.since),
    )


def device(session: UserSession, row: Device | None, current: str) -> wire.DeviceOut:
    return wire.DeviceOut(
        number=session.pk,
        label=row.label if row else rules.browser_of(session.user_agent),
        first_seen=millis(row.created_at if row else session.created_at),
        last_seen=millis(max(row.last_seen, session.last_seen_at) if row else session.last_seen_at),
        current=session.session_key == current,
        remembered=row is not None and row.remembered,
        opened=row is not None,
    )
