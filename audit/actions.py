"""The one way into the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal
from uuid import UUID

from django.utils import timezone

from audit.keys import seal_key
from audit.models import Entry
from audit.rules import leaf_hash, seal_of

Outcome = Literal["permit", "deny", "done", "failed"]


def record(
    *,
    actor: UUID | None,
    verb: str,
    patient: UUID | None,
    object_kind: str = "",
    object_id: str = "",
    outcome: Outcome = "done",
    reason: str = "",
    basis: Sequence[str] = (),
    actor_org: UUID | None = None,
    detail: Mapping[str, int | str | bool] | None = None,
) -> None:
    """Appends an entry in the caller's transaction: what is rolled back was not done, and leaves no entry.

    `verb` is dotted (`thread.read`); `detail` holds codes and counts, never clinical text.
    """
    entry = Entry(
        at=timezone.now(),
        actor=actor,
        actor_org=actor_org,
        patient=patient,
        verb=verb,
        object_kind=object_kind,
        object_id=object_id,
        outcome=outcome,
        reason=reason,
        basis=list(basis),
        detail=dict(detail or {}),
    )
    entry.leaf = leaf_hash(entry.content())
    entry.seal = seal_of(seal_key(), entry.leaf)
    entry.save(force_insert=True)
