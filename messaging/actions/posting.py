"""Posting: sealed messages get their place in a thread, many in one transaction, each on its own merits."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from audit.actions import Deed
from crypto.errors import Ct1Error
from crypto.messages import Header, SealedMessage, parse_wire, verify_wire
from messaging import shapes
from messaging.actions.desk import Desk, Placed, lay_out
from messaging.delivery import Delivery
from messaging.footing import POST, READ, Footing, Row, footings
from messaging.keys import ukr_of
from messaging.rules import Claim, Standing, refusal_of
from people.shapes import millis
from wire.base import b64
from wire.binary import encode_new
from wire.errors import Conflict, ConsiliumError, Invalid, NotFound, Refused
from wire.messaging import MessageAck

Outcome = MessageAck | ConsiliumError | Ct1Error


@dataclass(frozen=True)
class Post:
    """A sealed message as a device's socket brought it; `device` is the one that said hello."""

    user_id: UUID
    device: bytes
    thread: bytes
    msg_id: bytes
    wire: bytes


@dataclass(slots=True)
class _Opened:
    """A post whose header is its sender's; `verified`: the key under which its signature was found to hold."""

    sealed: SealedMessage
    verified: bytes | None = None


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
    opened: dict[int, _Opened] = {}
    for index, post in enumerate(posts):
        try:
            opened[index] = _open(post)
        except (Ct1Error, ConsiliumError) as refusal:
            outcomes[index] = refusal
    try:
        desk = _write(posts, opened, outcomes, known=False)
    except IntegrityError:
        # An id is stored already under a lower counter, which is rare: this time all of them are looked up first.
        desk = _write(posts, opened, outcomes, known=True)
    desk.remember()
    return [outcome for outcome in outcomes if outcome is not None], desk.deliveries


def _open(post: Post) -> _Opened:
    """Parses a post and checks its signature, before any lock: two processes do that side by side.

    What does not hold under the key remembered is not refused yet: the key may have changed.
    """
    opened = _Opened(_parse(post))
    fp = footings.fp_of(b64(post.thread), post.user_id)
    if fp is not None:
        with suppress(Ct1Error):
            verify_wire(opened.sealed, ukr_of(fp))
            opened.verified = fp
    return opened


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


def _write(posts: Sequence[Post], opened: dict[int, _Opened], outcomes: list[Outcome | None], *, known: bool) -> Desk:
    """One transaction; `known`: look up which ids are stored before anything is placed."""
    with transaction.atomic():
        desk = lay_out(one.sealed for one in opened.values())
        if known:
            desk.look_up(one.sealed for one in opened.values())
        for index, one in opened.items():
            outcomes[index] = _outcome(desk, posts[index], one)
        desk.write()
    return desk


def _outcome(desk: Desk, post: Post, opened: _Opened) -> Outcome:
    try:
        return _known(desk, post, opened.sealed) or _place(desk, post, opened)
    except (Ct1Error, ConsiliumError) as refusal:
        return _once_more(desk, post, opened.sealed) or refusal


def _once_more(desk: Desk, post: Post, sealed: SealedMessage) -> Outcome | None:
    """The ack that a refused post had before, if it is a repeat: by now its counter, key or sender may be past."""
    desk.look_up([sealed])
    try:
        return _known(desk, post, sealed)
    except ConsiliumError as refusal:
        return refusal


def _known(desk: Desk, post: Post, sealed: SealedMessage) -> MessageAck | None:
    """The ack of what is stored under this id; raises Conflict if that is another message."""
    msg_id, device = UUID(bytes=sealed.header.msg_id), UUID(bytes=sealed.header.device)
    known = desk.stored.get((post.user_id, msg_id)) or desk.stored.get((device, msg_id))
    if known is None:
        return None
    if known.sender_id != post.user_id or known.thread_id != b64(post.thread) or known.wire != post.wire:
        raise Conflict("This message id is used for another message.", re="id")
    return shapes.ack(known, post.thread, dup=True)


def _place(desk: Desk, post: Post, opened: _Opened) -> MessageAck:
    header, key = opened.sealed.header, b64(post.thread)
    if key in desk.broken:
        raise desk.broken[key]
    row, footing = desk.rows.get(key), desk.footings.get(key)
    member = footing.members.get(post.user_id) if footing is not None else None
    if row is None or footing is None or member is None:
        raise NotFound
    _require_permission(desk, row, footing, post.user_id)
    if opened.verified != member.fp:
        verify_wire(opened.sealed, ukr_of(member.fp))
    last_ctr = desk.counters.get((key, UUID(bytes=header.device)), -1)
    claim = Claim(header.epoch, header.log_seq, header.ctr)
    refusal = refusal_of(claim, _standing(row, footing, header, last_ctr, desk.heads.get(key, row.head)))
    if refusal is not None:
        raise Conflict(refusal.message, code=refusal.code)
    placed = desk.place(key, header, post.user_id, post.wire)
    _note(desk, placed, footing)
    return shapes.ack(placed, post.thread)


def _note(desk: Desk, placed: Placed, footing: Footing) -> None:
    """The ledger's entry, and for whom the message is."""
    sender, decision = placed.sender_id, footing.decisions[placed.sender_id, POST]
    where = f"{placed.thread_id}:{placed.seq}"
    why = decision.reason, decision.basis
    desk.deeds.append(Deed(sender, "thread.post", footing.patient_id, "message", where, "permit", *why))
    frame = encode_new(
        footing.state.thread_id,
        placed.seq,
        millis(placed.created_at),
        sender.bytes,
        placed.epoch,
        placed.wire,
    )
    readers = footing.readers(placed.epoch)
    desk.deliveries.append(Delivery(footing.patient_id, footing.consent_epoch, readers, frame))


def _require_permission(desk: Desk, row: Row, footing: Footing, person: UUID) -> None:
    decision = footing.decisions[person, POST]
    if decision.permit:
        return
    desk.deeds.append(Deed(person, "thread.post", row.patient_id, "thread", row.id, "deny", decision.reason))
    if footing.decisions[person, READ].permit:
        raise Refused("You may read this thread, and not write in it.")
    raise NotFound


def _standing(row: Row, footing: Footing, header: Header, last_ctr: int, head: int) -> Standing:
    state = footing.state
    owed, rotate = footing.due
    return Standing(
        epoch=row.epoch,
        fence=row.fence,
        closed=row.closed,
        owed=owed,
        rotate=rotate or head - footing.thread.epoch_head >= state.policy.epoch_max_msgs,
        agrees=header.log_seq <= state.seq and state.hashes[header.log_seq] == header.log_head,
        last_ctr=last_ctr,
    )
