"""Posting: sealed messages get their place in a thread, many in one transaction, each on its own merits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.utils import timezone

from audit.actions import Deed, record_many
from audit.rows import append_rows, change_rows
from consent.epochs import held_epochs
from crypto.errors import Ct1Error
from crypto.messages import SealedMessage, parse_wire, verify_wire
from messaging import shapes
from messaging.delivery import Delivery
from messaging.footing import POST, READ, Footing, Row, footings
from messaging.keys import ukr_of
from messaging.models import Message, Thread
from messaging.rules import Claim, Standing, refusal_of
from people.shapes import millis
from wire.base import b64
from wire.binary import encode_new
from wire.errors import Conflict, ConsiliumError, Invalid, NotFound, Refused
from wire.messaging import MessageAck

Outcome = MessageAck | ConsiliumError | Ct1Error
_COLUMNS = ("thread", "seq", "sender", "device", "msg_id", "epoch", "ctr", "wire", "created_at")


@dataclass(frozen=True)
class Post:
    """A sealed message as a device's socket brought it; `device` is the one that said hello."""

    user_id: UUID
    device: bytes
    thread: bytes
    msg_id: bytes
    wire: bytes


@dataclass
class _Desk:
    """What the posts of one batch share, read under the threads' locks, and what becomes of them."""

    now: datetime
    rows: dict[str, Row]
    footings: dict[str, Footing]
    broken: dict[str, Ct1Error]
    counters: dict[tuple[str, UUID], int]
    stored: dict[tuple[UUID, UUID], Message] = field(default_factory=dict)
    """What is known to be stored, by (sender or device, msg_id)."""
    heads: dict[str, int] = field(default_factory=dict)
    fresh: list[Message] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)


def post_message(post: Post) -> MessageAck:
    """Posts one message; raises the refusal."""
    [outcome] = post_messages([post])
    if isinstance(outcome, MessageAck):
        return outcome
    raise outcome


def post_messages(posts: Sequence[Post]) -> list[Outcome]:
    """As `write_messages`, for a caller that tells nobody."""
    return write_messages(posts)[0]


def write_messages(posts: Sequence[Post]) -> tuple[list[Outcome], list[Delivery]]:
    """Posts these messages in one transaction, in this order: an ack or a refusal for each, and what to deliver.

    It returns after the commit. A DatabaseError means that none of them was written.
    """
    outcomes: list[Outcome | None] = [None] * len(posts)
    opened: dict[int, SealedMessage] = {}
    for index, post in enumerate(posts):
        try:
            opened[index] = _parse(post)
        except (Ct1Error, ConsiliumError) as refusal:
            outcomes[index] = refusal
    try:
        desk = _write(posts, opened, outcomes, known=False)
    except IntegrityError:
        # An id is stored already under a lower counter, which is rare: this time all of them are looked up first.
        desk = _write(posts, opened, outcomes, known=True)
    _remember(desk)
    return [outcome for outcome in outcomes if outcome is not None], desk.deliveries


def _parse(post: Post) -> SealedMessage:
    """The message, if its header is this person's, from this device, for this thread, under this id."""
    sealed = parse_wire(post.wire)
    header = sealed.header
    if header.thread != post.thread:
        raise Ct1Error("E_THREAD", "The message was sealed for another thread.")
    if header.sender != post.user_id.bytes or header.device != post.device:
        raise Ct1Error("E_SCOPE", "The message names another sender or device.")
    if header.msg_id != post.msg_id:
        raise Invalid("The frame's id is not the message's id.", re="id")
    return sealed


def _write(
    posts: Sequence[Post], opened: dict[int, SealedMessage], outcomes: list[Outcome | None], *, known: bool
) -> _Desk:
    """One transaction; `known`: look up which ids are stored before anything is placed."""
    with transaction.atomic():
        desk = _lay_out(opened.values())
        if known:
            _look_up(desk, opened.values())
        for index, sealed in opened.items():
            outcomes[index] = _outcome(desk, posts[index], sealed)
        append_rows(Message, _COLUMNS, desk.fresh)
        change_rows(
            Thread, "id", ("head", "last_at"), [(thread, head, desk.now) for thread, head in desk.heads.items()]
        )
        record_many(desk.deeds)
    return desk


def _lay_out(opened: Iterable[SealedMessage]) -> _Desk:
    """Locks the threads, in the order of their ids so that two writers cannot deadlock, and holds consent still."""
    now = timezone.now()
    devices: dict[str, set[UUID]] = {}
    for sealed in opened:
        devices.setdefault(b64(sealed.header.thread), set()).add(UUID(bytes=sealed.header.device))
    locked = Thread.objects.select_for_update().filter(pk__in=list(devices)).order_by("pk")
    rows = {row[0]: Row(*row) for row in locked.values_list(*Row._fields)}
    epochs = held_epochs(row.patient_id for row in rows.values())
    standing, broken = {}, {}
    for key, row in rows.items():
        try:
            standing[key] = footings.of(row, epochs[row.patient_id], now)
        except Ct1Error as error:
            # A log that cannot be read stops its own thread and no other.
            broken[key] = error
    return _Desk(now, rows, standing, broken, _counters(rows, standing, devices))


def _counters(
    rows: dict[str, Row], standing: dict[str, Footing], devices: dict[str, set[UUID]]
) -> dict[tuple[str, UUID], int]:
    """The last counters of the devices that post: remembered where nobody else has written since, else read."""
    found: dict[tuple[str, UUID], int] = {}
    unknown: dict[str, set[UUID]] = {}
    for key, footing in standing.items():
        row = rows[key]
        held = footing.counters if footing.head == row.head else {}
        for device in devices[key]:
            if device in held:
                found[key, device] = held[device]
            else:
                unknown.setdefault(key, set()).add(device)
    if unknown:
        asked = Message.objects.filter(thread__in=list(unknown), device__in=set().union(*unknown.values()))
        last = asked.values_list("thread_id", "device").annotate(last=Max("ctr"))
        found.update({(thread, device): ctr for thread, device, ctr in last})
    return found


