"""Directives, revocations and the patient's ledger, as they cross the wire."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import B64, Body, Frame, Id16, Id32, Millis, Signature


class ConsentCode(StrEnum):
    """Refusals of consent's own."""

    STATEMENT_MISMATCH = "statement_mismatch"
    """`text_hash` is not the hash of the statement that came with the directive."""
    DIRECTIVE_EXISTS = "directive_exists"
    """The id was used for other bytes."""
    SERVER_RULES = "server_rules"
    """The directive's `server` field holds a word that the server does not know, and so cannot keep."""
    UNKNOWN_LABEL = "unknown_label"
    UNKNOWN_PURPOSE = "unknown_purpose"
    OPPOSED = "opposed"
    """A deny to the same grantee stands (`re` is its id): replace it, or say that both are meant."""


class ConsentSigner(Body):
    """A signature on a directive or revocation, and the fingerprint of the key that made it."""

    fp: Id32
    sig: Signature


class DirectiveIn(Body):
    """`POST /api/patients/{patient}/directives`: the signed bytes, and the exact words that the signer saw.

    From the patient, or from one who acts for the patient. `keep_both` says that a standing opposite is meant too.
    """

    body: B64 = Field(max_length=60_000)
    signers: list[ConsentSigner] = Field(min_length=1, max_length=8)
    statement: str = Field(min_length=1, max_length=20_000)
    keep_both: bool = False


class RevocationIn(Body):
    """`POST /api/patients/{patient}/revocations`: the signed bytes of a withdrawal."""

    body: B64 = Field(max_length=60_000)
    signers: list[ConsentSigner] = Field(min_length=1, max_length=8)


class DirectiveOut(Body):
    """One directive as its patient reads it; `grantee_name` is empty where the grantee is no person or organisation.

    `actions` are the CT1 action bits, `threads` empty means every thread, `state` is what it is worth now.
    """

    id: Id16
    effect: Literal["permit", "deny"]
    grantee_kind: int
    grantee: B64
    grantee_user: Id16 | None
    grantee_name: str
    grantee_role: str
    grantee_organisation: str
    actions: int
    threads: list[Id32]
    labels: list[str]
    purposes: list[str]
    history: int
    history_from: Millis
    nbf: Millis
    exp: Millis
    given_at: Millis
    ended_at: Millis | None
    state: Literal["active", "not_yet", "expired", "revoked", "superseded"]
    voice: Literal["patient", "representative", "witnessed", "quorum"]
    """Whose word it is; `given_by` names the people who signed."""
    given_by: list[str]
    method: Literal["app", "paper", "verbal"]
    statement: str
    server: str
    """JSON: the rules that bind the server alone."""
    body: B64
    signers: list[ConsentSigner]


class DirectivesOut(Body):
    """`GET /api/patients/{patient}/directives`: newest first, and the consent epoch.

    The patient reads all; one who acts for the patient those that they gave themselves.
    """

    directives: list[DirectiveOut]
    epoch: int


class ConsentGiven(Body):
    """The answer to a directive or revocation: it is in force from here on."""

    id: Id16
    epoch: int


class LedgerLine(Body):
    """One thing that was done, read, decided or refused about the patient.

    `verb` is dotted (`thread.read`), `basis` names directives, `leaf` is the entry's hash (RFC 6962 leaf).
    """

    id: int
    at: Millis
    who: str
    role: str
    organisation: str
    user: Id16 | None
    verb: str
    object_kind: str
    object_id: str
    outcome: Literal["permit", "deny", "done", "failed"]
    reason: str
    basis: list[str]
    about: str
    """The name of the person whom it concerns, where that is another than `who`."""
    count: int
    """How many items were read at once; 0 where that means nothing."""
    leaf: B64


class LedgerPage(Body):
    """`GET /api/patients/{patient}/ledger?before=&limit=` (the patient alone), newest first; `next` continues."""

    lines: list[LedgerLine]
    next: int | None


class ConsentChanged(Frame):
    """Server → the patient's devices: permissions changed; fetch them again."""

    type: Literal["consent.changed"] = "consent.changed"
    patient: Id16
    epoch: int
