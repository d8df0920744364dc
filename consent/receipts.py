"""Receipts: a signed copy, for the person, of what was permitted and what became of it (ISO/IEC TS 27560:2023).

The record has the standard's header, processing, parties and events; values are terms of the Data Privacy Vocabulary
(https://w3id.org/dpv) where it has an obvious one. docs/consent.md says how to verify one without this server.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from uuid import UUID

from django.conf import settings

from audit.rules import canonical
from consent import model, reading
from consent.endings import End, ended_by_withdrawal, ends_of, signers_of
from consent.models import Directive, Revocation
from consent.translate import actions_of, parse_server_rules
from crypto import primitives
from crypto.directives import Directive as SignedDirective
from crypto.directives import parse_directive
from crypto.tables import Action, AuthKind, Effect, HistoryKind
from people.models import Organisation, Patient, User
from wire import patient as wire
from wire.base import b64
from wire.consent import DirectiveOut

LABEL = "Consilium:receipt/1"
SCHEMA = "ISO/IEC TS 27560:2023"
CONTEXT = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "v3": "http://terminology.hl7.org/CodeSystem/v3-ActReason#",
}
HOW_TO_WITHDRAW = "In the app: Who may read, then Stop sharing. Or tell any of your clinicians."
PURPOSES = {"TREAT": "Your treatment", "ETREAT": "Emergency treatment", "HRESCH": "Research", "HPAYMT": "Payment"}
METHODS = {
    Action.READ: "dpv:Access",
    Action.POST: "dpv:Record",
    Action.ATTACH: "dpv:Collect",
    Action.JOIN: "dpv:Share",
    Action.ADMIT: "dpv:Share",
    Action.RECORD: "dpv:Record",
    Action.EXPORT: "dpv:Copy",
}
_HISTORY = {
    HistoryKind.NONE: "from the beginning of the permission",
    HistoryKind.FROM_JOIN: "from when they join",
    HistoryKind.ALL: "all that was written before",
    HistoryKind.FROM_DATE: "from a date",
}
_VOICES = {
    AuthKind.PATIENT: "dpv:DataSubject",
    AuthKind.REPRESENTATIVE: "dpv:GuardianOfDataSubject",
    AuthKind.QUORUM: "dpv:GuardianOfDataSubject",
    AuthKind.WITNESSED: "witness",
}
_LABEL_WORDS = Path(__file__).with_name("label_words.json")


@cache
def label_words() -> Mapping[str, str]:
    """Protected topics as a patient would call them."""
    found: dict[str, str] = json.loads(_LABEL_WORDS.read_text("utf-8"))
    return found


def public_key() -> bytes:
    """What receipts verify with."""
    return primitives.signing_pair(settings.RECEIPT_SEED).public


def of_directive(patient: Patient, row: Directive, now: datetime) -> wire.Receipt:
    """The receipt of one permission or denial, with all that has happened to it until now."""
    return _signed("permission", _records(patient, [row], now), now)


def of_withdrawal(patient: Patient, row: Revocation, now: datetime) -> wire.Receipt:
    """The receipt of a withdrawal: a record for each permission that it ended, none where nothing was left to end."""
    return _signed("withdrawal", _records(patient, ended_by_withdrawal(row), now), now)


def is_only_of(row: Revocation, user_id: UUID) -> bool:
    """Whether a withdrawal was this person's, of permissions that they had given: all of it is theirs to see."""
    mine = signers_of([row])[row.pk] == (user_id,)
    return mine and all(one.given_by_id == user_id for one in ended_by_withdrawal(row))


def verify(receipt: Mapping[str, object], public: bytes) -> None:
    """Raises Ct1Error E_SIG unless this is a receipt exactly as the holder of this key signed it."""
    proof = receipt["proof"]
    assert isinstance(proof, Mapping)
    primitives.verify(public, LABEL, _content(receipt), wire.ReceiptProof.model_validate(proof).signature)


def _content(receipt: Mapping[str, object]) -> bytes:
    return canonical({name: value for name, value in receipt.items() if name != "proof"})


def _signed(kind: str, records: list[wire.ReceiptRecord], now: datetime) -> wire.Receipt:
    told = [record.model_dump(mode="json") for record in records]
    content: dict[str, object] = {
        "context": dict(CONTEXT),
        "receipt_metadata": {
            "schema_version": SCHEMA,
            # By what it says: the same receipt, fetched again, is the same receipt.
            "receipt_id": b64(primitives.digest(LABEL, canonical({"kind": kind, "records": told}))[:16]),
            "receipt_kind": kind,
            "issued": _time(now),
            "issuer": {
                "party_id": b64(public_key()),
                "party_name": "Consilium",
                "party_role": "dpv:DataProcessor",
                "party_type": "service",
            },
        },
        "consent_records": told,
    }
    signature = primitives.sign(settings.RECEIPT_SEED, LABEL, canonical(content))
    proof = wire.ReceiptProof(label=LABEL, public_key=public_key(), signature=signature)
    return wire.Receipt.model_validate({**content, "proof": proof})


def _records(patient: Patient, rows: Sequence[Directive], now: datetime) -> list[wire.ReceiptRecord]:
    ends, signers = ends_of(patient, rows, now), signers_of(rows)
    wanted = {pk for each in signers.values() for pk in each} | {pk for end in ends.values() for pk in end.by}
    names = {user.pk: user.name for user in User.objects.filter(pk__in=wanted)}
    versions = _versions(patient)
    return [
        _record(patient, row, out, ends.get(row.pk), signers[row.pk], names, versions[row.pk])
        for row, out in zip(rows, reading.directives_out(rows, now), strict=True)
    ]


