"""What the host of a call decides: whom to admit, hold or put out, whether anyone new may knock, and who hosts.

Consent is asked at every step, for both people concerned.
"""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from conference.access import access_admission, ask_consent, find_participant
from conference.actions.door import turn_away
from conference.actions.steps import (
    admission_of,
    announce,
    dismiss,
    hold_media,
    is_news,
    lock_open_room,
    move,
    now,
    open_to_all,
    part,
    record,
)
from conference.models import Admission, Room
from conference.plane import plane
from conference.roster import to_ms
from conference.rules import INSIDE, PRESENT, Event, State, may_remove
from conference.tickets import admitted
from live.push import push_to_user
from wire.conference import RoomCode
from wire.errors import ConsiliumError, Refused

_NOT_COVERED = "The patient's consent does not cover this person now."


def _for_host(host_id: UUID, room_id: UUID) -> None:
    admission, _ = access_admission(host_id, room_id)
    if admission.room.host_id != host_id:
        raise Refused("Only the host of this call can do that.")


def _lock_for_host(host_id: UUID, room_id: UUID) -> Room:
    """The room, locked; the host is asked for again, since the role may have been handed over meanwhile."""
    room = lock_open_room(room_id)
    if room.host_id != host_id:
        raise Refused("Only the host of this call can do that.")
    return room


def admit(host_id: UUID, room_id: UUID, user_id: UUID, *, hold: bool, command: bytes = b"") -> None:
    """Let a person in who knocks; for one who was put out, open the door again."""
    _for_host(host_id, room_id)
    target = find_participant(room_id, user_id)
    decision = ask_consent(target.user, target.room)
    if not decision.permit:
        turn_away(target, decision)
        raise ConsiliumError(_NOT_COVERED, code=RoomCode.NOT_NOW)
    with transaction.atomic():
        room = _lock_for_host(host_id, room_id)
        if is_news(room, host_id, command):
            _let_in(room, admission_of(room, user_id), list(decision.basis), hold=hold)


def admit_all(host_id: UUID, room_id: UUID, *, command: bytes = b"") -> None:
    """Let in everybody who knocks now; each is decided about, and written down, alone."""
    _for_host(host_id, room_id)
    knocking = Admission.objects.filter(room_id=room_id, state=State.KNOCKING)
    bases: dict[UUID, list[str]] = {}
    for found in knocking.select_related("room__patient", "room__thread", "user").order_by("knocked_at"):
        decision = ask_consent(found.user, found.room)
        if decision.permit:
            bases[found.user_id] = list(decision.basis)
        else:
            turn_away(found, decision)
    with transaction.atomic():
        room = _lock_for_host(host_id, room_id)
        if not is_news(room, host_id, command):
            return
        for user_id, basis in bases.items():
            admission = admission_of(room, user_id)
            # Whoever left or was put out in between is not called back.
            if admission.state == State.KNOCKING:
                _let_in(room, admission, basis, hold=False)


def _let_in(room: Room, admission: Admission, basis: list[str], *, hold: bool) -> None:
    was = State(admission.state)
    waits = hold or (room.patient_waits and admission.user_id == room.patient.account_id)
    after = move(admission, Event.ADMIT_ON_HOLD if waits else Event.ADMIT)
    admission.basis = basis
    admission.save()
    if after == was:
        return
    record(admission, "room.admit", actor=room.host_id, basis=basis)
    if after == State.ADMITTED:
        _give_ticket(room, admission)
    announce(room)


def _give_ticket(room: Room, admission: Admission) -> None:
    open_to_all(room)
    push_to_user(admission.user_id, admitted(admission, admission.knocked_from, to_ms(now())))


def hold(host_id: UUID, room_id: UUID, user_id: UUID, *, on: bool, command: bytes = b"") -> None:
    """Put a person on hold, or let them take part (again). Media stops before anyone is told, and starts after."""
    _for_host(host_id, room_id)
    target = find_participant(room_id, user_id)
    if not on and not ask_consent(target.user, target.room).permit:
        raise ConsiliumError(_NOT_COVERED, code=RoomCode.NOT_NOW)
    with transaction.atomic():
        room = _lock_for_host(host_id, room_id)
        if not is_news(room, host_id, command):
            return
        admission = admission_of(room, user_id)
        was = State(admission.state)
        in_call = bool(admission.device)
        if (after := move(admission, Event.HOLD if on else Event.RELEASE_IN_CALL if in_call else Event.RELEASE)) == was:
            return
        if not on and user_id == room.patient.account_id:
            room.patient_waits = False
        if on and in_call:
            transaction.on_commit(lambda: hold_media(room_id, user_id))
        admission.save()
        record(admission, "room.hold" if on else "room.release", actor=host_id)
        if after == State.ADMITTED:
            _give_ticket(room, admission)
        announce(room)
    if not on and in_call:
        plane().hold(room_id.bytes, user_id.bytes, on=False)


def remove(actor_id: UUID, room_id: UUID, user_id: UUID, reason: str, *, command: bytes = b"") -> None:
    """Put a person out, or refuse their knock: forwarding stops first, then all are told. The patient may, too."""
    access_admission(actor_id, room_id)
    with transaction.atomic():
        room = lock_open_room(room_id)
        patient = room.patient.account_id
        if not may_remove(
            actor_is_host=room.host_id == actor_id,
            actor_is_patient=patient == actor_id,
            target_is_host=room.host_id == user_id,
            target_is_patient=patient == user_id,
        ):
            raise Refused("You cannot put this person out.")
        admission = admission_of(room, user_id)
        was = State(admission.state)
        device = admission.device or admission.knocked_from
        if not is_news(room, actor_id, command) or move(admission, Event.REMOVE, reason=reason) == was:
            return
        part(admission, reason)
        admission.save()
        record(admission, "room.remove", actor=actor_id, reason=reason)
        if was in PRESENT:
            dismiss(room, admission, device, reason)
        announce(room)


def lock(host_id: UUID, room_id: UUID, *, on: bool, command: bytes = b"") -> None:
    """Let nobody new knock, or let them again; whoever is in the call, or was, is not touched."""
    _for_host(host_id, room_id)
    with transaction.atomic():
        room = _lock_for_host(host_id, room_id)
        if not is_news(room, host_id, command) or room.locked == on:
            return
        room.locked = on
        record(admission_of(room, host_id), "room.lock" if on else "room.unlock")
        announce(room)


def hand_over(host_id: UUID, room_id: UUID, user_id: UUID, *, command: bytes = b"") -> None:
    """Make a clinician who is in the call its host; the patient, whom the call is about, does not keep its door."""
    _for_host(host_id, room_id)
    target = find_participant(room_id, user_id)
    decision = ask_consent(target.user, target.room)
    if not decision.permit:
        turn_away(target, decision)
        raise ConsiliumError(_NOT_COVERED, code=RoomCode.NOT_NOW)
    with transaction.atomic():
        room = lock_open_room(room_id)
        if not is_news(room, host_id, command) or room.host_id == user_id:
            return
        if room.host_id != host_id or user_id == room.patient.account_id:
            raise Refused("Only the host can hand the call over, and to a clinician alone.")
        admission = admission_of(room, user_id)
        if State(admission.state) not in INSIDE:
            raise ConsiliumError("Hand the call over to somebody who is in it.", code=RoomCode.NOT_NOW)
        room.host_id = user_id
        record(admission, "room.host", actor=host_id)
        announce(room)
