"""Emergency access, on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import Body, Frame, Id16, Id32, Millis

Category = Literal["allergy", "medication", "crisis_plan", "diagnosis", "screening", "message"]
ReasonCode = Literal["unconscious", "suicide_risk", "overdose", "violence", "acute_illness", "other"]
ReviewOutcome = Literal["justified", "not_justified", "escalated"]


class EmergencyCode(StrEnum):
    """Refusals of emergency access; a refusal of the decision itself carries its reason (BREAK_GLASS_REFUSED, …)."""

    SECOND_FACTOR = "second_factor_needed"
    """No second factor, or none within the last fifteen minutes."""
    ATTEST = "attestation_needed"
    COSIGNER = "cosigner_needed"


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


class EmergencyIn(Body):
    """`POST /api/patients/{patient}/emergencies`: declares; a repeat with the same `id` is the same declaration."""

    id: Id16
    categories: list[Category] = Field(min_length=1, max_length=6)
    reason_code: ReasonCode
    reason: str = Field(min_length=10, max_length=2000)
    attest: bool
    cosigner: Id16 | None = None


class EmergencyThread(Body):
    """A thread that the emergency reaches: `keys` says how its content is had.

    `flagged` is false where the thread was made without emergency access: then it can never be opened so.
    """

    thread: Id32
    flagged: bool
    members_online: int
    keys: Literal["declared", "waiting", "given", "impossible"]


class EmergencyOut(Body):
    """A declaration as its clinician, the patient and the privacy officer read it."""

    id: Id16
    patient: Id16
    patient_name: str
    user: Id16
    name: str
    organisation_name: str
    categories: list[Category]
    reason_code: ReasonCode
    reason: str
    declared_at: Millis
    expires_at: Millis
    ended_at: Millis | None
    state: Literal["waiting_for_cosigner", "open", "ended", "reviewed"]
    cosigner_name: str
    review_due_at: Millis
    reviewed_by: str
    outcome: ReviewOutcome | Literal[""]
    review_note: str
    threads: list[EmergencyThread]


class EmergenciesOut(Body):
    """`GET /api/emergencies` (mine, those I may co-sign, and for a privacy officer those to review).

    `GET /api/patients/{patient}/emergencies` (the patient) answers with the same.
    """

    emergencies: list[EmergencyOut]


class EmergencyReview(Body):
    """`POST /api/emergencies/{id}/review` (a privacy officer, never of one's own declaration)."""

    outcome: ReviewOutcome
    note: str = Field(min_length=3, max_length=2000)


class EmergencyChanged(Frame):
    """Server → the patient, the officers, the clinician: an emergency was declared, co-signed, ended or reviewed."""

    type: Literal["emergency.changed"] = "emergency.changed"
    id: Id16
    patient: Id16
