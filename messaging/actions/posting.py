"""Posting: sealed messages get their place in a thread, many in one transaction, each on its own merits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from audit.actions import record
from consent.rules import Decision
from crypto.errors import Ct1Error
from crypto.messages import SealedMessage, parse_wire, verify_wire
from live.push import push_on_commit
from messaging import shapes
from messaging.access import decide
from messaging.consents import epochs_of
from messaging.keys import ukr_of
from messaging.models import Member, Message, Thread
from messaging.owed import owes
from messaging.replay import now_ms, state_of
from messaging.rules import Claim, Standing, refusal_of
from people.models import User
from wire.base import b64
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


@dataclass
class _Desk:
    """What the posts of one batch share, read under the threads' locks."""

    threads: dict[str, Thread]
    members: dict[tuple[str, UUID], Member]
    stored: dict[tuple[UUID, UUID], Message]
    """By (sender or device, msg_id)."""
    counters: dict[tuple[str, UUID], int]
    epochs: dict[UUID, int]
    """Consent epochs by patient."""
    decisions: dict[tuple[str, UUID], Decision] = field(default_factory=dict)
    owing: dict[str, bool] = field(default_factory=dict)
    rotating: dict[str, bool] = field(default_factory=dict)
    fresh: list[Message] = field(default_factory=list)


def post_message(post: Post) -> MessageAck:
    """Posts one message; raises the refusal."""
    [outcome] = post_messages([post])
    if isinstance(outcome, MessageAck):
        return outcome
    raise outcome


def post_messages(posts: Sequence[Post]) -> list[Outcome]:
    """Posts these messages in one transaction, in this order; each outcome is an ack or that post's refusal.

    An ack is returned after the commit. A DatabaseError means that none of them was written.
    """
    outcomes: list[Outcome | None] = [None] * len(posts)
    opened: dict[int, SealedMessage] = {}
    for index, post in enumerate(posts):
        try:
            opened[index] = _parse(post)
        except (Ct1Error, ConsiliumError) as refusal:
            outcomes[index] = refusal
    with transaction.atomic():
        desk = _lay_out(list(opened.values()))
        for index, sealed in opened.items():
            try:
                outcomes[index] = _place(desk, posts[index], sealed)
            except (Ct1Error, ConsiliumError) as refusal:
                outcomes[index] = refusal
        _write(desk)
    return [outcome for outcome in outcomes if outcome is not None]


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


def _lay_out(opened: Sequence[SealedMessage]) -> _Desk:
    """Locks the threads, in the order of their ids so that two writers cannot deadlock, and reads the rest."""
    thread_ids = {b64(sealed.header.thread) for sealed in opened}
    rows = Thread.objects.select_for_update(of=("self",)).select_related("patient")
    threads = {row.pk: row for row in rows.filter(pk__in=thread_ids).order_by("pk")}
    members = Member.objects.filter(thread_id__in=threads).select_related("user__patient")
    ids = {UUID(bytes=sealed.header.msg_id) for sealed in opened}
    senders = {UUID(bytes=sealed.header.sender) for sealed in opened}
    devices = {UUID(bytes=sealed.header.device) for sealed in opened}
    stored: dict[tuple[UUID, UUID], Message] = {}
    for row in Message.objects.filter(Q(sender_id__in=senders) | Q(device__in=devices), msg_id__in=ids):
        stored[row.sender_id, row.msg_id] = stored[row.device, row.msg_id] = row
    counters = (
        Message.objects.filter(thread_id__in=threads, device__in=devices)
        .values_list("thread_id", "device")
        .annotate(last=Max("ctr"))
    )
    return _Desk(
        threads=threads,
        members={(row.thread_id, row.user_id): row for row in members},
        stored=stored,
        counters={(thread, device): last for thread, device, last in counters},
        epochs=epochs_of({row.patient_id for row in threads.values()}),
    )


