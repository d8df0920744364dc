"""The door of a room: knock, admit, hold, remove, leave. Consent is asked at every step, for both people concerned."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from conference.access import access_admission, ask_consent, find_admission, find_participant, record_refusal
from conference.actions.media import reconcile
from conference.actions.steps import (
    admission_of,
    announce,
    lock_open_room,
    lock_room,
    move,
    now,
    part,
    record,
    say_goodbye,
)
from conference.models import Admission, Room
from conference.plane import plane
from conference.roster import to_ms
from conference.rules import IN_CALL, INSIDE, PRESENT, Event, Refusal, State, lobby_is_open, may_remove, transition
from conference.tickets import admitted
from consent.rules import Decision
from live.push import push_to_user
from wire.conference import RoomAdmitted, RoomBye, RoomCode
from wire.errors import ConsiliumError, NotFound, Refused, Unavailable


def knock(user_id: UUID, room_id: UUID, device: bytes) -> RoomAdmitted | None:
    """Ask to be let in, or resume: a ticket for those who are admitted already, None for those who wait."""
    admission = find_admission(user_id, room_id)
    decision = ask_consent(admission.user, admission.room)
    if not decision.permit:
        _turn_away(admission, decision)
        raise NotFound
    with suppress(Unavailable):
        reconcile(room_id)
    with transaction.atomic():
        room = lock_open_room(room_id)
        if not lobby_is_open(room.starts_at, room.ends_at, now(), opens=settings.LOBBY_OPENS):
            raise ConsiliumError("The lobby opens fifteen minutes before the start.", code=RoomCode.ROOM_CLOSED)
        admission = admission_of(room, user_id)
        if admission.state == State.ON_HOLD and admission.device:
            # A knock begins anew; who is on hold gets a ticket when the hold ends.
            part(admission, "knocked")
        was = State(admission.state)
        after = move(admission, Event.HOST_KNOCK if room.host_id == user_id else Event.KNOCK)
        admission.knocked_from, admission.knocked_at = device, now()
        admission.basis = list(decision.basis)
        admission.save()
        if after != was:
            record(admission, "room.knock", basis=decision.basis)
        if after == State.ADMITTED:
            _open(room)
        announce(room)
        inside = after in (State.ADMITTED, State.CONNECTED)
        return admitted(admission, device, to_ms(now())) if inside else None


def _turn_away(admission: Admission, decision: Decision) -> None:
    """Refuse for want of consent; the host sees who is waiting for it, the person learns nothing."""
    record_refusal(admission, decision)
    with transaction.atomic():
        room = lock_open_room(admission.room_id)
        admission = admission_of(room, admission.user_id)
        after = transition(State(admission.state), Event.WITHDRAW)
        if isinstance(after, Refusal) or admission.state == after:
            return
        if State(admission.state) in INSIDE:
            part(admission, "consent_withdrawn")
        admission.enter(after, now(), "consent_withdrawn")
        admission.save()
        announce(room)


def _open(room: Room) -> None:
    if room.phase == Room.Phase.LOBBY:
        room.phase, room.opened_at = Room.Phase.OPEN, now()


def _for_host(host_id: UUID, room_id: UUID) -> None:
    admission, _ = access_admission(host_id, room_id)
    if admission.room.host_id != host_id:
        raise Refused("Only the host of this call can do that.")


def admit(host_id: UUID, room_id: UUID, user_id: UUID, *, hold: bool) -> None:
    """Let a person in who knocks; for one who was put out, open the door again. Twice is once."""
    _for_host(host_id, room_id)
    target = find_participant(room_id, user_id)
    decision = ask_consent(target.user, target.room)
    if not decision.permit:
        _turn_away(target, decision)
        raise ConsiliumError("The patient's consent does not cover this person now.", code=RoomCode.NOT_NOW)
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        was = State(admission.state)
        waits = hold or (room.patient_waits and user_id == room.patient.account_id)
        after = move(admission, Event.ADMIT_ON_HOLD if waits else Event.ADMIT)
        admission.basis = list(decision.basis)
        admission.save()
        if after == was:
            return
        record(admission, "room.admit", actor=host_id, basis=decision.basis)
        if after == State.ADMITTED:
            _open(room)
            push_to_user(user_id, admitted(admission, admission.knocked_from, to_ms(now())))
        announce(room)


def hold(host_id: UUID, room_id: UUID, user_id: UUID, *, on: bool) -> None:
    """Put a person on hold, or let them take part (again). Media stops before anyone is told, and starts after."""
    _for_host(host_id, room_id)
    target = find_participant(room_id, user_id)
    if not on and not ask_consent(target.user, target.room).permit:
        raise ConsiliumError("The patient's consent does not cover this person now.", code=RoomCode.NOT_NOW)
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        was = State(admission.state)
        in_call = bool(admission.device)
        after = move(admission, Event.HOLD if on else Event.RELEASE_IN_CALL if in_call else Event.RELEASE)
        if after == was:
            return
        if not on and user_id == room.patient.account_id:
            room.patient_waits = False
        if on and in_call:
            transaction.on_commit(lambda: _hold_media(room_id, user_id))
        admission.save()
        record(admission, "room.hold" if on else "room.release", actor=host_id)
        if after == State.ADMITTED:
            _open(room)
            push_to_user(user_id, admitted(admission, admission.knocked_from, to_ms(now())))
        announce(room)
    if not on and in_call:
        plane().hold(room_id.bytes, user_id.bytes, on=False)


def _hold_media(room_id: UUID, user_id: UUID) -> None:
    try:
        plane().hold(room_id.bytes, user_id.bytes, on=True)
    except Unavailable:
        # The cut is remembered until it is confirmed, the hold is not; the person connects again afterwards.
        plane().cut(room_id.bytes, user_id.bytes)


def remove(actor_id: UUID, room_id: UUID, user_id: UUID, reason: str) -> None:
    """Put a person out, or refuse their knock: forwarding stops first, then all are told. Twice is once."""
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
        if move(admission, Event.REMOVE, reason=reason) == was:
            return
        part(admission, reason)
        admission.save()
        record(admission, "room.remove", actor=actor_id, reason=reason)
        if was in PRESENT:
            _dismiss(room, admission, device, reason)
        announce(room)


def _dismiss(room: Room, admission: Admission, device: bytes, reason: str) -> None:
    bye = RoomBye.model_validate({"room": room.id.bytes, "device": device, "action": "stop", "reason": reason})
    say_goodbye(room, admission, bye)


def leave(user_id: UUID, room_id: UUID) -> None:
    """Hang up. Consent is not asked: going is always allowed."""
    admission = find_admission(user_id, room_id)
    if State(admission.state) not in PRESENT:
        return
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        was = State(admission.state)
        move(admission, Event.LEAVE)
        if was in IN_CALL:
            part(admission, "left")
        admission.save()
        record(admission, "room.leave")
        announce(room)


def device_gone(user_id: UUID, device: bytes) -> None:
    """The socket of a device closed: its knocks end. Media in the call lives on until SILENCE has passed."""
    _give_up(user_id, device, {State.KNOCKING, State.ADMITTED}, before=now(), with_media=False)


def device_silent(user_id: UUID, device: bytes, closed_at: datetime) -> None:
    """SILENCE has passed since the socket closed: unless the device knocked again, on any server, it has left."""
    _give_up(user_id, device, PRESENT, before=closed_at, with_media=True)


def _give_up(user_id: UUID, device: bytes, states: Set[State], *, before: datetime, with_media: bool) -> None:
    waiting = Admission.objects.filter(user_id=user_id, knocked_from=device, knocked_at__lt=before)
    for found in waiting.exclude(room__phase=Room.Phase.CLOSED):
        with transaction.atomic():
            room = lock_room(found.room_id)
            admission = admission_of(room, user_id)
            was = State(admission.state)
            came_back = admission.knocked_at is not None and admission.knocked_at >= before
            if was not in states or came_back or admission.device not in ((b"", device) if with_media else (b"",)):
                continue
            move(admission, Event.LEAVE)
            if was in INSIDE:
                part(admission, "left")
                record(admission, "room.leave", reason="gone")
            admission.save()
            announce(room)
