"""What calendars and sessions show, to those who may see them and no others."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from conference.models import Room
from conference.rules import lobby_opens
from crypto.tables import Role
from messaging.reading import posts_of
from people.models import User
from people.shapes import millis
from scheduling.access import Plan, is_told
from scheduling.calendars import calendars_of, hours_of
from scheduling.ics import Entry
from scheduling.models import HoursException, Participant, Session
from scheduling.permission import may_attend
from scheduling.rules import Span, check_range, ranked_slots
from scheduling.times import to_ms, zone_of
from wire import scheduling as wire
from wire.base import unb64

SLOTS_PAGE, SESSIONS_PAGE = 20, 25
FEED_BACK, FEED_AHEAD = timedelta(days=30), timedelta(days=366)


def hours(person: User) -> wire.Hours:
    return hours_of([person.pk])[person.pk]


def exception(row: HoursException, note: str = "") -> wire.HoursExceptionOut:
    return wire.HoursExceptionOut(
        id=row.pk.bytes,
        starts_at=millis(row.starts_at),
        ends_at=millis(row.ends_at),
        zone=row.zone,
        open=row.open,
        note=note,
    )


def exceptions(person: User) -> wire.HoursExceptions:
    rows = HoursException.objects.filter(calendar=person.pk, ends_at__gt=timezone.now()).order_by("starts_at")
    return wire.HoursExceptions(exceptions=[exception(row) for row in rows])


def find_slots(plan: Plan, wish: wire.SessionFind, now: datetime | None = None) -> wire.FreeSlots:
    """Slots that suit everybody who must be there, the best first; nothing of why another time does not."""
    now = now or timezone.now()
    check_range(wish.starts, wish.ends)
    window = Span(wish.starts, wish.ends)
    zone = zone_of(wish.zone)
    calendars = calendars_of(plan.required, window, now)
    optional = [calendars[user_id] for user_id, required in plan.required.items() if not required]
    slots = ranked_slots(
        [calendars[user_id] for user_id, required in plan.required.items() if required],
        optional,
        window=window,
        length=wish.length,
        zone=zone,
        now=to_ms(now),
    )
    first = (wish.page - 1) * SLOTS_PAGE
    return wire.FreeSlots(
        slots=[
            wire.FreeSlot(starts_at=slot.span.start, ends_at=slot.span.end, optional_free=slot.optional_free)
            for slot in slots[first : first + SLOTS_PAGE]
        ],
        optional=len(optional),
        page=wish.page,
        more=len(slots) > first + SLOTS_PAGE,
    )


def session(row: Session, reader: User, now: datetime | None = None) -> wire.SessionOut:
    """A session as somebody on its list sees it."""
    now = now or timezone.now()
    places = list(row.participants.select_related("user").order_by("pk"))
    return wire.SessionOut(
        id=row.pk.bytes,
        patient=row.patient_id.bytes,
        patient_name=row.patient.name,
        thread=unb64(row.thread_id),
        kind=cast(wire.SessionKind, row.kind),
        status="lapsed" if row.lapsed(now) else cast(wire.SessionStatus, row.status),
        starts_at=millis(row.starts_at),
        ends_at=millis(row.ends_at),
        zone=row.zone,
        organiser=row.organiser_id.bytes,
        expires_at=millis(row.expires_at) if row.expires_at else None,
        reason=row.reason,
        agenda=row.agenda or None,
        participants=_people(row, places, reader),
        room=Room.objects.filter(pk=row.pk).exists(),
        opens_at=millis(lobby_opens(row.starts_at, row.early_minutes, settings.LOBBY_OPENS_AT_LEAST)),
        you_organise=row.organiser_id == reader.pk,
    )


def _people(row: Session, places: list[Participant], reader: User) -> list[wire.ParticipantOut]:
    """The list; who awaits the patient's word is known to the organiser and the patient alone."""
    if reader.pk not in (row.organiser_id, row.patient.account_id):
        places = [place for place in places if place.state in Participant.ON_THE_LIST]
    posts = posts_of(place.user_id for place in places)
    people = []
    for place in places:
        post = posts.get(place.user_id)
        is_patient = place.user_id == row.patient.account_id
        people.append(
            wire.ParticipantOut(
                user=place.user_id.bytes,
                name=place.user.name or (row.patient.name if is_patient else ""),
                role=int(Role.PATIENT) if is_patient or post is None else post.role,
                organisation="" if is_patient or post is None else post.organisation.name,
                is_patient=is_patient,
                is_organiser=place.user_id == row.organiser_id,
                required=place.required,
                state=cast(wire.AttendanceState, place.state),
            )
        )
    return people


def _seen_by(person: User, within: Q, now: datetime) -> list[Session]:
    """The sessions of this person's lists that consent lets them see now; asked of each before anything is counted."""
    places = Participant.objects.filter(within, user=person, state__in=Participant.ON_THE_LIST).select_related(
        "session__patient", "session__thread__patient", "session__organiser", "user"
    )
    shown = places.order_by("session__starts_at", "session_id")
    return [place.session for place in shown if is_told(place) and may_attend(place.user, place.session, now)]


def sessions(person: User, *, page: int, past: bool, now: datetime | None = None) -> wire.SessionPage:
    """One's sessions ahead, the next first, without cancelled and lapsed ones; or those gone by, the last first."""
    now = now or timezone.now()
    if past:
        found = list(reversed(_seen_by(person, Q(session__ends_at__lte=now), now)))
    else:
        found = [row for row in _seen_by(person, Q(session__ends_at__gt=now), now) if not row.lapsed(now)]
    first = (page - 1) * SESSIONS_PAGE
    return wire.SessionPage(
        sessions=[session(row, person, now) for row in found[first : first + SESSIONS_PAGE]],
        page=page,
        more=len(found) > first + SESSIONS_PAGE,
    )


def calendar_entry(row: Session) -> Entry:
    status = {Session.Status.HELD: "TENTATIVE", Session.Status.CANCELLED: "CANCELLED"}
    return Entry(
        id=row.pk.hex,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        changed_at=row.changed_at,
        sequence=row.sequence,
        status=status.get(Session.Status(row.status), "CONFIRMED"),  # type: ignore[arg-type]  # three of three
    )


def feed_entries(person: User, now: datetime | None = None) -> list[Entry]:
    """The booked sessions that this person may still attend, for their private calendar."""
    now = now or timezone.now()
    within = Q(
        session__status=Session.Status.BOOKED,
        session__ends_at__gt=now - FEED_BACK,
        session__starts_at__lt=now + FEED_AHEAD,
        state=Participant.State.EXPECTED,
    )
    return [calendar_entry(row) for row in _seen_by(person, within, now)]
