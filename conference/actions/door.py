"""The door of a room, from outside: knock, be turned away, leave, and fall silent. Consent is asked at every knock."""

from __future__ import annotations

from collections.abc import Set
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db import transaction

from conference.access import ask_consent, find_admission, record_refusal
from conference.actions.media import reconcile
from conference.actions.steps import (
    admission_of,
    announce,
    is_news,
    lock_open_room,
    lock_room,
    move,
    now,
    open_to_all,
    part,
    record,
    tell_moved,
)
from conference.models import Admission, Room
from conference.roster import to_ms
from conference.rules import (
    IN_CALL,
    INSIDE,
    PRESENT,
    SILENT,
    Event,
    Refusal,
    State,
    is_elsewhere,
    lobby_is_open,
    lock_holds,
    transition,
)
from conference.tickets import admitted
from consent.rules import Decision
from wire.conference import RoomAdmitted, RoomCode
from wire.errors import ConsiliumError, NotFound, Unavailable


def knock(user_id: UUID, room_id: UUID, device: bytes, *, may_move: bool = False) -> RoomAdmitted | None:
    """Ask to be let in, or come back: a ticket for those who are admitted already, None for those who wait.

    `may_move`: the person was asked, and wants the call on this device. Raises ConsiliumError `room_closed`,
    `room_locked`, `elsewhere`, `shut_out`.
    """
    admission = find_admission(user_id, room_id)
    decision = ask_consent(admission.user, admission.room)
    if not decision.permit:
        turn_away(admission, decision)
        raise NotFound
    with suppress(Unavailable):
        reconcile(room_id)
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        _ask_the_door(room, admission)
        _come_with(admission, device, may_move=may_move)
        was = State(admission.state)
        after = move(admission, Event.HOST_KNOCK if room.host_id == user_id else Event.KNOCK)
        admission.knocked_from, admission.knocked_at = device, now()
        admission.basis = list(decision.basis)
        admission.save()
        if after != was:
            record(admission, "room.knock", basis=decision.basis)
        if after == State.ADMITTED:
            open_to_all(room)
        announce(room)
        inside = after in (State.ADMITTED, State.CONNECTED)
        return admitted(admission, device, to_ms(now())) if inside else None


def _ask_the_door(room: Room, admission: Admission) -> None:
    if not lobby_is_open(room.opens_at, room.ends_at, now()):
        raise ConsiliumError("The lobby of this call is not open now.", code=RoomCode.ROOM_CLOSED)
    holds = lock_holds(
        State(admission.state),
        was_in_call=room.attendances.filter(user=admission.user_id).exists(),
        is_host=room.host_id == admission.user_id,
        is_patient=room.patient.account_id == admission.user_id,
    )
    if room.locked and holds and not isinstance(transition(State(admission.state), Event.KNOCK), Refusal):
        raise ConsiliumError("The host has locked this call.", code=RoomCode.ROOM_LOCKED)


def _come_with(admission: Admission, device: bytes, *, may_move: bool) -> None:
    """One device of a person at a time: a second one takes over at their word, and never by itself."""
    state, before = State(admission.state), admission.device or admission.knocked_from
    if is_elsewhere(state, connected=admission.device, knocked_from=admission.knocked_from, device=device):
        if not may_move:
            raise ConsiliumError("You are in this call on another device.", code=RoomCode.ELSEWHERE)
        if not admission.device:
            # It waits and has nothing to lose. One with media keeps it until this device connects.
            tell_moved(admission, before)
    if state == State.ON_HOLD and admission.device:
        # A knock begins anew; who is on hold gets a ticket when the hold ends.
        if admission.device != device:
            tell_moved(admission, admission.device)
        part(admission, "knocked")


def turn_away(admission: Admission, decision: Decision) -> None:
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


def leave(user_id: UUID, room_id: UUID, device: bytes, *, command: bytes = b"") -> None:
    """Hang up. Consent is not asked: going is always allowed. A device that the call has left hangs up nothing."""
    admission = find_admission(user_id, room_id)
    if State(admission.state) not in PRESENT:
        return
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        was = State(admission.state)
        if device not in (admission.device, admission.knocked_from) or not is_news(room, user_id, command):
            return
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


def give_up_the_silent() -> None:
    """Whoever waits and has not been heard of for SILENT has left, whichever server held their socket, and died."""
    waiting = {State.KNOCKING, State.ADMITTED}
    silent = Admission.objects.filter(state__in=[state.value for state in waiting], knocked_at__lt=now() - SILENT)
    for user_id, device in silent.exclude(room__phase=Room.Phase.CLOSED).values_list("user_id", "knocked_from"):
        _give_up(user_id, device, waiting, before=now() - SILENT, with_media=False)


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
