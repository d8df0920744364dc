"""Rows as wire objects: no decision, no query that the row did not bring."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from pydantic import TypeAdapter

from crypto.directives import Directive
from messaging.models import Invitation, Mark, Member, Message, Thread
from messaging.rules import Marks
from people.models import Affiliation, Organisation
from people.shapes import millis
from wire import messaging as wire
from wire.base import unb64
from wire.people import PersonKeys
from wire.urgency import AnswerTime

ANSWER_TIME: TypeAdapter[AnswerTime] = TypeAdapter(AnswerTime)


def marks_of(row: Mark) -> Marks:
    failed = {int(seq): code for seq, code in row.failed.items()}
    moves = tuple((read, at) for read, at in row.moves)
    return Marks(row.delivered, row.read, failed, frozenset(row.healed), moves)


def member_marks(user_id: UUID, marks: Marks) -> wire.MemberMarks:
    failed = [wire.MarkFailure(seq=seq, code=code) for seq, code in marks.open_failures().items()]
    moves = [wire.ReadMove(read=read, at=at) for read, at in marks.moves]
    return wire.MemberMarks(user=user_id.bytes, delivered=marks.delivered, read=marks.read, failed=failed, moves=moves)


def marks_changed(thread_id: str, user_id: UUID, marks: Marks) -> wire.MarksChanged:
    newest = marks._replace(moves=marks.moves[-1:])
    return wire.MarksChanged(thread=unb64(thread_id), marks=member_marks(user_id, newest))


def thread_changed(thread: Thread, what: str) -> wire.ThreadChanged:
    return wire.ThreadChanged.model_validate(
        {"thread": unb64(thread.pk), "log_seq": thread.log_seq, "epoch": thread.epoch, "what": what}
    )


def log_head(thread: Thread) -> wire.LogHead:
    return wire.LogHead(thread=unb64(thread.pk), log_seq=thread.log_seq, log_head=thread.log_head, epoch=thread.epoch)


def message(row: Message) -> wire.MessageOut:
    return wire.MessageOut(seq=row.seq, wire=row.wire, at=millis(row.created_at))


def message_new(row: Message) -> wire.MessageNew:
    return wire.MessageNew(
        thread=unb64(row.thread_id),
        seq=row.seq,
        sender=row.sender_id.bytes,
        epoch=row.epoch,
        wire=row.wire,
        at=millis(row.created_at),
    )


class Placed(Protocol):
    """A message that has its place, as a row or as it is about to be written."""

    seq: int
    msg_id: UUID
    created_at: datetime


def ack(placed: Placed, thread: bytes, *, dup: bool = False) -> wire.MessageAck:
    """What its sender is told; every value is the server's own, and checking it again would cost a third of a post."""
    msg_id = placed.msg_id.bytes
    return wire.MessageAck.model_construct(
        re=msg_id, thread=thread, msg_id=msg_id, seq=placed.seq, at=millis(placed.created_at), dup=dup
    )


def is_patient(row: Member) -> bool:
    """Whether a member is the thread's own patient; `user.patient` must have come with the row."""
    record = getattr(row.user, "patient", None)
    return record is not None and record.pk == row.thread.patient_id


def thread_member(row: Member, organisation: Organisation | None, *, may_read: bool) -> wire.ThreadMember:
    return wire.ThreadMember(
        user=row.user_id.bytes,
        name=row.user.name,
        role=row.role,
        organisation=organisation.pk.bytes if organisation else None,
        organisation_name=organisation.name if organisation else "",
        is_patient=is_patient(row),
        may_read=may_read,
    )


def thread_reader(row: Member, organisation: Organisation | None, basis: list[Directive]) -> wire.ThreadReader:
    """A reader, with the directives in force that let them; the last of them to end says until when."""
    begun = min((one.nbf for one in basis), default=0)
    return wire.ThreadReader(
        user=row.user_id.bytes,
        name=row.user.name,
        role=row.role,
        organisation=organisation.pk.bytes if organisation else None,
        organisation_name=organisation.name if organisation else "",
        is_patient=is_patient(row),
        since=max(millis(row.since), begun),
        until=max((one.exp for one in basis), default=None),
        basis=[one.directive_id for one in basis],
        answers=ANSWER_TIME.validate_python(row.user.answers_within),
    )


def invitation_sent(row: Invitation, post: Affiliation | None) -> wire.InvitationSent:
    return wire.InvitationSent(
        id=row.pk.bytes,
        thread=unb64(row.thread_id),
        invitee=row.invitee_id.bytes,
        invitee_name=row.invitee.name,
        invitee_organisation=post.organisation.name if post else "",
        role=row.role,
        actions=row.actions,
        reason=row.reason,
        created_at=millis(row.created_at),
        state=row.state,
    )


def invitation_received(row: Invitation, state: wire.InvitationState) -> wire.InvitationReceived:
    """Before the patient has agreed and a member has let one in, an invitation names no thread."""
    return wire.InvitationReceived(
        id=row.pk.bytes,
        created_at=millis(row.created_at),
        state=state,
        thread=unb64(row.thread_id) if state == "joined" else None,
    )


def admission_request(
    row: Invitation, fp: bytes, keys: PersonKeys, *, asked_by: Affiliation | None, invited: Affiliation | None
) -> wire.AdmissionRequest:
    return wire.AdmissionRequest(
        id=row.pk.bytes,
        thread=unb64(row.thread_id),
        labels=row.thread.labels,
        asked_by=row.inviter_id.bytes,
        asked_by_name=row.inviter.name,
        asked_by_organisation=asked_by.organisation.name if asked_by else "",
        asked_by_role=asked_by.role if asked_by else 0,
        invitee=row.invitee_id.bytes,
        invitee_name=row.invitee.name,
        invitee_organisation=invited.organisation_id.bytes if invited else bytes(16),
        invitee_organisation_name=invited.organisation.name if invited else "",
        role=row.role,
        actions=row.actions,
        history=row.history,
        history_from=row.history_from,
        reason=row.reason,
        created_at=millis(row.created_at),
        state=row.state,
        fp=fp,
        keys=keys,
    )
