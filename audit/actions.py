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
from audit.rules import content_of, leaf_hash, seal_of

Outcome = Literal["permit", "deny", "done", "failed"]
_COLUMNS = (
    "leaf", "seal", "object_id", "at", "actor", "actor_org", "patient", "verb", "object_kind", "outcome", "reason",
    "basis", "detail",
)  # fmt: skip


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
    Entry(**dict(zip(_COLUMNS, _row(deed, timezone.now()), strict=True))).save(force_insert=True)


def record_many(deeds: Sequence[Deed]) -> None:
    """As `record`, for many deeds in one statement and in this order."""
    now = timezone.now()
    append_rows(Entry, _COLUMNS, [_row(deed, now) for deed in deeds])


def _row(deed: Deed, at: datetime) -> tuple[object, ...]:
    """The values of `_COLUMNS`."""
    leaf = leaf_hash(content_of(deed, at))
    return (
        leaf, seal_of(seal_key(), leaf), deed.object_id, at, deed.actor, deed.actor_org, deed.patient, deed.verb,
        deed.object_kind, deed.outcome, deed.reason, list(deed.basis), dict(deed.detail),
    )  # fmt: skip
