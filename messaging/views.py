"""The HTTP doors of messaging: parse, access, act, respond."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest
from ninja import Router, Status

from consent.access import access_record
from messaging import access, reading, shapes
from messaging.actions import fetching, growing, invitations, marks
from messaging.owed import owed
from messaging.rules import Marks
from people.models import User
from people.reading import person_of
from wire import messaging as wire
from wire.base import unb64
from wire.errors import Invalid, NotFound
from wire.people import Done

router = Router(tags=["messaging"])
MAX_SEQ = 2**53 - 1
LAST_MS = 253_402_300_799_000


def _person(request: HttpRequest) -> User:
    return person_of(request.user)


def _id(text: str) -> UUID:
    """A 16-byte id from an address; anything else is as absent as an unknown one."""
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _seq(value: int | None, re: str, lowest: int = 0) -> int | None:
    if value is not None and not lowest <= value <= MAX_SEQ:
        raise Invalid("A seq counts messages.", re=re)
    return value


def _moment(value: int) -> datetime:
    """A time in ms; what no calendar holds is as good as the nearest that one does."""
    return datetime.fromtimestamp(max(0, min(value, LAST_MS)) / 1000, UTC)


@router.post("/threads", response=wire.LogHead)
def create_thread(request: HttpRequest, body: wire.ThreadCreate) -> wire.LogHead:
    return shapes.log_head(growing.create_thread(_person(request), body))


@router.get("/threads", response=wire.ThreadPage)
def list_threads(request: HttpRequest, cursor: str = "") -> wire.ThreadPage:
    return reading.threads(_person(request), cursor)


@router.get("/threads/{thread_id}", response=wire.ThreadSummary)
def thread(request: HttpRequest, thread_id: str) -> wire.ThreadSummary:
    return reading.thread(access.find_seat(_person(request), thread_id))


@router.get("/threads/{thread_id}/log", response=wire.LogPage)
def log(request: HttpRequest, thread_id: str, after: int = -1) -> wire.LogPage:
    seat = access.access_thread(_person(request), thread_id, in_emergency=True)
    return reading.log(seat, max(-1, min(after, MAX_SEQ - 1)))


@router.post("/threads/{thread_id}/log", response={200: wire.LogHead, 409: wire.LogConflict})
def append(request: HttpRequest, thread_id: str, body: wire.LogAppend) -> wire.LogHead | Status[wire.LogConflict]:
    seat = access.access_thread(_person(request), thread_id, in_emergency=True)
    try:
        return shapes.log_head(growing.append_entries(seat, body))
    except growing.LogMoved as moved:
        return Status(409, moved.conflict())


@router.get("/threads/{thread_id}/seals", response=wire.ThreadSeals)
def seals(request: HttpRequest, thread_id: str) -> wire.ThreadSeals:
    return reading.seals(access.access_thread(_person(request), thread_id, in_emergency=True))


@router.get("/threads/{thread_id}/keys", response=wire.ThreadKeys)
def keys(request: HttpRequest, thread_id: str) -> wire.ThreadKeys:
    return reading.keys(access.access_thread(_person(request), thread_id, in_emergency=True))


@router.get("/threads/{thread_id}/owed", response=wire.ThreadOwed)
def owed_entries(request: HttpRequest, thread_id: str) -> wire.ThreadOwed:
    return owed(access.access_thread(_person(request), thread_id).thread)


@router.get("/threads/{thread_id}/readers", response=wire.ThreadReaders)
def readers(request: HttpRequest, thread_id: str) -> wire.ThreadReaders:
    return reading.readers(access.access_thread(_person(request), thread_id))


@router.get("/threads/{thread_id}/messages", response=wire.MessagePage)
def messages(
    request: HttpRequest,
    thread_id: str,
    after: int | None = None,
    before: int | None = None,
    around: int | None = None,
    asides: bool = False,  # a name in the address
    limit: int = wire.MAX_PAGE,
) -> wire.MessagePage:
    seat = access.find_seat(_person(request), thread_id, in_emergency=True)
    asked = fetching.Range(_seq(after, "after"), _seq(before, "before"), _seq(around, "around"), asides, limit)
    return fetching.fetch_messages(seat, asked).out()


@router.get("/threads/{thread_id}/messages/at", response=wire.MessagePlace)
def message_at(request: HttpRequest, thread_id: str, time: int = 0) -> wire.MessagePlace:
    seat = access.access_thread(_person(request), thread_id)
    return wire.MessagePlace(seq=fetching.place_at(seat, _moment(time)))


@router.put("/threads/{thread_id}/marks", response=wire.MemberMarks)
def put_marks(request: HttpRequest, thread_id: str, body: wire.MarksPut) -> wire.MemberMarks:
    seat = access.access_thread(_person(request), thread_id)
    failed = {failure.seq: failure.code for failure in body.failed}
    said = Marks(body.delivered, body.read, failed, frozenset(body.healed))
    return shapes.member_marks(seat.person.pk, marks.mark(seat, said))


@router.get("/threads/{thread_id}/marks", response=wire.ThreadMarks)
def get_marks(request: HttpRequest, thread_id: str) -> wire.ThreadMarks:
    seat = access.access_thread(_person(request), thread_id)
    return wire.ThreadMarks(
        marks=[shapes.member_marks(user_id, held) for user_id, held in marks.marks_in(seat.thread.pk).items()]
    )


@router.post("/threads/{thread_id}/invitations", response=wire.InvitationSent)
def invite(request: HttpRequest, thread_id: str, body: wire.InvitationAsk) -> wire.InvitationSent:
    seat = access.access_to_ask(_person(request), thread_id, body.invitee)
    made = invitations.invite(seat, body)
    return shapes.invitation_sent(made, reading.posts_of([made.invitee_id]).get(made.invitee_id))


@router.get("/invitations", response=wire.Invitations)
def list_invitations(request: HttpRequest) -> wire.Invitations:
    return reading.invitations(_person(request))


@router.get("/patients/{patient_id}/requests", response=wire.AdmissionRequests)
def requests(request: HttpRequest, patient_id: str) -> wire.AdmissionRequests:
    person = _person(request)
    return reading.requests(person, access_record(person, _id(patient_id)).patient)


@router.post("/invitations/{invitation_id}/refuse", response=Done)
def refuse(request: HttpRequest, invitation_id: str) -> Done:
    person = _person(request)
    invitations.refuse(person, access.access_asked_invitation(person, _id(invitation_id)))
    return Done()


@router.delete("/invitations/{invitation_id}", response=Done)
def take_back(request: HttpRequest, invitation_id: str) -> Done:
    person = _person(request)
    invitations.take_back(person, access.access_sent_invitation(person, _id(invitation_id)))
    return Done()
