"""Rooms come with their session and end with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from conference.access import access_admission
from conference.actions.steps import announce, dismiss, end_attendance, lock_room, move, now, part, record
from conference.models import Admission, Room
from conference.plane import plane
from conference.roster import watchers
from conference.rules import IN_CALL, INSIDE, OUT, PRESENT, Event, State
from wire.errors import NotFound, Refused, Unavailable


def open_room(
    *,
    session_id: UUID,
    patient_id: UUID,
    thread_id: str,
    host_id: UUID,
    participants: Sequence[tuple[UUID, str]],
    starts_at: datetime,
    ends_at: datetime,
    early_minutes: int = 15,
    patient_waits: bool = False,
) -> Room:
    """Make the room of a session, or bring it up to date when the session moved or its people changed.

    `participants` are (user id, their part in this call) and include the host. Whoever is no longer among them
    is put out at once. Nobody is admitted by this: each still knocks, and consent is asked each time. A host to whom
    the role was handed over keeps it, and whoever was put out stays out: taken off the list and put on it again.
    """
    with transaction.atomic():
        room, made = Room.objects.update_or_create(
            id=session_id,
            defaults={"starts_at": starts_at, "ends_at": ends_at, "early_minutes": early_minutes},
            create_defaults={
                "patient_id": patient_id,
                "thread_id": thread_id,
                "host_id": host_id,
                "starts_at": starts_at,
                "ends_at": ends_at,
                "early_minutes": early_minutes,
                "patient_waits": patient_waits,
            },
        )
        room = lock_room(room.pk)
        for user_id, purpose in participants:
            Admission.objects.update_or_create(
                room=room,
                user_id=user_id,
                defaults={"purpose": purpose},
                create_defaults={"purpose": purpose, "since": now()},
            )
        invited = {user_id for user_id, _ in participants}
        if room.host_id not in invited:
            room.host_id = host_id
        if not made:
            _put_out_the_uninvited(room, invited)
            announce(room)
    return room


def _put_out_the_uninvited(room: Room, invited: set[UUID]) -> None:
    for admission in room.admissions.select_related("user").exclude(user__in=invited):
        admission.room = room
        if State(admission.state) in PRESENT:
            device = admission.device or admission.knocked_from
            move(admission, Event.REMOVE, reason="expired")
            part(admission, "expired")
            record(admission, "room.remove", actor=room.host_id, reason="expired")
            admission.save()
            dismiss(room, admission, device, "expired")
        if State(admission.state) not in OUT or admission.reason == "expired":
            admission.delete()


def end_call(user_id: UUID, room_id: UUID) -> None:
    """The host ends the call for everybody. Once ended it stays so: a command that comes twice needs no memory."""
    admission, _ = access_admission(user_id, room_id)
    if admission.room.host_id != user_id:
        raise Refused("Only the host can end the call for everybody.")
    close_room(room_id, actor_id=user_id)


def close_room(session_id: UUID, *, actor_id: UUID | None = None) -> None:
    """End a call, now and for good: the session is over or was cancelled. Twice is once."""
    with transaction.atomic():
        try:
            room = lock_room(session_id)
        except Room.DoesNotExist as error:
            raise NotFound from error
        if room.phase == Room.Phase.CLOSED:
            return
        room.phase, room.closed_at = Room.Phase.CLOSED, now()
        transaction.on_commit(lambda: _close_media(room.id.bytes))
        room.carried.all().delete()
        told = watchers(room)
        for admission in room.admissions.select_related("user").filter(state__in=[s.value for s in PRESENT]):
            admission.room = room
            _see_out(room, admission, actor_id)
        announce(room, told)


def _see_out(room: Room, admission: Admission, actor_id: UUID | None) -> None:
    was = State(admission.state)
    device = admission.device or admission.knocked_from
    move(admission, Event.CLOSE)
    if was in IN_CALL:
        part(admission, "closed")
    else:
        end_attendance(admission, "closed")
    admission.save()
    if was in INSIDE:
        record(admission, "room.leave", actor=actor_id, reason="closed")
    dismiss(room, admission, device, "closed")


def _close_media(room: bytes) -> None:
    try:
        plane().close_room(room)
    except Unavailable:
        # Everybody is cut one by one besides, and those cuts are remembered until they are confirmed.
        return
