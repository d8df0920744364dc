"""Consent's signed objects as the logs read them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from consent.access import epoch_of
from consent.actions import stored_signers
from consent.actions.witnessing import authority_changes
from consent.models import ConsentEpoch, Revocation, Witnessing
from consent.models import Directive as DirectiveRow
from crypto.authority import Change, parse_change
from crypto.directives import Directive, parse_directive

KEPT = 2000


@dataclass(frozen=True)
class ConsentObject:
    """A directive, a revocation with the directives that it ended, or a change of authority; ids of 16 bytes."""

    object_id: bytes
    body: bytes
    signatures: tuple[tuple[bytes, bytes], ...]
    """(fp, sig) of each signer."""
    directive: Directive | None
    in_force: bool
    ends: tuple[bytes, ...]
    change: Change | None = None

    @property
    def kind(self) -> Literal["directive", "revoke", "authority"]:
        if self.change is not None:
            return "authority"
        return "revoke" if self.directive is None else "directive"


_kept: OrderedDict[UUID, tuple[int, tuple[ConsentObject, ...]]] = OrderedDict()
_lock = threading.Lock()


def epochs_of(patient_ids: Iterable[UUID]) -> dict[UUID, int]:
    """The consent epochs of these patients in one query; 0 before the first directive."""
    ids = set(patient_ids)
    return dict.fromkeys(ids, 0) | dict(
        ConsentEpoch.objects.filter(patient__in=ids).values_list("patient_id", "number")
    )


def consent_objects(patient_id: UUID, epoch: int | None = None) -> tuple[ConsentObject, ...]:
    """All that a patient has signed, in the order in which the server received it.

    Kept by the consent epoch, which the caller may have read in this transaction. It is read before the rows: a
    change between the two is kept under an epoch that nobody asks for again.
    """
    epoch = epoch_of(patient_id) if epoch is None else epoch
    with _lock:
        held = _kept.get(patient_id)
        if held is not None and held[0] == epoch:
            _kept.move_to_end(patient_id)
            return held[1]
    made = _read(patient_id)
    if epoch_of(patient_id) == epoch:
        with _lock:
            _kept[patient_id] = (epoch, made)
            while len(_kept) > KEPT:
                _kept.popitem(last=False)
    return made


def _read(patient_id: UUID) -> tuple[ConsentObject, ...]:
    directives = list(DirectiveRow.objects.filter(patient_id=patient_id))
    revocations = list(Revocation.objects.filter(patient_id=patient_id))
    received = [(row.given_at, _directive(row)) for row in directives]
    received += [(row.given_at, _revocation(row, directives)) for row in revocations]
    received += [(row.closed_at or row.opened_at, _change(row)) for row in authority_changes(patient_id)]
    return tuple(one for _, one in sorted(received, key=lambda pair: (pair[0], pair[1].object_id)))


def _signatures(row: DirectiveRow | Revocation | Witnessing) -> tuple[tuple[bytes, bytes], ...]:
    return tuple((one.fp, one.sig) for one in stored_signers(row))


def _directive(row: DirectiveRow) -> ConsentObject:
    in_force = row.ended_at is None
    return ConsentObject(row.pk.bytes, row.body, _signatures(row), parse_directive(row.body), in_force, ())


def _revocation(row: Revocation, directives: list[DirectiveRow]) -> ConsentObject:
    # A withdrawal stamps itself and what it ends with one instant.
    ends = tuple(one.pk.bytes for one in directives if one.ended_at == row.given_at and not one.superseded)
    return ConsentObject(row.pk.bytes, row.body, _signatures(row), None, True, ends)


def _change(row: Witnessing) -> ConsentObject:
    change = parse_change(row.body)
    return ConsentObject(change.change_id, row.body, _signatures(row), None, True, (), change)
