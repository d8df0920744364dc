"""Media of those inside: connect, answer, show, pass sealed keys on, and what the forwarder reports back."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from django.db import transaction

from conference.access import access_admission, find_admission
from conference.actions.steps import (
    admission_of,
    announce,
    cut_on_commit,
    end_attendance,
    hold_media,
    is_news,
    lock_open_room,
    move,
    now,
    record,
    tell_moved,
)
from conference.media import messages
from conference.media.ticket import BadTicket, read_ticket
from conference.models import Admission, Attendance, Room
from conference.plane import forwarder_key, plane
from conference.roster import to_ms
from conference.rules import INSIDE, Event, State
from live.push import push_on_commit, push_to_user
from wire.conference import (
    KeySeal,
    RoomBye,
    RoomCode,
    RoomConnect,
    RoomKey,
    RoomKeys,
    RoomOffer,
    RoomTile,
    RoomTrack,
    Sending,
)
from wire.errors import ConsiliumError

log = structlog.get_logger("conference")


def connect(user_id: UUID, device: bytes, frame: RoomConnect) -> None:
    """Connect a device's media. The roster that names the person is committed and pushed before media flows."""
    room_id = UUID(bytes=frame.room)
    _check_ticket(frame, user_id, device)
    _, decision = access_admission(user_id, room_id)
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        before = admission.device
        if not is_news(room, user_id, frame.id):
            return
        move(admission, Event.CONNECT)
        if admission.knocked_from != device:
            raise ConsiliumError("You are joining with another device.", code=RoomCode.ELSEWHERE)
        if before and before != device:
            tell_moved(admission, before)
        end_attendance(admission, "replaced")
        admission.device, admission.join, admission.call = device, frame.join, 0
        admission.sending, admission.publishing = {}, []
        admission.basis = list(decision.basis)
        admission.save()
        Attendance.objects.create(room=room, user_id=user_id, device=device, joined_at=now())
        record(admission, "room.join", basis=decision.basis)
        announce(room)
    try:
        call = plane().join(frame.ticket)
    except ConsiliumError:
        _media_gone(room_id, user_id, "media_lost", call=None)
        raise
    mine = Admission.objects.filter(room_id=room_id, user_id=user_id, device=device)
    # A device that took over meanwhile has written a higher number.
    mine.filter(call__lt=call).update(call=call)
    if mine.filter(state=State.ON_HOLD).exists():
        # Held since the commit, when the forwarder did not know them yet.
        hold_media(room_id, user_id)


def _check_ticket(frame: RoomConnect, user_id: UUID, device: bytes) -> None:
    try:
        grant = read_ticket(forwarder_key(), frame.ticket, to_ms(now()))
    except BadTicket as error:
        raise ConsiliumError("Knock again: this ticket is used or too old.", code=RoomCode.TICKET) from error
    if (grant.room, grant.user, grant.device) != (frame.room, user_id.bytes, device):
        raise ConsiliumError("Knock again: this ticket is not for this device.", code=RoomCode.TICKET)


def _in_call(user_id: UUID, room_id: UUID, device: bytes) -> Admission:
    """The admission of the device that is in the call, consent asked; `not_now` for any other device."""
    admission, _ = access_admission(user_id, room_id)
    if State(admission.state) not in INSIDE or admission.device != device:
        raise ConsiliumError("This device is not connected to the call.", code=RoomCode.NOT_NOW)
    return admission


def answer(user_id: UUID, device: bytes, room_id: UUID, pc: messages.Connection, offer: int, sdp: str) -> None:
    """Pass the browser's answer to the forwarder: a publish or subscribe step, so consent is asked again."""
    _in_call(user_id, room_id, device)
    plane().answer(room_id.bytes, user_id.bytes, pc, offer, sdp)


def want(user_id: UUID, device: bytes, room_id: UUID, tiles: Sequence[RoomTile]) -> None:
    """Tell the forwarder what a person's screen shows: a subscribe step, so consent is asked again."""
    _in_call(user_id, room_id, device)
    wanted = [messages.Wanted(user=tile.user, kind=tile.kind, size=tile.size) for tile in tiles]
    plane().want(room_id.bytes, user_id.bytes, wanted)


def show(user_id: UUID, device: bytes, room_id: UUID, sending: Sending, *, command: bytes = b"") -> None:
    """Put what a person says they send on the roster."""
    _in_call(user_id, room_id, device)
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        chosen = sending.model_dump()
        if not is_news(room, user_id, command) or admission.device != device or admission.sending == chosen:
            return
        admission.sending = chosen
        admission.save()
        announce(room)


