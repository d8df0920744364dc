"""The only ways to a message's urgency: by a place in its thread, and for whoever reaches back to the message."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from messaging.access import Seat, readers
from messaging.emergencies import is_by_emergency
from messaging.models import Message, Thread
from people.standby.access import holders_of
from people.standby.models import OnCallRole
from wire.errors import NotFound


def own_message(seat: Seat, msg_id: bytes) -> Message:
    """A message that this person wrote in this thread."""
    found = Message.objects.filter(thread=seat.thread, sender=seat.person, msg_id=UUID(bytes=msg_id)).first()
    if found is None:
        raise NotFound(re="msg_id")
    return found


def message_to_read(seat: Seat, msg_id: bytes) -> Message:
    """A message that this person may be given."""
    found = (
        Message.objects.select_related("sender")
        .filter(thread=seat.thread, msg_id=UUID(bytes=msg_id), epoch__gte=seat.member.floor)
        .order_by("seq")
        .first()
    )
    if found is None:
        raise NotFound(re="msg_id")
    return found


def readers_of(message: Message, now: datetime) -> set[UUID]:
    """Who may read this message now, as a member whom the patient permits it; nobody else is ever told of it."""
    return {
        member.user_id
        for member, decision in readers(message.thread, now)
        if not is_by_emergency(decision) and message.epoch >= member.floor and member.user.is_active
    }


def roles_of(thread: Thread, now: datetime) -> list[tuple[OnCallRole, UUID | None]]:
    """On-call roles of the organisations whose people may read, each with its holder where they may read too."""
    reading = {member.user_id for member, decision in readers(thread, now) if not is_by_emergency(decision)}
    rows = OnCallRole.objects.select_related("organisation").filter(
        organisation__affiliations__user__in=reading, organisation__affiliations__until=None
    )
    found = list(rows.distinct().order_by("organisation__name", "name")[:100])
    held = holders_of(row.pk for row in found)
    return [(row, held[row.pk] if held.get(row.pk) in reading else None) for row in found]
