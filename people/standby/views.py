"""The HTTP doors of being reached: parse, access, act, respond."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from ninja import Router

from crypto.tables import LEADS
from people import access as people_access
from people.models import User
from people.reading import person_of
from people.shapes import millis
from people.standby import access, actions, crisis
from people.standby.models import OnCallRole, QuietHours
from wire import urgency as wire
from wire.base import unb64
from wire.errors import NotFound

router = Router(tags=["standby"])
ROLES, TURNS = 100, 20


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _role(row: OnCallRole, user: User, *, leads: bool) -> wire.OnCallRoleOut:
    turns = list(row.turns.select_related("user").order_by("-since", "-pk")[:TURNS])
    holds = any(turn.user_id == user.pk and turn.until is None for turn in turns)
    return wire.OnCallRoleOut(
        id=row.pk.bytes,
        organisation=row.organisation_id.bytes,
        name=row.name,
        may_give=leads or holds,
        turns=[
            wire.OnCallTurnOut(
                user=turn.user_id.bytes,
                name=turn.user.name,
                given_by=turn.given_by_id.bytes,
                since=millis(turn.since),
                until=millis(turn.until) if turn.until else None,
            )
            for turn in turns
        ],
    )


def _roles(user: User, organisation_id: UUID) -> wire.OnCallRoles:
    leads = access.post_at(user, organisation_id).role in LEADS
    rows = OnCallRole.objects.filter(organisation=organisation_id).order_by("name")[:ROLES]
    return wire.OnCallRoles(roles=[_role(row, user, leads=leads) for row in rows], may_open=leads)


@router.get("/organisations/{organisation}/on-call", response=wire.OnCallRoles)
def roles(request: HttpRequest, organisation: str) -> wire.OnCallRoles:
    return _roles(person_of(request.user), _id(organisation))


@router.post("/organisations/{organisation}/on-call", response=wire.OnCallRoles)
def open_role(request: HttpRequest, organisation: str, body: wire.RoleOpen) -> wire.OnCallRoles:
    user = person_of(request.user)
    found = access.access_to_open(user, _id(organisation))
    actions.open_role(user, found, UUID(bytes=body.id), body.name)
    return _roles(user, found.pk)


@router.post("/on-call/{role}/turns", response=wire.OnCallRoles)
def give_role(request: HttpRequest, role: str, body: wire.RoleGive) -> wire.OnCallRoles:
    user = person_of(request.user)
    found, colleague = access.access_to_give(user, _id(role), UUID(bytes=body.user))
    actions.give_role(user, found, colleague)
    return _roles(user, found.organisation_id)


@router.get("/me/quiet-hours", response=wire.QuietHoursPut)
def quiet_hours(request: HttpRequest) -> wire.QuietHoursPut:
    user = person_of(request.user)
    row = QuietHours.objects.filter(user=user).first()
    if row is None:
        post = people_access.posts(user).first()
        return wire.QuietHoursPut(zone=post.organisation.zone if post else "UTC", start=0, end=0)
    return wire.QuietHoursPut(zone=row.zone, start=row.start, end=row.end)


@router.put("/me/quiet-hours", response=wire.QuietHoursPut)
def put_quiet_hours(request: HttpRequest, body: wire.QuietHoursPut) -> wire.QuietHoursPut:
    actions.set_quiet_hours(person_of(request.user), body)
    return body


@router.get("/me/answer-time", response=wire.AnswerTimePut)
def answer_time(request: HttpRequest) -> wire.AnswerTimePut:
    return wire.AnswerTimePut.model_validate({"within": person_of(request.user).answers_within})


@router.put("/me/answer-time", response=wire.AnswerTimePut)
def put_answer_time(request: HttpRequest, body: wire.AnswerTimePut) -> wire.AnswerTimePut:
    actions.set_answer_time(person_of(request.user), body.within)
    return body


@router.get("/me/crisis-lines", response=wire.CrisisLines)
def crisis_lines(request: HttpRequest) -> wire.CrisisLines:
    user = person_of(request.user)
    record, post = getattr(user, "patient", None), people_access.posts(user).first()
    organisation = record.organisation if record is not None else post.organisation if post else None
    return crisis.lines_of(organisation.country if organisation else "")