def _place(desk: _Desk, post: Post, sealed: SealedMessage) -> MessageAck:
    header, thread_id = sealed.header, b64(sealed.header.thread)
    msg_id, device = UUID(bytes=header.msg_id), UUID(bytes=header.device)
    known = desk.stored.get((post.user_id, msg_id)) or desk.stored.get((device, msg_id))
    if known is not None:
        if known.sender_id != post.user_id or known.thread_id != thread_id or known.wire != post.wire:
            raise Conflict("This message id is used for another message.", re="id")
        return shapes.ack(known, dup=True)
    member = desk.members.get((thread_id, post.user_id))
    if member is None or member.left is not None:
        raise NotFound
    thread = desk.threads[thread_id]
    _require_permission(desk, thread, member.user)
    verify_wire(sealed, ukr_of(member.fp))
    claim = Claim(header.epoch, header.log_seq, header.ctr)
    refusal = refusal_of(claim, _standing(desk, thread, sealed))
    if refusal is not None:
        raise Conflict(refusal.message, code=refusal.code)
    thread.head += 1
    row = Message(
        thread=thread,
        seq=thread.head,
        sender_id=post.user_id,
        device=device,
        msg_id=msg_id,
        epoch=header.epoch,
        ctr=header.ctr,
        wire=post.wire,
        created_at=timezone.now(),
    )
    thread.last_at = row.created_at
    desk.stored[post.user_id, msg_id] = desk.stored[device, msg_id] = row
    desk.counters[thread_id, device] = header.ctr
    desk.fresh.append(row)
    return shapes.ack(row, dup=False)


def _require_permission(desk: _Desk, thread: Thread, person: User) -> None:
    key = (thread.pk, person.pk)
    if key not in desk.decisions:
        desk.decisions[key] = decide(person, thread, "thread.post", epoch=desk.epochs[thread.patient_id])
    decision = desk.decisions[key]
    if decision.permit:
        return
    record(
        actor=person.pk,
        verb="thread.post",
        patient=thread.patient_id,
        object_kind="thread",
        object_id=thread.pk,
        outcome="deny",
        reason=decision.reason,
    )
    if decide(person, thread, "thread.read").permit:
        raise Refused("You may read this thread, and not write in it.")
    raise NotFound


def _standing(desk: _Desk, thread: Thread, sealed: SealedMessage) -> Standing:
    header, now, state = sealed.header, timezone.now(), state_of(thread)
    if thread.pk not in desk.owing:
        desk.owing[thread.pk] = owes(thread, state, now, desk.epochs[thread.patient_id])
        desk.rotating[thread.pk] = state.needs_rotation(now_ms(now))
    return Standing(
        epoch=thread.epoch,
        fence=thread.fence,
        closed=thread.closed,
        owed=desk.owing[thread.pk],
        rotate=desk.rotating[thread.pk],
        agrees=header.log_seq <= state.seq and state.hashes[header.log_seq] == header.log_head,
        last_ctr=desk.counters.get((thread.pk, UUID(bytes=header.device)), -1),
    )


def _write(desk: _Desk) -> None:
    if not desk.fresh:
        return
    Message.objects.bulk_create(desk.fresh)
    touched = {row.thread_id: desk.threads[row.thread_id] for row in desk.fresh}
    for thread in touched.values():
        thread.save(update_fields=["head", "last_at"])
    audience: dict[str, list[UUID]] = defaultdict(list)
    for (thread_id, user_id), member in desk.members.items():
        if member.left is None:
            audience[thread_id].append(user_id)
    for row in desk.fresh:
        decision = desk.decisions[row.thread_id, row.sender_id]
        record(
            actor=row.sender_id,
            verb="thread.post",
            patient=touched[row.thread_id].patient_id,
            object_kind="message",
            object_id=f"{row.thread_id}:{row.seq}",
            outcome="permit",
            reason=decision.reason,
            basis=decision.basis,
        )
        thread = touched[row.thread_id]
        stamp = (desk.epochs[thread.patient_id], thread.log_seq)
        push_on_commit(audience[thread.pk], shapes.message_new(row), about=thread.pk, stamp=stamp)
