"""What the patient's own pages ask for: rehearsals, reminders, how permissions ended, and receipts."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import B64, Body, Id16, Id32, Millis


class PatientCode(StrEnum):
    """Refusals of the patient's pages."""

    FOREIGN = "foreign_patient"
    """The bytes speak of another patient."""


class RehearsalIn(Body):
    """`POST /api/patients/{patient}/rehearsals`: the bytes of a directive or revocation that nobody has signed yet.

    Nothing is stored and nothing changes. From the patient, or from one who acts for the patient.
    """

    kind: Literal["directive", "revocation"]
    body: B64 = Field(max_length=60_000)


Sight = Literal["read", "join"]
"""Reading a thread; joining its calls and sessions."""


class Seer(Body):
    """Somebody who can read a thread or join its calls now, or could after the change.

    `directives` are those that let them in once it is made (of before, where they lose all), `reason` the decision's
    stable code; without directives it is something else that lets them in.
    """

    user: Id16
    name: str
    role: str
    organisation: str
    before: list[Sight]
    after: list[Sight]
    reason: str
    directives: list[Id16]


class RehearsedPlace(Body):
    """A thread with its calls, and everybody who sees something of it before or after."""

    thread: Id32
    seers: list[Seer]


class RehearsalOut(Body):
    """Who sees what before and after; the patient, who always sees everything, is left out."""

    places: list[RehearsedPlace]


class Ending(Body):
    """How a directive ended: who did it, and when; `withdrawal` has a receipt of its own."""

    directive: Id16
    how: Literal["withdrawn", "replaced", "over"]
    by: list[str]
    at: Millis
    withdrawal: Id16 | None


class Reminder(Body):
    """Something to look at: a permission that ends soon (`at` is its end), or one that nobody has looked at for long.

    `POST /api/patients/{patient}/directives/{directive_id}/review` says that it is right as it is (the answer is Done).
    """

    directive: Id16
    kind: Literal["ends", "review"]
    at: Millis


class ComingOfAge(Body):
    """A young person's notice: from `on` (ISO date) the people named here no longer decide; `days` are left."""

    on: str
    days: int
    names: list[str]


class NoticesOut(Body):
    """`GET /api/patients/{patient}/notices`: what waits to be looked at, and how past permissions ended.

    The patient reads all; one who acts for the patient only what concerns permissions that they gave.
    """

    reminders: list[Reminder]
    endings: list[Ending]
    coming_of_age: ComingOfAge | None


class ReceiptParty(Body):
    """Who is meant, by name; `party_role` as in DPV."""

    party_id: str
    party_name: str
    party_role: str
    party_type: str


class ReceiptEvent(Body):
    """Something that happened to the record; times ISO 8601, `event_state` a DPV consent status."""

    event_time: str
    event_type: Literal["given", "witnessed", "superseded", "withdrawn", "expired", "refused"]
    event_state: str
    entity_id: str
    entity_name: str


class ReceiptProcessing(Body):
    """What was permitted or forbidden (ISO/IEC TS 27560 `pii_processing`)."""

    effect: Literal["permit", "deny"]
    privacy_notice: str
    """The words that the signer saw."""
    privacy_notice_hash: str
    language: str
    purposes: list[str]
    purpose_types: list[str]
    lawful_basis: str
    pii_types: list[str]
    special_pii_category: list[str]
    processing_methods: list[str]
    actions: list[str]
    threads: list[str]
    history: str
    collection_method: Literal["app", "paper", "verbal"]
    valid_from: str
    valid_until: str
    withdrawal_method: str
    redisclosure: str


class ReceiptRecord(Body):
    """The consent record that a receipt carries."""

    schema_version: str
    record_id: str
    record_version: int
    record_created: str
    pii_principal_id: str
    """A pseudonym: the same for all receipts of a patient, and of no use elsewhere."""
    pii_processing: ReceiptProcessing
    given_by: list[ReceiptParty]
    given_by_kind: Literal["patient", "representative", "witnessed", "quorum"]
    pii_controllers: list[ReceiptParty]
    recipients: list[ReceiptParty]
    events: list[ReceiptEvent]
    signed_object: str
    """The bytes that were signed, base64url, so that the receipt can be held against them."""
    signatures: list[str]


class ReceiptMetadata(Body):
    """The receipt itself."""

    schema_version: str
    receipt_id: str
    receipt_kind: Literal["permission", "withdrawal"]
    issued: str
    issuer: ReceiptParty


class ReceiptProof(Body):
    """Ed25519 over the label and the canonical JSON (RFC 8785) of the receipt without its proof; docs/consent.md."""

    type: Literal["Ed25519"] = "Ed25519"
    label: str
    public_key: Id32
    signature: B64 = Field(min_length=64, max_length=64)


class Receipt(Body):
    """`GET /api/patients/{patient}/directives/{directive_id}/receipt`, and `…/withdrawals/{withdrawal_id}/receipt`.

    For the patient, and for one who acts for the patient and gave it. A withdrawal's receipt holds a record for each
    permission that it ended.
    """

    context: dict[str, str]
    receipt_metadata: ReceiptMetadata
    consent_records: list[ReceiptRecord]
    proof: ReceiptProof


class ReceiptKey(Body):
    """`GET /api/receipt-key` (anybody): the key that this server's receipts verify with."""

    public_key: Id32
    label: str
