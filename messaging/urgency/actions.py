"""A sender says how urgent a message is, people acknowledge it, and the clock tells the next in line."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from audit.actions import record
from crypto.errors import Ct1Error
from crypto.tables import AddresseeKind
from crypto.urgency import Addressee, parse_ack, parse_urgency, verify_ack, verify_urgency
from live.push import push_on_commit
from messaging.access import Seat
from messaging.keys import ukr_of
from messaging.models import Message
from messaging.urgency import access, rules
from messaging.urgency.models import Ack, Step, Urgency
from messaging.urgency.rules import InLine, Outcome, Turn
from people.notices import Kind
from people.shapes import millis
from people.standby.access import holders_of
from people.standby.actions import leave_notice
from wire.base import b64, unb64
from wire.errors import Conflict, Refused
from wire.urgency import SignedWords, UrgencyChanged, UrgencyCode

log = structlog.get_logger("urgency")
BATCH = 200


def raise_urgency(seat: Seat, words: SignedWords) -> Urgency:
    """What the sender of a message signed about it; the first in line is told in the same transaction.

    The same bytes again answer what stands. Raises CT1's codes, NotFound for a message that is not one's own here,
    and Conflict for other words about a message that has some.
    """
    said = parse_urgency(words.body)
    if said.sender != seat.person.pk.bytes or said.fp != seat.member.fp:
        raise Ct1Error("E_UNKNOWN_KEY", "the key is not this member's")
    verify_urgency(words.body, words.sig, unb64(seat.thread.pk), ukr_of(said.fp))
    now = timezone.now()
    with transaction.atomic():
        message = access.own_message(seat, said.msg_id)
        # The message's row is the lock: of two that come at once the later one finds the first.
        Message.objects.select_for_update().get(pk=message.pk)
        held = Urgency.objects.filter(message=message).first()
        if held is not None:
            if held.body != words.body:
                raise Conflict("This message has another urgency.", code=UrgencyCode.SAID_OTHERWISE, re="body")
            return held
        if not rules.is_of_now(said, millis(now)):
            raise Ct1Error("E_TS", "the urgency was not signed now: look at the clock of this device")
        urgency = Urgency.objects.create(
            message=message,
            priority=said.priority,
            body=words.body,
            sig=words.sig,
            span_ms=said.ack_by - said.ts if said.ack_by else 0,
            state=Urgency.State.WAITING if said.addressees else Urgency.State.NOTED,
            raised_at=now,
        )
        _record(urgency, seat.person.pk, "urgency.raise")
        if said.addressees:
            _advance(urgency, now)
        _push(urgency)
    return urgency


def acknowledge(seat: Seat, words: SignedWords) -> Ack:
    """One's acknowledgement of a message by somebody else; it ends the escalation, and a repeat changes nothing."""
    said = parse_ack(words.body)
    if said.user != seat.person.pk.bytes or said.fp != seat.member.fp:
        raise Ct1Error("E_UNKNOWN_KEY", "the key is not this member's")
    verify_ack(words.body, words.sig, unb64(seat.thread.pk), ukr_of(said.fp))
    with transaction.atomic():
        message = access.message_to_read(seat, said.msg_id)
        if message.sender_id == seat.person.pk:
            raise Refused("Somebody else acknowledges what you wrote.", code=UrgencyCode.OWN_MESSAGE)
        Message.objects.select_for_update().get(pk=message.pk)
        held, made = Ack.objects.get_or_create(
            message=message, user=seat.person, defaults={"body": words.body, "sig": words.sig}
        )
        if made:
            open_states = (Urgency.State.WAITING, Urgency.State.UNANSWERED)
            mine = Urgency.objects.filter(message=message, state__in=open_states)
            mine.update(state=Urgency.State.ACKNOWLEDGED, due_at=None)
            record(
                actor=seat.person.pk,
                verb="urgency.acknowledge",
                patient=seat.thread.patient_id,
                object_kind="message",
                object_id=b64(message.msg_id.bytes),
            )
            _push_changed(message, "acknowledged")
    return held


