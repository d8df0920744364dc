"""Who may act for a patient, what the patient can decide, and an organisation's consent rules, on the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import Body, Id16, Millis

AuthorityType = Literal["parent", "guardian", "attorney", "deputy", "advocate"]
DutyKind = Literal["privacy_officer", "emergency", "witness"]


class StandingCode(StrEnum):
    """Refusals of standing."""

    NOT_AN_OFFICER = "not_an_officer"
    SCOPE = "unknown_scope"
    ALREADY_ACTS = "already_acts"
    OWN_RECORD = "own_record"
    """Nobody records an authority, a block or a finding about themselves."""


class AuthorityIn(Body):
    """`POST /api/patients/{patient}/authorities` (a privacy officer of the patient's organisation).

    `scope` names actions; empty takes the usual ones of the type. `person` has an account: see the enrolment of kind
    representative (`POST /api/patients/{patient}/representatives`).
    """

    person: Id16
    type: AuthorityType
    scope: list[str] = Field(default=[], max_length=16)
    activation: Literal["by_type", "always", "incapacity"] = "by_type"
    evidence: str = Field(min_length=3, max_length=2000)
    valid_from: Millis | None = None
    valid_until: Millis | None = None


class AuthorityOut(Body):
    """Who acts for a patient: `state` is what the authority is worth now, `ages_out` the day a parent's ends."""

    id: Id16
    patient: Id16
    person: Id16
    name: str
    type: AuthorityType
    scope: list[str]
    state: Literal["acts", "sleeps", "not_yet", "ended", "aged_out", "blocked"]
    valid_from: Millis
    valid_until: Millis | None
    ages_out: str
    """ISO date in the patient's zone, or empty."""


class Represented(Body):
    """A patient for whom I act."""

    authority: AuthorityOut
    patient_name: str
    zone: str


class RepresentedOut(Body):
    """`GET /api/represented`: the patients for whom I act now, sleeping and ended authorities left out."""

    patients: list[Represented]


class Representative(Body):
    """Somebody who has taken a code to act for a patient; `acts` where an authority of theirs is on record."""

    person: Id16
    name: str
    enrolled_at: Millis
    acts: bool


class RepresentativesOut(Body):
    """`GET /api/patients/{patient}/representatives` (a privacy officer)."""

    people: list[Representative]


class RepresentativeCode(Body):
    """`POST /api/patients/{patient}/representatives` (a privacy officer): a one-time code for an account that acts."""

    enrolment_code: str
    expires: Millis


class SafeguardingIn(Body):
    """`POST /api/patients/{patient}/safeguarding` (a privacy officer): this person is kept from acting, silently."""

    person: Id16
    reason: str = Field(min_length=3, max_length=2000)


class CapacityIn(Body):
    """`POST /api/patients/{patient}/capacity` (a therapist or physician of the care team): what was found."""

    kind: Literal["capacity", "competence"]
    finding: Literal["has", "lacks", "unknown"]
    method: str = Field(min_length=2, max_length=80)
    note: str = Field(default="", max_length=2000)
    review_on: str = Field(default="", max_length=10)


class CapacityOut(Body):
    """The newest finding of a kind, as the patient and the care team read it."""

    kind: Literal["capacity", "competence"]
    finding: Literal["has", "lacks", "unknown"]
    method: str
    assessor_name: str
    assessed_at: Millis
    review_on: str


class StandingOut(Body):
    """`GET /api/patients/{patient}/standing` (the patient, the officer, the care team): never the blocks."""

    authorities: list[AuthorityOut]
    capacity: list[CapacityOut]
    minor: bool
    majority_on: str
    """ISO date on which the patient comes of age, empty where the birth date is unknown or past."""
    refuses_emergency: bool


class RefuseEmergency(Body):
    """`PUT /api/patients/{patient}/emergency-refusal` (the patient alone): no emergency opens my record, or it may."""

    refuse: bool


class DutyIn(Body):
    """`POST` and `DELETE /api/organisations/{organisation}/duties` (a privacy officer)."""

    user: Id16
    kind: DutyKind


class BlockOut(Body):
    """A safeguarding block, for privacy officers alone."""

    id: Id16
    person: Id16
    name: str
    reason: str
    since: Millis
    until: Millis | None


class BlocksOut(Body):
    """`GET /api/patients/{patient}/safeguarding` (a privacy officer)."""

    blocks: list[BlockOut]


class DutyOut(Body):
    """Who holds which duty."""

    user: Id16
    name: str
    kind: DutyKind
    since: Millis


class DutiesOut(Body):
    """`GET /api/organisations/{organisation}/duties` (staff of the organisation)."""

    duties: list[DutyOut]


class OfficePatient(Body):
    """A patient as the privacy officer finds them; `acting` counts authorities that nobody has ended."""

    id: Id16
    name: str
    birth_date: str
    has_account: bool
    acting: int


class OfficePatientsOut(Body):
    """`GET /api/organisations/{organisation}/patients?query=&page=` (a privacy officer): by name, 50 a page, from 1."""

    patients: list[OfficePatient]
    page: int
    more: bool


class ProfileBody(Body):
    """`GET` and `PUT /api/organisations/{organisation}/consent-profile` (staff read, a privacy officer writes).

    `default` is what holds where no directive speaks. Every change raises the consent epoch of the organisation's
    patients.
    """

    template: Literal["multidisciplinary", "payer_provider", "nhs_locality", "community"]
    default: Literal["deny", "implied-direct-care", "team-unlabelled"]
    longest_days: int = Field(ge=1, le=366)
    review_days: int = Field(ge=7, le=366)
    emergency_hours: int = Field(ge=0, le=4)
    emergency_history_days: int = Field(ge=0, le=366)
    majority_age: int = Field(ge=14, le=21)
    own_consent_age: int = Field(ge=10, le=21)
    contentless_notices: bool


class ProfilesOut(Body):
    """`GET /api/consent-profiles` (staff): the four kinds of organisation whose rules one may start from."""

    profiles: list[ProfileBody]
