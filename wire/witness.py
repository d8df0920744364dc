"""Consent on paper or by word of mouth, as two witnesses bring it in."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import B64, Body, Id16, Millis
from wire.consent import ConsentSigner


class WitnessCode(StrEnum):
    """Refusals of witnessing."""

    NOT_A_WITNESS = "not_a_witness"
    """No standing certificate of kind witness."""
    WITNESS_IS_GRANTEE = "witness_is_grantee"
    WITNESSED_TWICE = "witnessed_twice"
    NO_ACCOUNT_YET = "no_account_yet"
    """There is nobody to hand over to."""
    PATIENT_DECIDES = "patient_decides"
    """The patient has an account: the patient's own key signs."""


class WitnessingIn(Body):
    """`POST /api/patients/{patient}/witnessings`: what the patient said, signed by the first witness.

    `id` is made by the client, so that a repeat is one row. `statement` is for a directive alone. Kind authority is
    the hand-over to the own key of a patient who has an account by now: a CT1 change of authority, in force at
    once where witnesses consented, else announced 72 hours to 30 days ahead.
    """

    id: Id16
    kind: Literal["directive", "revoke", "authority"]
    method: Literal["paper", "verbal"]
    body: B64 = Field(max_length=60_000)
    signer: ConsentSigner
    statement: str = Field(default="", max_length=20_000)


class WitnessingAbout(Body):
    """Whom a witnessed word names: the grantee of a directive, or the patient's own account for a hand-over."""

    user: Id16
    name: str
    role: int
    organisation_name: str


class WitnessingOut(Body):
    """One that waits for a witness, or came into force (`done`); `mine` where I have signed."""

    id: Id16
    patient: Id16
    patient_name: str
    kind: Literal["directive", "revoke", "authority"]
    method: Literal["paper", "verbal"]
    statement: str
    body: B64
    about: WitnessingAbout | None = None
    """None for a withdrawal, and for a directive to a group."""
    signers: list[ConsentSigner]
    witnesses: list[str]
    needed: int
    mine: bool
    done: bool
    opened_at: Millis
    expires_at: Millis


class WitnessingsOut(Body):
    """`GET /api/witnessings`: those of my patients that wait; `POST …/{id}/sign` (ConsentSigner), `DELETE …/{id}`."""

    witnessings: list[WitnessingOut]
