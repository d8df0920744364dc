"""The consent epoch of a patient: the number by which everything that is remembered is kept, and thrown away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from audit import rows
from consent.models import ConsentEpoch
from consent.signals import consent_changed, consent_moved, consent_told
from live.push import push_on_commit
from people.models import Patient
from wire.consent import ConsentChanged

_HOLD = (
    f"SELECT patient_id, number FROM {ConsentEpoch._meta.db_table} "  # noqa: S608  # the model's own name
    "WHERE patient_id = ANY(%b::uuid[]) ORDER BY patient_id FOR SHARE"
)


_ENTER = "SELECT pg_advisory_xact_lock_shared(key) FROM unnest(%b::bigint[]) AS key"


def _gate(patient_id: UUID) -> int:
    """The number of a patient's gate: a lock that PostgreSQL gives in the order of asking.

    A row's shared lock is given to whoever asks while others share it, also before one who waits to change the row:
    without a gate, busy threads would keep the patient's word from being written.
    """
    return int.from_bytes(patient_id.bytes[:8], "big", signed=True)


def epoch_of(patient_id: UUID) -> int:
    """The patient's consent epoch; 0 before the first directive."""
    return ConsentEpoch.objects.filter(patient_id=patient_id).values_list("number", flat=True).first() or 0


def hold_epochs(patient_ids: Iterable[UUID]) -> Callable[[], dict[UUID, int]]:
    """The epochs of these patients, which cannot rise before the caller's transaction ends; 0 before the first word.

    What is decided under them is so until it is committed: a change of consent waits the moment that takes. On SQLite
    a transaction that writes is alone, and there is nothing to hold. What is returned is called for the answer, after
    `in_one_go` where the question was asked there.
    """
    ids = sorted(set(patient_ids))
    none = dict.fromkeys(ids, 0)
    if connection.vendor == "postgresql":
        rows.send(_ENTER, [[_gate(one) for one in ids]])
        # Shared, unlike the ORM's FOR UPDATE: two processes write to two threads of one patient side by side.
        held = rows.send(_HOLD, [ids])
        return lambda: none | dict(rows.answers_of(held))
    found = ConsentEpoch.objects.filter(patient__in=ids).values_list("patient_id", "number")
    return lambda: none | dict(found)


def locked_epoch(patient_id: UUID) -> ConsentEpoch:
    """The epoch's row under lock: two changes of one patient's consent come one after the other."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_gate(patient_id)])
    ConsentEpoch.objects.get_or_create(patient_id=patient_id)
    return ConsentEpoch.objects.select_for_update().get(patient_id=patient_id)


@transaction.atomic
def raise_epoch(patient_id: UUID, locked: ConsentEpoch | None = None) -> int:
    """Raises the epoch within the change's own transaction and returns it; on commit everybody hears of it.

    The apps above cut calls and sockets first; the patient's own page can wait for them.
    """
    epoch = locked or locked_epoch(patient_id)
    epoch.number += 1
    epoch.save()
    transaction.on_commit(partial(_tell, patient_id, epoch.number))
    account = Patient.objects.filter(pk=patient_id).values_list("account_id", flat=True).first()
    if account is not None:
        push_on_commit([account], ConsentChanged(patient=patient_id.bytes, epoch=epoch.number))
    return epoch.number


@transaction.atomic
def raise_epochs(patients: Iterable[UUID]) -> None:
    """Raises many at once, for a change of an organisation's own rules; the signal follows for each on commit."""
    ids = sorted(patients)
    ConsentEpoch.objects.bulk_create([ConsentEpoch(patient_id=one) for one in ids], ignore_conflicts=True)
    # In one order, so that two such changes cannot wait for each other.
    list(ConsentEpoch.objects.select_for_update().filter(patient_id__in=ids).order_by("patient_id"))
    ConsentEpoch.objects.filter(patient_id__in=ids).update(number=F("number") + 1)
    raised = dict(ConsentEpoch.objects.filter(patient_id__in=ids).values_list("patient_id", "number"))
    for one, number in raised.items():
        transaction.on_commit(partial(_tell, one, number))


def _tell(patient_id: UUID, epoch: int) -> None:
    for word in (consent_moved, consent_changed, consent_told):
        word.send_robust(ConsentEpoch, patient_id=patient_id, epoch=epoch)
