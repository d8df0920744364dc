"""The HTTP doors of scheduling: parse, access, act, answer."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from ninja import Router

from people.models import User
from people.reading import person_of
from scheduling import access, reading
from scheduling.actions import calendars, sessions
from scheduling.actions.steps import record
from scheduling.ics import calendar_text
from scheduling.models import Participant, Session
from wire import scheduling as wire
from wire.base import unb64
from wire.errors import Invalid, NotFound

router = Router(tags=["scheduling"])


def _person(request: HttpRequest) -> User:
    return person_of(request.user)


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _place(request: HttpRequest, session_id: str) -> Participant:
    return access.access_session(_person(request), _id(session_id))


def _shown(request: HttpRequest, session: Session) -> wire.SessionOut:
    return reading.session(session, _person(request))


@router.get("/me/hours", response=wire.Hours)
def my_hours(request: HttpRequest) -> wire.Hours:
    return reading.hours(_person(request))


@router.put("/me/hours", response=wire.Hours)
def put_hours(request: HttpRequest, body: wire.Hours) -> wire.Hours:
    person = _person(request)
    calendars.set_hours(person, body)
    return reading.hours(person)


@router.get("/me/exceptions", response=wire.HoursExceptions)
def my_exceptions(request: HttpRequest) -> wire.HoursExceptions:
    return reading.exceptions(_person(request))


@router.post("/me/exceptions", response=wire.HoursExceptionOut)
def add_exception(request: HttpRequest, body: wire.HoursExceptionIn) -> wire.HoursExceptionOut:
    row, note = calendars.add_exception(_person(request), body)
    return reading.exception(row, note)


@router.delete("/me/exceptions/{exception_id}", response=wire.ExceptionRemoved)
def remove_exception(request: HttpRequest, exception_id: str) -> wire.ExceptionRemoved:
    calendars.remove_exception(_person(request), _id(exception_id))
    return wire.ExceptionRemoved()


@router.post("/me/feed", response=wire.FeedAddress)
def renew_feed(request: HttpRequest) -> wire.FeedAddress:
    return wire.FeedAddress(path=f"/feeds/{calendars.renew_feed(_person(request))}.ics")


def _plan(request: HttpRequest, body: wire.SessionFind | wire.SessionHold | wire.SessionStart) -> access.Plan:
    return access.plan_session(
        _person(request), patient=body.patient, thread=body.thread, kind=body.kind, participants=body.participants
    )


@router.post("/sessions/find", response=wire.FreeSlots)
def find(request: HttpRequest, body: wire.SessionFind) -> wire.FreeSlots:
    return reading.find_slots(_plan(request, body), body)


@router.post("/sessions/hold", response=wire.SessionOut)
def hold(request: HttpRequest, body: wire.SessionHold) -> wire.SessionOut:
    return _shown(request, sessions.hold(_plan(request, body), body))


@router.post("/sessions/start", response=wire.SessionOut)
def start(request: HttpRequest, body: wire.SessionStart) -> wire.SessionOut:
    return _shown(request, sessions.start(_plan(request, body), body))


@router.get("/sessions", response=wire.SessionPage)
def my_sessions(request: HttpRequest, page: int = 1, past: bool = False) -> wire.SessionPage:
    if not 1 <= page <= 100_000:
        raise Invalid("Pages count from 1.", re="page")
    return reading.sessions(_person(request), page=page, past=past)


@router.get("/sessions/{session_id}", response=wire.SessionOut)
def one_session(request: HttpRequest, session_id: str) -> wire.SessionOut:
    place = _place(request, session_id)
    record(place.session, "session.read", place.user_id)
    return _shown(request, place.session)


@router.post("/sessions/{session_id}/book", response=wire.SessionOut)
def book(request: HttpRequest, session_id: str) -> wire.SessionOut:
    return _shown(request, sessions.book(access.access_organised(_person(request), _id(session_id))))


@router.post("/sessions/{session_id}/cancel", response=wire.SessionOut)
def cancel(request: HttpRequest, session_id: str, body: wire.SessionCancel) -> wire.SessionOut:
    person = _person(request)
    session = access.access_cancellable(person, _id(session_id))
    return _shown(request, sessions.cancel(session, person, body.reason))


@router.post("/sessions/{session_id}/decline", response=wire.SessionOut)
def decline(request: HttpRequest, session_id: str) -> wire.SessionOut:
    return _shown(request, sessions.decline(_place(request, session_id)))


@router.put("/sessions/{session_id}/agenda", response=wire.SessionOut)
def put_agenda(request: HttpRequest, session_id: str, body: wire.AgendaPut) -> wire.SessionOut:
    return _shown(request, sessions.put_agenda(_place(request, session_id), body.wire))


def _calendar(text: bytes) -> HttpResponse:
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="consilium.ics"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@router.get("/sessions/{session_id}/calendar.ics")
def one_calendar(request: HttpRequest, session_id: str) -> HttpResponse:
    place = _place(request, session_id)
    return _calendar(calendar_text([reading.calendar_entry(place.session)], origin=_origin(request)))


def _origin(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The private calendar behind a secret address; one answer for every address that is not one."""
    try:
        person = access.access_feed(token)
    except NotFound as refusal:
        return JsonResponse(refusal.body().model_dump(), status=refusal.status)
    return _calendar(calendar_text(reading.feed_entries(person), origin=_origin(request)))
