"""The one way into the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from django.utils import timezone

from audit.keys import seal_key
from audit.models import Entry
from audit.rows import append_rows
from audit.rules import leaf_hash, seal_of

Outcome = Literal["permit", "deny", "done", "failed"]
_COLUMNS = tuple(field.name for field in Entry._meta.concrete_fields if not field.primary_key)


class Deed(NamedTuple):
    """An entry to be: what `record` takes, for many at once."""

    actor: UUID | None
    verb: str
    patient: UUID | None
    object_kind: str = ""
    object_id: str = ""
    outcome: Outcome = "done"
    reason: str = ""
    basis: Sequence[str] = ()
    actor_org: UUID | None = None
    detail: Mapping[str, int | str | bool] = {}


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
    deed = Deed(actor, verb, patient, object_kind, object_id, outcome, reason, basis, actor_org, detail or {})
    _entry(deed, timezone.now()).save(force_insert=True)


def record_many(deeds: Sequence[Deed]) -> None:
    """As `record`, for many deeds in one statement and in this order."""
    now = timezone.now()
    append_rows(Entry, _COLUMNS, [_entry(deed, now) for deed in deeds])


def _entry(deed: Deed, at: datetime) -> Entry:
    entry = Entry(
        at=at,
        actor=deed.actor,
        actor_org=deed.actor_org,
        patient=deed.patient,
        verb=deed.verb,
        object_kind=deed.object_kind,
        object_id=deed.object_id,
        outcome=deed.outcome,
        reason=deed.reason,
        basis=list(deed.basis),
        detail=dict(deed.detail),
    )
    entry.leaf = leaf_hash(entry.content())
    entry.seal = seal_of(seal_key(), entry.leaf)
    return entry
