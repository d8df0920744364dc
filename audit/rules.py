"""What an entry of the ledger hashes to, and how its place is sealed, without database or clock."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from audit.merkle import hash_leaf


class Recorded(Protocol):
    """What an entry says, whether it is a row already or is about to be one."""

    @property
    def actor(self) -> UUID | None: ...
    @property
    def actor_org(self) -> UUID | None: ...
    @property
    def patient(self) -> UUID | None: ...
    @property
    def verb(self) -> str: ...
    @property
    def object_kind(self) -> str: ...
    @property
    def object_id(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def basis(self) -> Sequence[str]: ...
    @property
    def detail(self) -> Mapping[str, int | str | bool]: ...


_dump = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode


def content_of(one: Recorded, at: datetime) -> dict[str, object]:
    """What the leaf of an entry is the hash of."""
    return {
        "at": round(at.timestamp() * 1_000_000),
        "actor": one.actor.hex if one.actor else "",
        "actor_org": one.actor_org.hex if one.actor_org else "",
        "patient": one.patient.hex if one.patient else "",
        "verb": one.verb,
        "object_kind": one.object_kind,
        "object_id": one.object_id,
        "outcome": one.outcome,
        "reason": one.reason,
        "basis": list(one.basis),
        "detail": dict(one.detail),
    }


def canonical(content: Mapping[str, object]) -> bytes:
    """Canonical JSON (RFC 8785) of texts, integers, booleans, lists and ASCII-keyed objects."""
    return _dump(content).encode("utf-8")


def leaf_hash(content: Mapping[str, object]) -> bytes:
    """SHA-256 over 0x00 and the canonical content: the leaf of RFC 6962 section 2.1."""
    return hash_leaf(canonical(content))


def ledger_key(secret: str) -> bytes:
    """The key of the seals, from the server's secret: whoever writes to the database alone does not have it."""
    return hashlib.sha256(b"consilium ledger seal\0" + secret.encode()).digest()


def seal_of(key: bytes, leaf: bytes) -> bytes:
    """What shows that an entry was written by the product."""
    return hmac.digest(key, leaf, "sha256")


def place_seal(key: bytes, index: int, entry: int, leaf: bytes) -> bytes:
    """What shows that an entry has this place and no other."""
    return hmac.digest(key, index.to_bytes(8, "big") + entry.to_bytes(8, "big") + leaf, "sha256")
