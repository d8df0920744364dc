"""The only ways to a file: to add one to a thread and bring its bytes, to fetch it, and to take it back."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from messaging.access import Seat, access_thread, decide
from messaging.attachments.models import Attachment
from messaging.models import Message
from people.models import User
from wire.errors import NotFound, Refused

ADD, READ = "thread.attach", "thread.read"


@dataclass(frozen=True)
class Held:
    """A file, and the place of the person who asks for it."""

    seat: Seat
    file: Attachment


def access_adding(person: User, thread_id: str) -> Seat:
    """The place of one who may add files; Refused for a member who may read the thread and add nothing to it."""
    try:
        return access_thread(person, thread_id, ADD)
    except NotFound:
        if _reads(person, thread_id):
            raise Refused("You may read this conversation, and not add files to it.") from None
        raise


def _reads(person: User, thread_id: str) -> bool:
    member = person.memberships.select_related("thread__patient").filter(thread_id=thread_id, left=None).first()
    return member is not None and decide(person, member.thread, READ).permit


def access_own_upload(person: User, thread_id: str, att_id: UUID) -> Held:
    """A file that this person brings, and may still add."""
    seat = access_adding(person, thread_id)
    return Held(seat, _own(seat, att_id))


def access_own_file(person: User, thread_id: str, att_id: UUID) -> Held:
    """A file that this person brought into a thread that they may still read."""
    seat = access_thread(person, thread_id, READ)
    return Held(seat, _own(seat, att_id))


def _own(seat: Seat, att_id: UUID) -> Attachment:
    found = Attachment.objects.filter(thread=seat.thread, att_id=att_id, uploader=seat.person).first()
    if found is None:
        raise NotFound
    return found


def access_file(person: User, thread_id: str, att_id: UUID) -> Held:
    """A file that a message carries which this person's history reaches, or that is their own."""
    seat = access_thread(person, thread_id, READ, in_emergency=True)
    found = Attachment.objects.filter(thread=seat.thread, att_id=att_id).first()
    if found is None or not (found.uploader_id == person.pk or _is_carried(found, seat.member.floor)):
        raise NotFound
    return Held(seat, found)


def _is_carried(file: Attachment, floor: int) -> bool:
    """Whether a message of the uploader's carries it, in an epoch from `floor` on.

    The id of a file is that of its message, so nobody is given the file of a message that they are not given.
    """
    return Message.objects.filter(
        thread_id=file.thread_id, sender_id=file.uploader_id, msg_id=file.att_id, epoch__gte=floor
    ).exists()