def _versions(patient: Patient) -> dict[UUID, int]:
    """1 for a first word, and one more than what it replaces for each that replaces; a parent comes before a child."""
    found: dict[UUID, int] = {}
    for row in Directive.objects.filter(patient=patient).order_by("given_at", "pk"):
        before = [found.get(UUID(bytes=old), 0) for old in parse_directive(row.body).supersedes]
        found[row.pk] = 1 + max(before, default=0)
    return found


def _record(
    patient: Patient,
    row: Directive,
    out: DirectiveOut,
    end: End | None,
    signers: Sequence[UUID],
    names: Mapping[UUID, str],
    version: int,
) -> wire.ReceiptRecord:
    said = parse_directive(row.body)
    givers = [_party(pk.bytes, names[pk], _VOICES[said.auth_kind], "person") for pk in signers]
    return wire.ReceiptRecord(
        schema_version=SCHEMA,
        record_id=b64(row.pk.bytes),
        record_version=version,
        record_created=_time(row.given_at),
        pii_principal_id=b64(primitives.kdf(settings.RECEIPT_SEED, LABEL, patient.pk.bytes, 16)),
        pii_processing=_processing(row, said, out),
        given_by=givers,
        given_by_kind=out.voice,
        pii_controllers=_controllers(patient, out),
        recipients=[_recipient(out)],
        events=_events(row, said, end, givers, names),
        signed_object=b64(row.body),
        signatures=[one["sig"] for one in row.signers],
    )


def _processing(row: Directive, said: SignedDirective, out: DirectiveOut) -> wire.ReceiptProcessing:
    rules = parse_server_rules(said.server)
    bits = [bit for bit in Action if said.actions & bit]
    purposes = [purpose.decode() for purpose in said.purposes]
    basis = json.loads(said.server).get("legal_basis", "")
    return wire.ReceiptProcessing(
        effect=out.effect,
        privacy_notice=row.statement,
        privacy_notice_hash=b64(said.text_hash),
        language="en",
        purposes=[PURPOSES.get(one, one) for one in purposes] or ["Any purpose"],
        purpose_types=[f"v3:{one}" for one in purposes],
        # What a patient gives here is a permission to share, and no legal basis for treatment unless it says so.
        lawful_basis=str(basis) if basis else "none stated: a sharing permission",
        pii_types=["pd:HealthRecord", *sorted(rules.categories or ())],
        special_pii_category=[label_words().get(label, label) for label in out.labels],
        processing_methods=sorted({METHODS[bit] for bit in bits}),
        actions=sorted(actions_of(said.actions) & model.ACTIONS),
        threads=[b64(thread) for thread in said.threads],
        history=_HISTORY[said.history],
        collection_method=out.method,
        valid_from=_ms(said.nbf),
        valid_until=_ms(said.exp),
        withdrawal_method=HOW_TO_WITHDRAW,
        redisclosure=rules.redisclose,
    )


def _controllers(patient: Patient, out: DirectiveOut) -> list[wire.ReceiptParty]:
    """The patient's organisation, and the one that gains; where a group gains, the first alone is known."""
    house = Organisation.objects.get(pk=patient.organisation_id)
    found = [_party(house.pk.bytes, house.name, "dpv:DataController", "organisation")]
    if out.grantee_organisation and out.grantee_organisation != house.name:
        other = Organisation.objects.filter(name=out.grantee_organisation).first()
        if other is not None:
            found.append(_party(other.pk.bytes, other.name, "dpv:DataController", "organisation"))
    return found


def _recipient(out: DirectiveOut) -> wire.ReceiptParty:
    group = f"every {out.grantee_role} on the care team" if out.grantee_role else "the care team"
    return wire.ReceiptParty(
        party_id=b64(out.grantee_user or out.grantee),
        party_name=out.grantee_name or group,
        party_role="dpv:Recipient",
        party_type=out.grantee_role or "organisation",
    )


def _events(
    row: Directive,
    said: SignedDirective,
    end: End | None,
    givers: Sequence[wire.ReceiptParty],
    names: Mapping[UUID, str],
) -> list[wire.ReceiptEvent]:
    permits = said.effect == Effect.PERMIT
    begun = "dpv:ConsentGiven" if permits else "dpv:ConsentRefused"
    found = [
        _event(row.given_at, "witnessed", begun, one.party_id, one.party_name)
        for one in givers
        if said.auth_kind == AuthKind.WITNESSED
    ]
    for one in givers[:1] if said.auth_kind == AuthKind.WITNESSED else givers:
        found.append(_event(row.given_at, "given" if permits else "refused", begun, one.party_id, one.party_name))
    if end is None:
        return found
    kinds = {
        "withdrawn": ("withdrawn", "dpv:ConsentWithdrawn"),
        "replaced": ("superseded", "dpv:ConsentInvalidated"),
        "over": ("expired", "dpv:ConsentExpired"),
    }
    kind, state = kinds[end.how]
    who = [(b64(pk.bytes), names[pk]) for pk in end.by] or [("", "")]
    return found + [_event(end.at, kind, state, *one) for one in who]


def _event(at: datetime, kind: str, state: str, entity_id: str, entity_name: str) -> wire.ReceiptEvent:
    return wire.ReceiptEvent.model_validate(
        {
            "event_time": _time(at),
            "event_type": kind,
            "event_state": state,
            "entity_id": entity_id,
            "entity_name": entity_name,
        }
    )


def _party(party_id: bytes, name: str, role: str, kind: str) -> wire.ReceiptParty:
    return wire.ReceiptParty(party_id=b64(party_id), party_name=name, party_role=role, party_type=kind)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _ms(millis: int) -> str:
    return _time(datetime.fromtimestamp(millis / 1000, UTC))
