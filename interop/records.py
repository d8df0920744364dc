"""What patients have signed, as FHIR Consents, and the change of each as Provenance."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from consent import model
from consent.access import snapshot_for
from consent.actions import stored_signers
from consent.endings import End, ends_of, signers_of
from consent.models import Directive, Revocation
from consent.reading import Person, people_by_id
from crypto.directives import parse_directive
from crypto.tables import AuthKind
from interop import codes
from interop.bundles import outcome_of
from interop.consent_export import Frame, Unexportable, export_consent
from interop.elements import Refusal
from interop.moments import written
from interop.people import person_reference
from interop.references import concept, to_reference
from interop.validation import checked
from people.models import Patient
from wire.base import b64

SIGNED_DIRECTIVE = "application/vnd.consilium.ct1-directive"
SIGNED_REVOCATION = "application/vnd.consilium.ct1-revocation"
SIGNATURE = "application/vnd.consilium.ct1-signature"
"""Media types of the bytes that were signed, and of an Ed25519 signature over them (docs/protocol.md 3.5)."""
_E1762 = "urn:iso-astm:E1762-95:2013"
_CONSENT_SIGNATURE, _WITNESS_SIGNATURE = "1.2.840.10065.1.12.1.7", "1.2.840.10065.1.12.1.11"


def consents_of(patient: Patient, rows: Sequence[Directive], at: datetime) -> list[dict[str, Any]]:
    """Each directive as a Consent, as of `at`, with the signed bytes as its source.

    One that FHIR has no words for comes as an OperationOutcome in its place, so that nobody takes it for absent.
    """
    rules = {one.id: one for one in snapshot_for(patient.pk).directives}
    return [_consent_or_outcome(patient, row, rules[b64(row.pk.bytes)], at) for row in rows]


def _consent_or_outcome(patient: Patient, row: Directive, rule: model.Directive, at: datetime) -> dict[str, Any]:
    try:
        return _consent(patient, row, rule, at)
    except Unexportable as error:
        message = f"FHIR has no words for this permission: {error.name}."
        return outcome_of([Refusal(f"Consent/{row.pk.hex}", "not-exportable", message)])


def _consent(patient: Patient, row: Directive, rule: model.Directive, at: datetime) -> dict[str, Any]:
    source = {
        "contentType": SIGNED_DIRECTIVE,
        "data": base64.b64encode(row.body).decode("ascii"),
        "title": "The permission as it was signed",
        "creation": written(row.given_at),
    }
    own = parse_directive(row.body).auth_kind == AuthKind.PATIENT
    verification = {
        "verified": True,
        **({"verifiedWith": to_reference("Patient", patient.pk.hex)} if own else {}),
        "verificationDate": written(row.given_at),
    }
    frame = Frame(
        id=row.pk.hex,
        patient=patient.pk.hex,
        dated=row.given_at,
        organisations=(patient.organisation_id.hex,),
        source=source,
        verification=verification,
    )
    return export_consent(rule, at, frame)


@dataclass(frozen=True)
class _Cast:
    """Who signed what, and what they are called."""

    patient: Patient
    people: Mapping[UUID, Person]

    def reference(self, user: UUID) -> dict[str, Any]:
        return person_reference(self.patient, user, self.people)


def provenance_of(patient: Patient, rows: Sequence[Directive], now: datetime) -> list[dict[str, Any]]:
    """What became of each directive, oldest first: given, and withdrawn or replaced; time's own ends are no act."""
    ends = ends_of(patient, rows, now)
    withdrawals = {
        row.pk: row
        for row in Revocation.objects.filter(pk__in=[end.withdrawal for end in ends.values() if end.withdrawal])
    }
    signed = signers_of([*rows, *withdrawals.values()])
    cast = _Cast(patient, people_by_id({user for users in signed.values() for user in users}))
    found = []
    for row in rows:
        found.append(_given(row, cast, signed[row.pk]))
        end = ends.get(row.pk)
        if end is not None and end.how != "over":
            found.append(_ended(row, end, cast, withdrawals.get(end.withdrawal) if end.withdrawal else None))
    return found


def _given(row: Directive, cast: _Cast, signed_by: Sequence[UUID]) -> dict[str, Any]:
    directive = parse_directive(row.body)
    witnessed = directive.auth_kind == AuthKind.WITNESSED
    kind = _WITNESS_SIGNATURE if witnessed else _CONSENT_SIGNATURE
    replaced = [
        {"role": "revision", "what": {"reference": f"Consent/{UUID(bytes=old).hex}"}} for old in directive.supersedes
    ]
    signatures = _signatures(row, row.given_at, cast, signed_by, kind, SIGNED_DIRECTIVE)
    source = {"role": "source", "what": {"identifier": {"system": codes.DIRECTIVE_ID, "value": b64(row.pk.bytes)}}}
    return _provenance(
        f"{row.pk.hex}-given", row, row.given_at, "CREATE", cast, signed_by, [source, *replaced], signatures
    )


def _ended(row: Directive, end: End, cast: _Cast, withdrawal: Revocation | None) -> dict[str, Any]:
    signatures: list[dict[str, Any]] = []
    if withdrawal is not None:
        signatures = _signatures(withdrawal, end.at, cast, end.by, _CONSENT_SIGNATURE, SIGNED_REVOCATION)
    how, activity = ("withdrawn", "ABORT") if end.how == "withdrawn" else ("superseded", "OBSOLETE")
    return _provenance(f"{row.pk.hex}-{how}", row, end.at, activity, cast, end.by, [], signatures)


def _provenance(
    fhir_id: str,
    row: Directive,
    at: datetime,
    activity: str,
    cast: _Cast,
    by: Sequence[UUID],
    entities: list[dict[str, Any]],
    signatures: list[dict[str, Any]],
) -> dict[str, Any]:
    author = concept("http://terminology.hl7.org/CodeSystem/provenance-participant-type", "author")
    agents = [{"type": author, "who": cast.reference(user)} for user in by]
    server = {"who": {"type": "Device", "identifier": {"system": f"{codes.OURS}device", "value": "server"}}}
    resource = {
        "resourceType": "Provenance",
        "id": fhir_id,
        "target": [{"reference": f"Consent/{row.pk.hex}"}],
        "recorded": written(at),
        "activity": concept(codes.DATA_OPERATION, activity),
        "agent": agents or [server],
        **({"entity": entities} if entities else {}),
        **({"signature": signatures} if signatures else {}),
    }
    return checked(resource)


def _signatures(
    row: Directive | Revocation, at: datetime, cast: _Cast, by: Sequence[UUID], kind: str, target: str
) -> list[dict[str, Any]]:
    """The CT1 signatures as they came, each with its type and whose it is."""
    return [
        {
            "type": [{"system": _E1762, "code": kind}],
            "when": written(at),
            "who": cast.reference(user),
            "targetFormat": target,
            "sigFormat": SIGNATURE,
            "data": base64.b64encode(signer.sig).decode("ascii"),
        }
        for signer, user in zip(stored_signers(row), by, strict=False)
    ]
