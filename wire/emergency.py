"""Emergency access, on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import B64, Body, Frame, Id16, Id32, Millis, Signature

Category = Literal["allergy", "medication", "crisis_plan", "diagnosis", "screening", "message"]
ReasonCode = Literal["unconscious", "suicide_risk", "overdose", "violence", "acute_illness", "other"]
ReviewOutcome = Literal["justified", "not_justified", "escalated"]


class EmergencyCode(StrEnum):
    """Refusals of emergency access; a refusal of the decision itself carries its reason (BREAK_GLASS_REFUSED, …)."""

    SECOND_FACTOR = "second_factor_needed"
    """No second factor, or none within the last fifteen minutes."""
    ATTEST = "attestation_needed"
    COSIGNER = "cosigner_needed"
    """A second clinician with the duty must co-sign: name one of `colleagues`."""
    NOT_NEEDED = "emergency_not_needed"
    """The person may read this already."""
    STILL_OPEN = "emergency_still_open"
    REVIEWED = "emergency_reviewed"
    OVER = "emergency_over"


class EmergencyLook(Body):
    """`POST /api/emergency/look` (emergency duty, recent second factor): a patient by full name and birth date."""

    name: str = Field(min_length=2, max_length=200)
    birth_date: str = Field(min_length=10, max_length=10)


class EmergencyFound(Body):
    """The one patient who matches exactly, or NotFound; looking is written into that patient's ledger."""

    patient: Id16
    name: str
    birth_date: str
    organisation_name: str
    hours: int
    """How long an emergency lasts here; 0 where the organisation allows none."""
    history_days: int
    officers: list[str]
    """The privacy officers who will be told, by name."""
    has_account: bool
    """Whether the patient reads their own page and so is told at once."""


class EmergencyIn(Body):
    """`POST /api/patients/{patient}/emergencies`: declares; a repeat with the same `id` is the same declaration."""

    id: Id16
    categories: list[Category] = Field(min_length=1, max_length=6)
    reason_code: ReasonCode
    reason: str = Field(min_length=10, max_length=2000)
    attest: bool
    cosigner: Id16 | None = None


class EmergencySignature(Body):
    """A co-signer's signature over the declaration that goes into one thread's log (docs/protocol.md 4.1)."""

    thread: Id32
    body: B64 = Field(max_length=1024)
    fp: Id32
    sig: Signature


class EmergencyCosign(Body):
    """`POST /api/emergencies/{id}/cosign` (who was asked, recent second factor): opens it.

    One signature for each flagged thread; every body names the declaration, its clinician and one common `exp`, which
    lies at most `hours` ahead and becomes the emergency's end. Without threads, `exp` alone says so.
    """

    exp: Millis
    signatures: list[EmergencySignature] = Field(max_length=200)


class EmergencyThread(Body):
    """A thread that the emergency reaches: `keys` says how its content is had.

    `flagged` is false where the thread was made without emergency access: then it can never be opened so.
    """

    thread: Id32
    flagged: bool
    members: int
    members_online: int
    """How many of those who may read were connected within the last minute."""
    keys: Literal["declared", "waiting", "given", "impossible"]
    cosigned: EmergencySignature | None


class EmergencyOut(Body):
    """A declaration as its clinician, the patient and the privacy officer read it."""

    id: Id16
    patient: Id16
    patient_name: str
    user: Id16
    name: str
    organisation_name: str
    role: int
    fp: Id32
    """The clinician's role and key, as a co-signer names them."""
    part: Literal["mine", "cosign", "review", "about_me"]
    """Why one sees it."""
    hours: int
    categories: list[Category]
    reason_code: ReasonCode
    reason: str
    declared_at: Millis
    expires_at: Millis
    ended_at: Millis | None
    state: Literal["waiting_for_cosigner", "open", "ended", "reviewed"]
    cosigner: Id16 | None
    cosigner_name: str
    review_due_at: Millis
    reviewed_by: str
    outcome: ReviewOutcome | Literal[""]
    review_note: str
    threads: list[EmergencyThread]


class EmergencyColleague(Body):
    """Somebody who may co-sign."""

    user: Id16
    name: str


class EmergenciesOut(Body):
    """`GET /api/emergencies` (mine, those I may co-sign, and for a privacy officer those to review).

    `GET /api/patients/{patient}/emergencies` (the patient) answers with the same.
    `POST /api/emergencies/{id}/end` (who declared it, or the privacy officer) ends one before its time.
    """

    emergencies: list[EmergencyOut]
    may_declare: bool
    may_review: bool
    colleagues: list[EmergencyColleague]


class EmergencyReview(Body):
    """`POST /api/emergencies/{id}/review` (a privacy officer, never of one's own declaration)."""

    outcome: ReviewOutcome
    note: str = Field(min_length=3, max_length=2000)


class EmergencyChanged(Frame):
    """Server → the patient, the officers, the clinician: an emergency was declared, co-signed, ended or reviewed."""

    type: Literal["emergency.changed"] = "emergency.changed"
    id: Id16
    patient: Id16