def _look_up(desk: _Desk, opened: Iterable[SealedMessage]) -> None:
    headers = [sealed.header for sealed in opened]
    ids = {UUID(bytes=header.msg_id) for header in headers}
    senders = {UUID(bytes=header.sender) for header in headers}
    devices = {UUID(bytes=header.device) for header in headers}
    for row in Message.objects.filter(Q(sender_id__in=senders) | Q(device__in=devices), msg_id__in=ids):
        desk.stored[row.sender_id, row.msg_id] = desk.stored[row.device, row.msg_id] = row


def _outcome(desk: _Desk, post: Post, sealed: SealedMessage) -> Outcome:
    try:
        return _known(desk, post, sealed) or _place(desk, post, sealed)
    except (Ct1Error, ConsiliumError) as refusal:
        return _once_more(desk, post, sealed) or refusal


def _once_more(desk: _Desk, post: Post, sealed: SealedMessage) -> Outcome | None:
    """The ack that a refused post had before, if it is a repeat: by now its counter, key or sender may be past."""
    _look_up(desk, [sealed])
    try:
        return _known(desk, post, sealed)
    except ConsiliumError as refusal:
        return refusal


def _known(desk: _Desk, post: Post, sealed: SealedMessage) -> MessageAck | None:
    """The ack of what is stored under this id; raises Conflict if that is another message."""
    msg_id, device = UUID(bytes=sealed.header.msg_id), UUID(bytes=sealed.header.device)
    known = desk.stored.get((post.user_id, msg_id)) or desk.stored.get((device, msg_id))
    if known is None:
        return None
    if known.sender_id != post.user_id or known.thread_id != b64(post.thread) or known.wire != post.wire:
        raise Conflict("This message id is used for another message.", re="id")
    return shapes.ack(known, dup=True)


def _place(desk: _Desk, post: Post, sealed: SealedMessage) -> MessageAck:
    header, key = sealed.header, b64(sealed.header.thread)
    if key in desk.broken:
        raise desk.broken[key]
    row, footing = desk.rows.get(key), desk.footings.get(key)
    member = footing.members.get(post.user_id) if footing is not None else None
    if row is None or footing is None or member is None:
        raise NotFound
    _require_permission(desk, row, footing, post.user_id)
    verify_wire(sealed, ukr_of(member.fp))
    device, msg_id = UUID(bytes=header.device), UUID(bytes=header.msg_id)
    claim = Claim(header.epoch, header.log_seq, header.ctr)
    refusal = refusal_of(
        claim, _standing(row, footing, sealed, desk.counters.get((key, device), -1), desk.heads.get(key, row.head))
    )
    if refusal is not None:
        raise Conflict(refusal.message, code=refusal.code)
    desk.heads[key] = seq = desk.heads.get(key, row.head) + 1
    placed = Message(
        thread_id=key,
        seq=seq,
        sender_id=post.user_id,
        device=device,
        msg_id=msg_id,
        epoch=header.epoch,
        ctr=header.ctr,
        wire=post.wire,
        created_at=desk.now,
    )
    desk.stored[post.user_id, msg_id] = desk.stored[device, msg_id] = placed
    desk.counters[key, device] = header.ctr
    desk.fresh.append(placed)
    _note(desk, placed, footing)
    return shapes.ack(placed, dup=False)


def _note(desk: _Desk, placed: Message, footing: Footing) -> None:
    """The ledger's entry, and for whom the message is."""
    decision = footing.decisions[placed.sender_id, POST]
    where = f"{placed.thread_id}:{placed.seq}"
    desk.deeds.append(
        Deed(
            placed.sender_id,
            "thread.post",
            footing.patient_id,
            "message",
            where,
            "permit",
            decision.reason,
            decision.basis,
        )
    )
    frame = encode_new(
        footing.state.thread_id,
        placed.seq,
        millis(placed.created_at),
        placed.sender_id.bytes,
        placed.epoch,
        placed.wire,
    )
    readers = footing.readers(placed.epoch)
    desk.deliveries.append(Delivery(footing.patient_id, footing.consent_epoch, readers, frame))


def _require_permission(desk: _Desk, row: Row, footing: Footing, person: UUID) -> None:
    decision = footing.decisions[person, POST]
    if decision.permit:
        return
    desk.deeds.append(Deed(person, "thread.post", row.patient_id, "thread", row.id, "deny", decision.reason))
    if footing.decisions[person, READ].permit:
        raise Refused("You may read this thread, and not write in it.")
    raise NotFound


def _standing(row: Row, footing: Footing, sealed: SealedMessage, last_ctr: int, head: int) -> Standing:
    header, state = sealed.header, footing.state
    owed, rotate = footing.due
    return Standing(
        epoch=row.epoch,
        fence=row.fence,
        closed=row.closed,
        owed=owed,
        rotate=rotate or head - footing.thread.epoch_head >= state.genesis.epoch_max_msgs,
        agrees=header.log_seq <= state.seq and state.hashes[header.log_seq] == header.log_head,
        last_ctr=last_ctr,
    )


def _remember(desk: _Desk) -> None:
    """What the committed batch has made known, for the next one."""
    for key, footing in desk.footings.items():
        if footing.head != desk.rows[key].head:
            footing.counters = {}
        footing.head = desk.heads.get(key, desk.rows[key].head)
    for (key, device), ctr in desk.counters.items():
        desk.footings[key].counters[device] = ctr
