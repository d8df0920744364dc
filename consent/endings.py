"""How a permission ended: withdrawn by whom, replaced by what, or over by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from consent.models import Directive, Revocation
from crypto.directives import parse_directive, parse_revoke
from people.models import KeyBundle, Patient
from wire.base import unb64


@dataclass(frozen=True)
class End:
    """The end of one directive; `by` are the users whose keys ended it, none where time did."""

    how: Literal["withdrawn", "replaced", "over"]
    at: datetime
    by: tuple[UUID, ...] = ()
    withdrawal: UUID | None = None


def signers_of(rows: Sequence[Directive | Revocation]) -> dict[UUID, tuple[UUID, ...]]:
    """For each row the users whose keys signed it, in the order in which they signed; one query."""
    fps = {row.pk: [unb64(one["fp"]) for one in row.signers] for row in rows}
    known = dict(
        KeyBundle.objects.filter(fp__in=[fp for each in fps.values() for fp in each]).values_list("fp", "user")
    )
    return {pk: tuple(known[fp] for fp in each if fp in known) for pk, each in fps.items()}


def ends_of(patient: Patient, rows: Sequence[Directive], now: datetime) -> dict[UUID, End]:
    """The end of each of a patient's directives that has one."""
    withdrawals = list(Revocation.objects.filter(patient=patient).order_by("given_at"))
    every = list(Directive.objects.filter(patient=patient).order_by("given_at"))
    replacing = {UUID(bytes=old): row for row in reversed(every) for old in parse_directive(row.body).supersedes}
    people = signers_of([*withdrawals, *every])
    found: dict[UUID, End] = {}
    for row in rows:
        over = datetime.fromtimestamp(parse_directive(row.body).exp / 1000, UTC)
        if row.superseded and row.ended_at is not None:
            by = replacing.get(row.pk)
            found[row.pk] = End("replaced", row.ended_at, people[by.pk] if by else ())
        elif row.ended_at is not None:
            gone = _withdrawal_of(row, withdrawals)
            found[row.pk] = End("withdrawn", row.ended_at, people[gone.pk] if gone else (), gone.pk if gone else None)
        elif over <= now:
            found[row.pk] = End("over", over)
    return found


def _withdrawal_of(row: Directive, withdrawals: Sequence[Revocation]) -> Revocation | None:
    """The withdrawal that ended it: the one that names it, else the one of its last instant, which ended several."""
    named = [one for one in withdrawals if parse_revoke(one.body).target == row.pk.bytes]
    same_instant = [one for one in withdrawals if one.given_at == row.ended_at]
    return next(iter([*same_instant, *named]), None)


def ended_by_withdrawal(row: Revocation) -> list[Directive]:
    """The directives that a withdrawal ended, oldest first."""
    rows = Directive.objects.filter(patient_id=row.patient_id, ended_at=row.given_at, superseded=False)
    return list(rows.order_by("given_at", "pk"))