def escalate(now: datetime | None = None) -> int:
    """Takes every step whose time has come and returns how many; safe in any number of processes at once.

    One that fails is logged and tried again the next time, and keeps no other from its turn.
    """
    taken, last, at = 0, 0, now or timezone.now()
    due = Urgency.objects.filter(state=Urgency.State.WAITING, due_at__lte=at).order_by("pk")
    while page := list(due.filter(pk__gt=last).values_list("pk", "position")[:BATCH]):
        for pk, position in page:
            try:
                taken += _take_step(pk, position, at)
            except Exception:
                log.exception("urgency.step", urgency=pk)
        last = page[-1][0]
    return taken


def _take_step(pk: int, position: int, now: datetime) -> bool:
    """Claims one step and takes it, in one transaction: the claim falls with it when the process does."""
    with transaction.atomic():
        mine = Urgency.objects.filter(pk=pk, position=position, state=Urgency.State.WAITING, due_at__lte=now)
        # On PostgreSQL a second worker waits here for the first one's commit, and then finds no such row.
        if not mine.update(due_at=rules.next_due(now, 1)):
            return False
        urgency = Urgency.objects.select_related("message__thread__patient", "message__sender").get(pk=pk)
        _advance(urgency, now)
        _push(urgency)
    return True


def _advance(urgency: Urgency, now: datetime) -> None:
    """Tells the next in line who may read; without one, the sender is told that nobody is left."""
    message, line = urgency.message, _line(urgency)
    told = set(urgency.steps.filter(outcome=Outcome.TOLD).values_list("user_id", flat=True))
    readers = access.readers_of(message, now)
    turns = rules.next_turns(line, urgency.position, readers=readers, told=told, sender=message.sender_id)
    Step.objects.bulk_create(_step(urgency, turn, now) for turn in turns)
    reached = turns[-1] if turns and turns[-1].outcome is Outcome.TOLD else None
    urgency.position += len(turns)
    if reached is not None and reached.user is not None:
        urgency.due_at = rules.next_due(now, urgency.span_ms)
        leave_notice(reached.user, rules.notice_kind(urgency.priority), now)
        _record(urgency, None, "urgency.tell", to=reached.user)
    else:
        urgency.state, urgency.due_at = Urgency.State.UNANSWERED, None
        leave_notice(message.sender_id, Kind.UNANSWERED, now)
        _record(urgency, None, "urgency.unanswered")
    urgency.save(update_fields=["position", "state", "due_at"])


def _line(urgency: Urgency) -> list[InLine]:
    said = parse_urgency(urgency.body).addressees
    held = holders_of(UUID(bytes=one.id) for one in said if one.kind == AddresseeKind.ROLE)
    return [InLine(one, _behind(one, held)) for one in said]


def _behind(one: Addressee, held: dict[UUID, UUID]) -> UUID | None:
    named = UUID(bytes=one.id)
    return held.get(named) if one.kind == AddresseeKind.ROLE else named


def _step(urgency: Urgency, turn: Turn, now: datetime) -> Step:
    return Step(
        urgency=urgency,
        position=turn.position,
        kind=turn.addressee.kind,
        target=UUID(bytes=turn.addressee.id),
        user_id=turn.user,
        outcome=turn.outcome,
        at=now,
    )


def _record(urgency: Urgency, actor: UUID | None, verb: str, to: UUID | None = None) -> None:
    message = urgency.message
    record(
        actor=actor,
        verb=verb,
        patient=message.thread.patient_id,
        object_kind="message",
        object_id=b64(message.msg_id.bytes),
        detail={"priority": urgency.priority, **({"to": to.hex} if to else {})},
    )


def _push(urgency: Urgency) -> None:
    _push_changed(urgency.message, urgency.state)


def _push_changed(message: Message, state: str) -> None:
    members = message.thread.members.filter(left=None).values_list("user_id", flat=True)
    frame = UrgencyChanged.model_validate(
        {"thread": unb64(message.thread_id), "msg_id": message.msg_id.bytes, "state": state}
    )
    push_on_commit(list(members), frame)
