"""What the posts of one batch share: the threads under lock, what is known of them, and what becomes of the posts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from audit import rows as table_rows
from audit.actions import Deed, record_many
from audit.rows import append_rows, change_rows, in_one_go
from consent.epochs import hold_epochs
from crypto.errors import Ct1Error
from crypto.messages import Header, SealedMessage
from messaging.delivery import Delivery
from messaging.footing import Footing, Row, footings
from messaging.models import Message, Thread
from wire.base import b64

KEPT = 10_000
_COLUMNS = ("msg_id", "thread", "seq", "sender", "device", "epoch", "ctr", "wire", "created_at")
_LOCK = (
    f"SELECT {', '.join(Row._fields)} FROM {Thread._meta.db_table} "  # noqa: S608  # the model's own names
    "WHERE id = ANY(%b::text[]) ORDER BY id FOR UPDATE"
)
_SINCE = (
    "SELECT m.thread_id, m.device, max(m.ctr) FROM unnest(%b::text[], %b::bigint[]) AS w(thread, head) "  # noqa: S608  # the model's own name
    f"JOIN {Message._meta.db_table} m ON m.thread_id = w.thread AND m.seq > w.head GROUP BY 1, 2"
)


@dataclass(slots=True)
class Placed:
    """A message that has its place, until the batch is committed; the fields are the row's."""

    thread_id: str
    seq: int
    sender_id: UUID
    device: UUID
    msg_id: UUID
    epoch: int
    ctr: int
    wire: bytes
    created_at: datetime


@dataclass
class Desk:
    """One batch, under the locks of its transaction."""

    now: datetime
    rows: dict[str, Row]
    footings: dict[str, Footing]
    broken: dict[str, Ct1Error]
    counters: dict[tuple[str, UUID], int]
    stored: dict[tuple[UUID, UUID], Message | Placed] = field(default_factory=dict)
    """What is known to be stored, by (sender or device, msg_id)."""
    heads: dict[str, int] = field(default_factory=dict)
    fresh: list[Placed] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def look_up(self, opened: Iterable[SealedMessage]) -> None:
        """Finds what is stored under the ids of these messages."""
        headers = [sealed.header for sealed in opened]
        ids = {UUID(bytes=header.msg_id) for header in headers}
        senders = {UUID(bytes=header.sender) for header in headers}
        devices = {UUID(bytes=header.device) for header in headers}
        for row in Message.objects.filter(Q(sender_id__in=senders) | Q(device__in=devices), msg_id__in=ids):
            self.stored[row.sender_id, row.msg_id] = self.stored[row.device, row.msg_id] = row

    def place(self, key: str, header: Header, user: UUID, wire: bytes) -> Placed:
        """Gives a message the next place of its thread; no gap, since the thread's row is locked until the commit."""
        device, msg_id = UUID(bytes=header.device), UUID(bytes=header.msg_id)
        self.heads[key] = seq = self.heads.get(key, self.rows[key].head) + 1
        placed = Placed(key, seq, user, device, msg_id, header.epoch, header.ctr, wire, self.now)
        self.stored[user, msg_id] = self.stored[device, msg_id] = placed
        self.counters[key, device] = header.ctr
        self.fresh.append(placed)
        return placed

    def write(self) -> None:
        """Writes all of it in one journey; an IntegrityError says that an id or a counter is in the table already."""
        with in_one_go():
            append_rows(
                Message,
                _COLUMNS,
                [
                    (
                        one.msg_id,
                        one.thread_id,
                        one.seq,
                        one.sender_id,
                        one.device,
                        one.epoch,
                        one.ctr,
                        one.wire,
                        self.now,
                    )
                    for one in self.fresh
                ],
            )
            change_rows(Thread, "id", ("head", "last_at"), [(key, head, self.now) for key, head in self.heads.items()])
            record_many(self.deeds)

    def remember(self) -> None:
        """What the committed batch has made known, for the next one."""
        for key, head in self.heads.items():
            self.footings[key].head = head
        for (key, device), ctr in self.counters.items():
            self.footings[key].counters[device] = ctr


def lay_out(opened: Iterable[SealedMessage]) -> Desk:
    """Locks the threads, in the order of their ids so that two writers cannot deadlock, and holds consent still."""
    devices: dict[str, set[UUID]] = {}
    for sealed in opened:
        devices.setdefault(b64(sealed.header.thread), set()).add(UUID(bytes=sealed.header.device))
    rows, epochs = _locked(list(devices))
    # Not before: whoever waited for a lock is judged and timed after the one who had it.
    now = timezone.now()
    standing, broken = footings.of(list(rows.values()), epochs, now)
    return Desk(now, rows, standing, broken, _counters(rows, standing, devices))


def _locked(threads: list[str]) -> tuple[dict[str, Row], dict[UUID, int]]:
    """The threads' rows under lock, and then their patients' consent epochs held still."""
    patients = _patients_of(threads)
    if connection.vendor == "postgresql":
        with in_one_go():
            locked = table_rows.send(_LOCK, [threads])
            epochs = hold_epochs(patients)
        return _held(table_rows.answers_of(locked), epochs())
    rows = Thread.objects.select_for_update().filter(pk__in=threads).order_by("pk").values_list(*Row._fields)
    return _held(rows, hold_epochs(patients)())


def _held(locked: Iterable[tuple[Any, ...]], epochs: dict[UUID, int]) -> tuple[dict[str, Row], dict[UUID, int]]:
    """The rows of patients whose epochs are held: of a thread that began between the two questions nothing is known."""
    rows = (Row(*one) for one in locked)
    return {row.id: row for row in rows if row.patient_id in epochs}, epochs


_patients: OrderedDict[str, UUID] = OrderedDict()


def _patients_of(threads: list[str]) -> set[UUID]:
    """Whom these threads are about, which never changes: known before their rows are locked, it saves a journey."""
    unknown = [key for key in threads if key not in _patients]
    found = {key: _patients[key] for key in threads if key in _patients}
    if unknown:
        found |= dict(Thread.objects.filter(pk__in=unknown).values_list("pk", "patient_id"))
        _patients.update((key, found[key]) for key in unknown if key in found)
        while len(_patients) > KEPT:
            _patients.popitem(last=False)
    return set(found.values())


def _counters(
    rows: dict[str, Row], standing: dict[str, Footing], devices: dict[str, set[UUID]]
) -> dict[tuple[str, UUID], int]:
    """The last counters of the devices that post; a footing remembers them, and only what is new to it is read."""
    behind = {key: one.head for key, one in standing.items() if 0 <= one.head < rows[key].head}
    for key, device, ctr in _written_since(behind):
        standing[key].counters[device] = ctr
    found: dict[tuple[str, UUID], int] = {}
    for key, footing in standing.items():
        footing.head = rows[key].head
        for device in devices[key]:
            if device not in footing.counters:
                # By the index one row is read, where a maximum over many devices would read all that they wrote.
                last = Message.objects.filter(thread=key, device=device).order_by("-ctr").values_list("ctr", flat=True)
                footing.counters[device] = next(iter(last[:1]), -1)
            found[key, device] = footing.counters[device]
    return found


def _written_since(heads: dict[str, int]) -> Iterable[tuple[str, UUID, int]]:
    """What others wrote beyond these heads: thread, device and its last counter."""
    if not heads:
        return ()
    if connection.vendor == "postgresql":
        return table_rows.ask(_SINCE, [list(heads), list(heads.values())])
    beyond = Q()
    for key, head in heads.items():
        beyond |= Q(thread=key, seq__gt=head)
    return Message.objects.filter(beyond).order_by("seq").values_list("thread_id", "device", "ctr")
