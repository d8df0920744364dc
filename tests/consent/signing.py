"""Directives and revocations as the cast would sign them."""

from __future__ import annotations

import secrets
import time
from typing import Any

from crypto import directives as ct1
from crypto.tables import AuthKind, Effect, GranteeKind, HistoryKind, RevokeKind
from tests.cast import Cast, Person
from wire.base import b64

STATEMENT = "Dr. Samuel may read the thread and write in it until next year."
HOUR = 3_600_000


def now_ms() -> int:
    return int(time.time() * 1000)


def permit(cast: Cast, named: Person, **chosen: Any) -> ct1.Directive:
    """A permit for reading, posting and joining, for a month, with all history, unless told otherwise."""
    fields: dict[str, Any] = {
        "directive_id": secrets.token_bytes(16),
        "patient_ref": cast.patient.pk.bytes,
        "effect": Effect.PERMIT,
        "auth_kind": AuthKind.PATIENT,
        "auth_fp": cast.maya.fp,
        "grantee_kind": GranteeKind.KEY,
        "grantee": named.fp,
        "actions": 11,
        "nbf": now_ms() - HOUR,
        "exp": now_ms() + 30 * 24 * HOUR,
        "history": HistoryKind.ALL,
        "text_hash": ct1.statement_hash(STATEMENT),
    }
    return ct1.Directive(**{**fields, **chosen})


def directive_body(cast: Cast, directive: ct1.Directive, signer: Person | None = None) -> dict[str, Any]:
    """The body of `POST …/directives`, signed by the patient or by somebody who should not."""
    signer = signer or cast.maya
    sig = ct1.sign_directive(signer.identity.sign_seed, directive.encode())
    signers = [{"fp": b64(signer.fp), "sig": b64(sig)}]
    return {"body": b64(directive.encode()), "signers": signers, "statement": STATEMENT}


def revoke_body(cast: Cast, revoke: ct1.Revoke, signer: Person | None = None) -> dict[str, Any]:
    signer = signer or cast.maya
    sig = ct1.sign_revoke(signer.identity.sign_seed, revoke.encode())
    return {"body": b64(revoke.encode()), "signers": [{"fp": b64(signer.fp), "sig": b64(sig)}]}


def revoke_of(cast: Cast, directive: ct1.Directive, **chosen: Any) -> ct1.Revoke:
    fields: dict[str, Any] = {
        "revoke_id": secrets.token_bytes(16),
        "patient_ref": cast.patient.pk.bytes,
        "kind": RevokeKind.DIRECTIVE,
        "target": directive.directive_id,
        "auth_fp": cast.maya.fp,
        "ts": now_ms(),
    }
    return ct1.Revoke(**{**fields, **chosen})
