"""The HTTP doors of urgency: parse, access, act, respond."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from messaging.access import access_thread
from messaging.urgency import actions, reading
from people.reading import person_of
from wire import urgency as wire
from wire.errors import Invalid

router = Router(tags=["urgency"])
MAX_SEQ = 2**53 - 1


@router.post("/threads/{thread_id}/urgencies", response=wire.UrgencyOut)
def raise_urgency(request: HttpRequest, thread_id: str, body: wire.SignedWords) -> wire.UrgencyOut:
    seat = access_thread(person_of(request.user), thread_id, "thread.post")
    return reading.urgency_out(actions.raise_urgency(seat, body))


@router.get("/threads/{thread_id}/urgencies", response=wire.ThreadUrgencies)
def urgencies(request: HttpRequest, thread_id: str, before: int | None = None) -> wire.ThreadUrgencies:
    seat = access_thread(person_of(request.user), thread_id)
    if before is not None and not 0 <= before <= MAX_SEQ:
        raise Invalid("A seq counts messages.", re="before")
    return reading.urgencies(seat, before)


@router.post("/threads/{thread_id}/acks", response=wire.AckOut)
def acknowledge(request: HttpRequest, thread_id: str, body: wire.SignedWords) -> wire.AckOut:
    seat = access_thread(person_of(request.user), thread_id)
    return reading.ack_out(actions.acknowledge(seat, body))


@router.get("/threads/{thread_id}/roles", response=wire.ThreadRoles)
def roles(request: HttpRequest, thread_id: str) -> wire.ThreadRoles:
    return reading.roles(access_thread(person_of(request.user), thread_id), timezone.now())
