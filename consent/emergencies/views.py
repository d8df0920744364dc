"""The HTTP doors of emergencies: parse, access, act, answer."""

from __future__ import annotations

from uuid import UUID

from allauth.core import ratelimit
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router

from audit.actions import record
from consent.access import access_own_record
from consent.emergencies import access, actions, reading
from people.models import User
from people.reading import person_of
from people.second_factor import recent_second_factor
from wire import emergency as wire
from wire.base import unb64
from wire.errors import NotFound, Refused, TooMany

router = Router(tags=["emergency"])


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


def _clinician(request: HttpRequest) -> User:
    """A clinician with the duty who has just shown the second factor; NotFound for everybody without the duty."""
    user = person_of(request.user)
    access.require_emergency_post(user)
    if not recent_second_factor(request, user):
        raise Refused("Show your second factor again: it counts for 15 minutes.", code=wire.EmergencyCode.SECOND_FACTOR)
    return user


@router.post("/emergency/look", response=wire.EmergencyFound)
def look(request: HttpRequest, body: wire.EmergencyLook) -> wire.EmergencyFound:
    user = _clinician(request)
    if not ratelimit.consume(request, action="emergency_look", key=user.pk.hex):
        raise TooMany("You have looked for many people: wait ten minutes.")
    return reading.found(actions.look(user, body.name, body.birth_date), timezone.now())


@router.get("/emergencies", response=wire.EmergenciesOut)
def emergencies(request: HttpRequest) -> wire.EmergenciesOut:
    return reading.all_of(person_of(request.user), timezone.now())


@router.get("/patients/{patient}/emergencies", response=wire.EmergenciesOut)
def about(request: HttpRequest, patient: str) -> wire.EmergenciesOut:
    user = person_of(request.user)
    found = access_own_record(user, _id(patient))
    record(actor=user.pk, verb="emergency.read", patient=found.pk)
    return reading.about(found, timezone.now())


@router.post("/patients/{patient}/emergencies", response=wire.EmergencyOut)
def declare(request: HttpRequest, patient: str, body: wire.EmergencyIn) -> wire.EmergencyOut:
    row = actions.declare(_clinician(request), _id(patient), body)
    return reading.one(row, "mine", timezone.now())


@router.post("/emergencies/{emergency}/cosign", response=wire.EmergencyOut)
def cosign(request: HttpRequest, emergency: str, body: wire.EmergencyCosign) -> wire.EmergencyOut:
    user = _clinician(request)
    row = actions.cosign(user, access.access_to_cosign(user, _id(emergency)), body)
    return reading.one(row, "cosign", timezone.now())


@router.post("/emergencies/{emergency}/end", response=wire.EmergencyOut)
def end(request: HttpRequest, emergency: str) -> wire.EmergencyOut:
    user = person_of(request.user)
    row = actions.end(user, access.access_to_end(user, _id(emergency)))
    return reading.one(row, "mine" if row.user_id == user.pk else "review", timezone.now())


@router.post("/emergencies/{emergency}/review", response=wire.EmergencyOut)
def review(request: HttpRequest, emergency: str, body: wire.EmergencyReview) -> wire.EmergencyOut:
    user = person_of(request.user)
    row = actions.review(user, access.access_to_review(user, _id(emergency)), body)
    return reading.one(row, "review", timezone.now())
