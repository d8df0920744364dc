"""The steps that the actions of a room share; all but `now` are called inside the action's transaction."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

import audit.actions
from conference.models import Admission, Attendance, Room
from conference.plane import plane
from conference.roster import room_state, watchers
from conference.rules import Event, Refusal, State, transition
from live.push import push_on_commit, push_to_user
from wire.base import b64
from wire.conference import RoomBye, RoomCode, RoomEvicted
from wire.errors import ConsiliumError, NotFound, Unavailable

_MEANING = {
    Refusal.NOT_NOW: (RoomCode.NOT_NOW, "That does not fit where the person stands in this call."),
    Refusal.SHUT_OUT: (RoomCode.SHUT_OUT, "The host closed the door. Only the host can open it again."),
}


REMEMBERED = timedelta(minutes=10)
"""How long the id of a command is known; a client gives up on its answer much sooner."""


def now() -> datetime:
    return timezone.now()


def lock_room(room_id: UUID) -> Room:
    """The room, locked until the transaction ends: its admissions change one at a time."""
    return Room.objects.select_for_update(of=("self",)).select_related("patient", "thread").get(pk=room_id)


def lock_open_room(room_id: UUID) -> Room:
    """As lock_room; `room_closed` when the call has ended."""
    room = lock_room(room_id)
    if room.phase == Room.Phase.CLOSED:
        raise ConsiliumError("This call has ended.", code=RoomCode.ROOM_CLOSED)
    return room


def admission_of(room: Room, user_id: UUID) -> Admission:
    """A person's admission to a room that is locked; NotFound if they were not asked to come."""
    admission = room.admissions.select_related("user").filter(user_id=user_id).first()
    if admission is None:
        raise NotFound
    admission.room = room
    return admission


def is_news(room: Room, user_id: UUID, command: bytes) -> bool:
    """Whether this command was not carried out yet; from this transaction's commit on it was.

    In the action's own transaction: a server that is killed between the two has done both or neither.
    """
    if not command:
        return True
    mine = room.carried.filter(user_id=user_id)
    mine.filter(at__lt=now() - REMEMBERED).delete()
    _, made = mine.get_or_create(command=command, defaults={"room": room, "user_id": user_id, "at": now()})
    return made


def move(admission: Admission, event: Event, *, reason: str = "") -> State:
    """Apply an event to an admission in memory; raises ConsiliumError `not_now` or `shut_out`."""
    after = transition(State(admission.state), event)
    if isinstance(after, Refusal):
        code, message = _MEANING[after]
        raise ConsiliumError(message, code=code)
    admission.enter(after, now(), reason)
    return after


def announce(room: Room, to: Sequence[UUID] | None = None) -> None:
    """Count the change and push the roster to `to`, or to all who watch it, once this transaction has committed."""
    room.seq += 1
    circle = _circle(room)
    if circle != room.circle:
        room.circle, room.epoch = circle, room.epoch + 1
    room.save()
    push_on_commit(watchers(room) if to is None else to, room_state(room))


def _circle(room: Room) -> bytes:
    """A digest of those who may hold the call's key: whoever is connected, with which device and which fresh key."""
    connected = room.admissions.filter(state=State.CONNECTED).order_by("user").values_list("user", "device", "join")
    return hashlib.sha256(b"".join(_fingerprint(*one) for one in connected)).digest()


def _fingerprint(user: UUID, device: bytes, join: bytes) -> bytes:
    return hashlib.sha256(user.bytes + device + join).digest()


def cut_on_commit(admission: Admission) -> None:
    """Stop all forwarding from and to a person as the first thing after the commit, before anyone is told."""
    room, user = admission.room_id.bytes, admission.user_id.bytes
    transaction.on_commit(lambda: plane().cut(room, user))


def hold_media(room_id: UUID, user_id: UUID) -> None:
    """Stop both directions of a person's media, after the commit that puts them on hold."""
    try:
        plane().hold(room_id.bytes, user_id.bytes, on=True)
    except Unavailable:
        # The cut is remembered until it is confirmed, the hold is not; the person connects again afterwards.
        plane().cut(room_id.bytes, user_id.bytes)


def end_attendance(admission: Admission, how: str) -> None:
    Attendance.objects.filter(room=admission.room_id, user=admission.user_id, left_at=None).update(
        left_at=now(), ended_by=how
    )


def part(admission: Admission, how: str) -> None:
    """Take a person out of the media: the cut, the end of their attendance, and no device any more."""
    cut_on_commit(admission)
    end_attendance(admission, how)
    admission.disconnect()


def say_goodbye(room: Room, admission: Admission, bye: RoomBye) -> None:
    """Tell the person concerned, and, if they were put out, those who remain, who re-key at once."""
    push_to_user(admission.user_id, bye)
    reason = admission.reason
    if reason in ("consent_withdrawn", "by_host", "conflict_of_interest", "disturbance", "expired"):
        others = [user for user in watchers(room) if user != admission.user_id]
        push_on_commit(others, RoomEvicted(room=room.id.bytes, user=admission.user_id.bytes, reason=reason))


def dismiss(room: Room, admission: Admission, device: bytes, reason: str) -> None:
    """Send a person away for `reason`, and tell those who remain."""
    bye = RoomBye.model_validate({"room": room.id.bytes, "device": device, "action": "stop", "reason": reason})
    say_goodbye(room, admission, bye)


def tell_moved(admission: Admission, device: bytes) -> None:
    """Tell a device of a person that another one of theirs took over."""
    bye = RoomBye(room=admission.room_id.bytes, device=device, action="stop", reason="moved")
    push_to_user(admission.user_id, bye)


def open_to_all(room: Room) -> None:
    """The first person is inside: the call has begun."""
    if room.phase == Room.Phase.LOBBY:
        room.phase, room.opened_at = Room.Phase.OPEN, now()


def record(
    admission: Admission, verb: str, *, actor: UUID | None = None, reason: str = "", basis: Sequence[str] = ()
) -> None:
    """Write a step into the audit log and so into the patient's ledger."""
    audit.actions.record(
        actor=actor or admission.user_id,
        verb=verb,
        patient=admission.room.patient_id,
        object_kind="room",
        object_id=b64(admission.room_id.bytes),
        reason=reason,
        basis=basis,
        detail={"about": admission.user_id.hex} if actor not in (None, admission.user_id) else None,
    )
