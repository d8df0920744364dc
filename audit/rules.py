"""What an entry of the ledger hashes to, without database or clock."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

LEAF = b"\x00"
"""The prefix of a leaf (RFC 6962 section 2.1), so that no inner node can pass for an entry."""


def canonical(content: Mapping[str, object]) -> bytes:
    """Canonical JSON (RFC 8785) of texts, integers, booleans, lists and ASCII-keyed objects."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")


def leaf_hash(content: Mapping[str, object]) -> bytes:
    """SHA-256 over 0x00 and the canonical content."""
    return hashlib.sha256(LEAF + canonical(content)).digest()
