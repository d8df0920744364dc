"""The ledger's two keys: one that seals rows, one that signs checkpoints; neither is in the database."""

from __future__ import annotations

from functools import cache

from django.conf import settings

from audit import rules
from audit.note import Signer


@cache
def seal_key() -> bytes:
    return rules.ledger_key(settings.SECRET_KEY)


@cache
def signer() -> Signer:
    """The log's name and key."""
    return Signer.of(settings.LEDGER_ORIGIN, settings.LEDGER_SEED)