def pass_key_on(user_id: UUID, device: bytes, frame: RoomKey) -> None:
    """Relay sealed keys to the devices connected now. The server cannot open them and does not try."""
    room_id = UUID(bytes=frame.room)
    leader = _in_call(user_id, room_id, device)
    if leader.state != State.CONNECTED:
        raise ConsiliumError("You are on hold.", code=RoomCode.NOT_NOW)
    if leader.room.epoch != frame.epoch:
        raise ConsiliumError("Those in the call have changed: make another key.", code=RoomCode.STALE_EPOCH)
    connected = dict(Admission.objects.filter(room_id=room_id, state=State.CONNECTED).values_list("user_id", "device"))
    for seal in frame.seals:
        if connected.get(UUID(bytes=seal.user)) == seal.device:
            push_on_commit([UUID(bytes=seal.user)], _keys(frame, seal, user_id, device))


def _keys(frame: RoomKey, seal: KeySeal, leader: UUID, device: bytes) -> RoomKeys:
    return RoomKeys(
        room=frame.room,
        device=seal.device,
        n=frame.n,
        leader=leader.bytes,
        leader_device=device,
        commitment=frame.commitment,
        sealed=seal.sealed,
    )


def on_media_event(event: messages.Event) -> None:
    """What the forwarder reports: an offer for a browser, streams that began or ended, a person it lost."""
    room_id, user_id = UUID(bytes=event.room), UUID(bytes=event.user)
    if isinstance(event, messages.Offered):
        _push_offer(room_id, user_id, event)
    elif isinstance(event, messages.Publishing):
        _note_publishing(room_id, user_id, event)
    else:
        log.info("conference.media_lost", room=room_id.hex, user=user_id.hex, reason=event.reason)
        _media_gone(room_id, user_id, "media_lost", call=event.call)


def _push_offer(room_id: UUID, user_id: UUID, event: messages.Offered) -> None:
    admission = find_admission(user_id, room_id)
    if not admission.device or event.call < admission.call:
        return
    tracks = [RoomTrack(mid=track.mid, user=track.user, kind=track.kind, low=track.low) for track in event.tracks]
    frame = RoomOffer(
        room=event.room,
        device=admission.device,
        call=event.call,
        pc=event.pc,
        offer=event.offer,
        sdp=event.sdp,
        tracks=tracks,
    )
    # The guard of this frame asks consent once more, at delivery.
    push_to_user(user_id, frame)


def _note_publishing(room_id: UUID, user_id: UUID, event: messages.Publishing) -> None:
    with transaction.atomic():
        room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        if not admission.device or event.call < admission.call or admission.publishing == event.kinds:
            return
        admission.publishing = list(event.kinds)
        admission.save()
        announce(room)


def _media_gone(room_id: UUID, user_id: UUID, how: str, *, call: int | None) -> None:
    """The media of a join ended on its own; `call` guards against the report of an earlier join."""
    with transaction.atomic():
        room: Room = lock_open_room(room_id)
        admission = admission_of(room, user_id)
        if not admission.device or (call is not None and call < admission.call):
            return
        device = admission.device
        move(admission, Event.MEDIA_LOST)
        if call is None:
            cut_on_commit(admission)
        end_attendance(admission, how)
        admission.disconnect()
        admission.save()
        push_to_user(user_id, RoomBye(room=room.id.bytes, device=device, action="rejoin", reason="media_lost"))
        announce(room)


def lose_media(room_id: UUID, user_id: UUID) -> None:
    """Take a person's media from them as if the forwarder had lost it (`room.sim`)."""
    _media_gone(room_id, user_id, "media_lost", call=None)


def reconcile(room_id: UUID) -> None:
    """Bring the roster into line with the forwarder: whoever it does not know has lost their media.

    The forwarder, or this process, may have begun anew while the other went on. Unavailable if it does not answer.
    """
    connected = Admission.objects.filter(room_id=room_id, call__gt=0).values_list("user_id", "call")
    claimed = dict(connected)
    if not claimed:
        return
    present = {person.user for stats in plane().stats(room_id.bytes) for person in stats.people if person.present}
    for user_id, call in claimed.items():
        if user_id.bytes not in present:
            _media_gone(room_id, user_id, "media_lost", call=call)
