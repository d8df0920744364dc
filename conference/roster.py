"""The roster as everybody sees it: who is here and why, by whose permission, since when, and what they can do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from conference.models import Admission, Room
from conference.permissions import permissions_named
from conference.rules import IN_CALL, PRESENT, State
from people.models import Affiliation, CareTeamMember
from wire.base import unb64
from wire.conference import Permission, RoomPerson, RoomState, RoomView, Sending

Post = tuple[int, str]
"""CT1 role number and the organisation's name."""


def to_ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def room_state(room: Room) -> RoomState:
    """The whole roster of a room, in the order people were asked to come."""
    admissions = list(room.admissions.select_related("user").order_by("pk"))
    posts = _posts(room, [admission.user_id for admission in admissions])
    permissions = permissions_named(room.patient, {each for a in admissions for each in a.basis})
    return RoomState(
        room=room.id.bytes,
        seq=room.seq,
        epoch=room.epoch,
        locked=room.locked,
        phase=Room.Phase(room.phase).value,
        people=[
            _person(room, admission, posts.get(admission.user_id, (0, "")), permissions) for admission in admissions
        ],
    )


def _person(room: Room, admission: Admission, post: Post, permissions: Mapping[str, Permission]) -> RoomPerson:
    state = State(admission.state)
    in_call = state in IN_CALL and bool(admission.device)
    is_patient = admission.user_id == room.patient.account_id
    return RoomPerson(
        user=admission.user_id.bytes,
        name=admission.user.name,
        role=0 if is_patient else post[0],
        organisation="" if is_patient else post[1],
        purpose=admission.purpose,
        is_patient=is_patient,
        is_host=admission.user_id == room.host_id,
        state=state.value,
        since=to_ms(admission.since),
        permission=[permissions[each] for each in admission.basis if each in permissions],
        device=admission.device if in_call else None,
        join=admission.join if in_call else None,
        publishing=admission.publishing,
        sending=Sending.model_validate(admission.sending),
    )


def _posts(room: Room, user_ids: Sequence[UUID]) -> dict[UUID, Post]:
    """Each person's role and house: the one in this patient's care team, else their standing post."""
    posts = {
        post.user_id: (post.role, post.organisation.name)
        for post in Affiliation.objects.filter(user__in=user_ids, until=None).select_related("organisation")
    }
    team = CareTeamMember.objects.filter(patient=room.patient_id, user__in=user_ids, until=None)
    for member in team.select_related("organisation"):
        posts[member.user_id] = (member.role, member.organisation.name)
    return posts


def room_view(room: Room, user_id: UUID) -> RoomView:
    """The lobby for one person who may see it (access is asked before)."""
    return RoomView(
        room=room.id.bytes,
        thread=unb64(room.thread_id),
        patient=room.patient_id.bytes,
        starts_at=to_ms(room.starts_at),
        ends_at=to_ms(room.ends_at),
        opens_at=to_ms(room.opens_at),
        patient_waits=room.patient_waits,
        you_host=room.host_id == user_id,
        state=room_state(room),
    )


def watchers(room: Room) -> list[UUID]:
    """Whom a change of the roster is pushed to: those present, and the host wherever the host is."""
    present = room.admissions.filter(state__in=[state.value for state in PRESENT])
    return list(dict.fromkeys([*present.values_list("user_id", flat=True), room.host_id]))
