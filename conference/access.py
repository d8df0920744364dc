"""The only way from a room's id to the room: an admission of one's own, and the patient's consent at this moment."""

from __future__ import annotations

from uuid import UUID

import audit.actions
from conference.models import Admission, Room
from conference.rules import INSIDE, OUT, PRESENT, State
from consent.access import decide_for
from consent.model import Reason
from consent.rules import Decision
from live.store import unavailable
from people.models import User
from wire.base import b64
from wire.conference import RoomCode
from wire.errors import NotFound, Refused

JOIN = "session.join"


def ask_consent(user: User, room: Room) -> Decision:
    """What the patient's directives say about this person in this room, now."""
    return decide_for(
        user, JOIN, room.patient_id, thread_id=room.thread_id, labels=room.thread.labels, category="session"
    )


def _admission(user_id: UUID, room_id: UUID) -> Admission | None:
    named = Admission.objects.select_related("room__patient", "room__thread", "user")
    return named.filter(room_id=room_id, user_id=user_id).first()


def find_admission(user_id: UUID, room_id: UUID) -> Admission:
    """The person's admission, consent not yet asked; NotFound for everybody who was not asked to come."""
    admission = _admission(user_id, room_id)
    if admission is None:
        if Room.objects.filter(pk=room_id).exists():
            audit.actions.record(
                actor=user_id,
                verb="room.open",
                patient=None,
                object_kind="room",
                object_id=b64(room_id.bytes),
                outcome="deny",
                reason=str(Reason.NO_RELATIONSHIP),
            )
        raise NotFound
    return admission


def access_admission(user_id: UUID, room_id: UUID) -> tuple[Admission, Decision]:
    """The person's admission, if the patient's consent covers it now; the same NotFound for all else."""
    admission = find_admission(user_id, room_id)
    decision = ask_consent(admission.user, admission.room)
    if not decision.permit:
        record_refusal(admission, decision)
        raise NotFound
    return admission, decision


def access_lobby(user_id: UUID, room_id: UUID) -> Admission:
    """As access_admission, and `shut_out` for whoever was put out: who is in the call is nothing for them any more."""
    admission, _ = access_admission(user_id, room_id)
    if State(admission.state) in OUT:
        raise Refused("The host closed the door. Only the host can open it again.", code=RoomCode.SHUT_OUT)
    return admission


def record_refusal(admission: Admission, decision: Decision) -> None:
    """Write into the patient's ledger that this person was turned away, and why.

    Raises Unavailable where nothing could be decided: that is no refusal of the patient's, and is not written as one.
    """
    if decision.reason == Reason.PDP_UNAVAILABLE:
        raise unavailable()
    audit.actions.record(
        actor=admission.user_id,
        verb="room.join",
        patient=admission.room.patient_id,
        object_kind="room",
        object_id=b64(admission.room_id.bytes),
        outcome="deny",
        reason=decision.reason,
    )


def may_watch(user_id: UUID, room_id: UUID) -> bool:
    """Whether a person may see the roster now: present, or the host, and consented to."""
    admission = _admission(user_id, room_id)
    if admission is None:
        return False
    watches = State(admission.state) in PRESENT or admission.room.host_id == user_id
    return watches and ask_consent(admission.user, admission.room).permit


def may_take_part(user_id: UUID, room_id: UUID, states: frozenset[State] = INSIDE) -> bool:
    """Whether a person is inside the room now, and consented to."""
    admission = _admission(user_id, room_id)
    if admission is None or State(admission.state) not in states:
        return False
    return ask_consent(admission.user, admission.room).permit


def find_participant(room_id: UUID, user_id: UUID) -> Admission:
    """The person whom a command is about; NotFound for those who were never asked to come."""
    admission = _admission(user_id, room_id)
    if admission is None:
        raise NotFound
    return admission
