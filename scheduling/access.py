"""The only ways from an id to a session, and from a wish to the people who can be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from messaging.access import access_thread
from messaging.models import Thread
from messaging.reading import posts_of
from people.models import Affiliation, User
from scheduling.feeds import token_hash
from scheduling.models import Participant, Session
from scheduling.permission import may_attend
from wire.base import b64
from wire.errors import Invalid, NotFound, Refused
from wire.scheduling import ParticipantIn, SessionKind


@dataclass(frozen=True)
class Plan:
    """A session that could be: its thread, and the people on its list with whether they must be there."""

    thread: Thread
    organiser: User
    people: dict[UUID, User]
    required: dict[UUID, bool]
    posts: dict[UUID, Affiliation]


def plan_session(
    organiser: User, *, patient: bytes, thread: bytes, kind: SessionKind, participants: Iterable[ParticipantIn]
) -> Plan:
    """What this person may plan: a member of the thread, whom the patient lets join its sessions.

    The organiser is always on the list, and the patient on that of a joint session. Everybody else must be staff,
    or the patient of this very thread: NotFound for any other id.
    """
    seat = access_thread(organiser, b64(thread), "session.join")
    if seat.thread.patient_id != UUID(bytes=patient):
        raise NotFound
    required = {organiser.pk: True}
    for wish in participants:
        user_id = UUID(bytes=wish.user)
        required[user_id] = required.get(user_id, False) or wish.required
    if kind == "joint":
        required[_account_of(seat.thread)] = True
    people = {user.pk: user for user in User.objects.filter(pk__in=required, is_active=True).select_related("patient")}
    posts = posts_of(required)
    for user_id in required:
        if user_id not in people or (user_id not in posts and user_id != seat.thread.patient.account_id):
            raise NotFound(re="participants")
    if len(required) < 2:
        raise Invalid("Choose at least one other person.", re="participants")
    return Plan(seat.thread, organiser, people, required, posts)


def _account_of(thread: Thread) -> UUID:
    account = thread.patient.account_id
    if account is None:
        raise Invalid("This patient has no account yet: choose a case conference, or send the code.", re="kind")
    return account


def access_session(person: User, session_id: UUID, now: datetime | None = None) -> Participant:
    """One's place on a session's list, while the patient's consent covers it; the same NotFound for all else.

    A hold is its organiser's alone: nobody hears of a session that is not booked.
    """
    place = (
        Participant.objects.select_related("session__patient", "session__thread__patient", "session__organiser", "user")
        .filter(session_id=session_id, user_id=person.pk, state__in=Participant.ON_THE_LIST)
        .first()
    )
    if place is None or not is_told(place) or not may_attend(place.user, place.session, now or timezone.now()):
        raise NotFound
    return place


def is_told(place: Participant) -> bool:
    """Whether a session has been made known to this participant: booked at some time, or one's own hold."""
    return place.session.announced or place.session.organiser_id == place.user_id


def access_organised(person: User, session_id: UUID) -> Session:
    """A session that this person organises; Refused for others who may see it."""
    place = access_session(person, session_id)
    if place.session.organiser_id != person.pk:
        raise Refused("Only the person who called this session can do that.")
    return place.session


def access_cancellable(person: User, session_id: UUID) -> Session:
    """A session that this person may cancel for everybody: its organiser, or the patient it is about."""
    place = access_session(person, session_id)
    if person.pk not in (place.session.organiser_id, place.session.patient.account_id):
        raise Refused("Only the person who called this session or the patient can cancel it. You can decline.")
    return place.session


def access_feed(token: str) -> User:
    """Whose calendar a secret address is; NotFound for every other token."""
    if not 40 <= len(token) <= 60:
        raise NotFound
    found = User.objects.filter(feed__token_hash=token_hash(token), is_active=True).first()
    if found is None:
        raise NotFound
    return found
