"""Coming back: where a device says it was, what is still so, and, in tests alone, how it gets lost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never
from uuid import UUID

from django.conf import settings
from django.db import transaction

from conference.access import access_admission
from conference.actions.media import lose_media, reconcile
from conference.actions.steps import admission_of, announce, lock_open_room, now
from conference.models import Admission, Room
from conference.plane import plane
from conference.roster import room_state
from conference.rules import IN_CALL, INSIDE, OUT, PRESENT, State
from live.push import push_to_user
from wire.conference import RoomBye, RoomCode, RoomResume, RoomResumed, SimulatedFailure
from wire.errors import ConsiliumError, Refused


def resume(user_id: UUID, device: bytes, frame: RoomResume) -> RoomResumed:
    """Whether a device is still where it says; consent is asked as at the knock, and admits nobody.

    Raises NotFound, ConsiliumError `shut_out`, `room_closed`, and Unavailable when nobody can say what media there is.
    """
    room_id = UUID(bytes=frame.room)
    admission, _ = access_admission(user_id, room_id)
    if State(admission.state) in OUT:
        raise ConsiliumError("The host closed the door. Only the host can open it again.", code=RoomCode.SHUT_OUT)
    if admission.room.phase == Room.Phase.CLOSED:
        raise ConsiliumError("This call has ended.", code=RoomCode.ROOM_CLOSED)
    mine = Admission.objects.filter(pk=admission.pk, knocked_from=device)
    mine.filter(state__in=[state.value for state in PRESENT]).update(knocked_at=now())
    if frame.call:
        # What the forwarder does not know any more is lost for everybody, and the roster says so.
        reconcile(room_id)
        admission, _ = access_admission(user_id, room_id)
    stays = _is_there(admission, device, frame.call)
    if stays and frame.call:
        plane().confirm(frame.room, [user_id.bytes])
    watches = State(admission.state) in PRESENT or admission.room.host_id == user_id
    news = room_state(admission.room) if watches and admission.room.seq != frame.seq else None
    return RoomResumed(re=frame.id, room=frame.room, action="stay" if stays else "knock", state=news)


def _is_there(admission: Admission, device: bytes, call: int) -> bool:
    state = State(admission.state)
    if call:
        return state in IN_CALL and admission.device == device and admission.call == call
    waits = state == State.KNOCKING or (state == State.ON_HOLD and not admission.device)
    return waits and admission.knocked_from == device


def call_back(user_ids: Sequence[UUID]) -> None:
    """Ask these people's devices where they are: what was told to them may have been lost on its way."""
    here = Admission.objects.filter(user__in=user_ids, state__in=[state.value for state in PRESENT])
    for admission in here.exclude(room__phase=Room.Phase.CLOSED):
        _ask_where(admission)


def _ask_where(admission: Admission) -> None:
    device = admission.device or admission.knocked_from
    bye = RoomBye(room=admission.room_id.bytes, device=device, action="resume", reason="gap")
    push_to_user(admission.user_id, bye)


def simulate(user_id: UUID, room_id: UUID, what: SimulatedFailure) -> None:
    """Let one thing fail for this person; Refused wherever no test has asked for it."""
    if not settings.ROOM_SIM:
        raise Refused("Nothing fails on purpose here.")
    admission, _ = access_admission(user_id, room_id)
    match what:
        case "socket":
            # The socket's own process cuts it (conference.consumers).
            return
        case "lost_frame":
            with transaction.atomic():
                announce(lock_open_room(room_id), to=[])
        case "media":
            if State(admission.state) in INSIDE:
                lose_media(room_id, user_id)
        case "resume":
            with transaction.atomic():
                _ask_where(admission_of(lock_open_room(room_id), user_id))
        case _:
            assert_never(what)
