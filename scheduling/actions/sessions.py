"""Hold, book, cancel, decline: one function a use case, one transaction each."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from crypto.messages import parse_wire, verify_wire
from messaging.keys import ukr_of
from people.models import KeyBundle, User
from scheduling.access import Plan
from scheduling.actions.steps import (
    State,
    announce,
    announce_loss,
    claim,
    end,
    expected,
    free_lapsed,
    is_unclaimed,
    keep_room,
    record,
    settle,
    slot_taken,
)
from scheduling.calendars import calendars_of, hours_of, lock_calendars
from scheduling.models import Participant, Session
from scheduling.permission import is_covered
from scheduling.rules import HOLD_FOR, Span, slot_suits
from scheduling.times import MINUTE_MS, from_ms, to_ms, zone_of
from wire.base import unb64
from wire.errors import Conflict, Invalid, NotFound, TooMany
from wire.scheduling import SchedulingCode, SessionHold, SessionStart

MAX_HOLDS = 20
"""Of one person at one time: a hold takes other people's time."""
FURTHEST_MS = 2 * 366 * 24 * 60 * MINUTE_MS


def hold(plan: Plan, wish: SessionHold, now: datetime | None = None) -> Session:
    """Takes the slot on every calendar that must be there, or on none, for ten minutes.

    The same hold sent twice is one hold. Whom consent does not cover yet stands on the list as `needs_consent`,
    hears nothing, and no time is taken from them.
    """
    now = now or timezone.now()
    span = _span(wish, now)
    zone_of(wish.zone)
    asked = _asked(wish)
    with transaction.atomic():
        lock_calendars(plan.required)
        known = Session.objects.filter(pk=UUID(bytes=wish.id)).first()
        if known is not None:
            return _same_hold(known, plan.organiser, asked)
        held = Session.objects.filter(organiser=plan.organiser, status=Session.Status.HELD, expires_at__gt=now)
        if held.count() >= MAX_HOLDS:
            raise TooMany("You are holding many times already: book or cancel some first.")
        free_lapsed(plan.required, now)
        session = _new_session(plan, wish, span, wish.zone)
        session.expires_at = now + HOLD_FOR
        _write(session, plan, _states(plan, span, now))
        record(session, "session.hold", plan.organiser.pk, people=len(plan.required))
        announce(session)
    return session


def start(plan: Plan, wish: SessionStart, now: datetime | None = None) -> Session:
    """A session that begins now, booked at once. The same start sent twice is one session.

    Hours and notice are not asked: everybody decides whether to come. Whose time is taken stands on the list as
    `time_taken`, and may come all the same; the organiser cannot be in two sessions.
    """
    now = now or timezone.now()
    at = to_ms(now) // MINUTE_MS * MINUTE_MS
    span, asked = Span(at, at + wish.length * MINUTE_MS), _asked(wish)
    with transaction.atomic():
        lock_calendars(plan.required)
        known = Session.objects.filter(pk=UUID(bytes=wish.id)).first()
        if known is not None:
            return _same_hold(known, plan.organiser, asked)
        free_lapsed(plan.required, now)
        session = _new_session(plan, wish, span, hours_of([plan.organiser.pk])[plan.organiser.pk].zone)
        session.status, session.sequence = Session.Status.BOOKED, 1
        states = {user_id: _state_now(plan, session, user_id, now) for user_id in plan.required}
        if states[plan.organiser.pk] is not State.EXPECTED:
            raise Conflict("You are in another session now.", code=SchedulingCode.SLOT_TAKEN)
        _write(session, plan, states)
        record(session, "session.start", plan.organiser.pk, people=len(states))
        keep_room(session, now)
        announce(session)
    return session


def _state_now(plan: Plan, session: Session, user_id: UUID, now: datetime) -> Participant.State:
    if not is_covered(plan.people[user_id], plan.thread, session.starts_at, now):
        return State.NEEDS_CONSENT
    return State.EXPECTED if is_unclaimed(user_id, session, now) else State.TIME_TAKEN


def _asked(wish: SessionHold | SessionStart) -> bytes:
    return hashlib.sha256(wish.model_dump_json().encode()).digest()


def _new_session(plan: Plan, wish: SessionHold | SessionStart, span: Span, zone: str) -> Session:
    return Session(
        id=UUID(bytes=wish.id),
        patient_id=plan.thread.patient_id,
        thread=plan.thread,
        kind=wish.kind,
        starts_at=from_ms(span.start),
        ends_at=from_ms(span.end),
        zone=zone,
        early_minutes=wish.early,
        organiser=plan.organiser,
        asked=_asked(wish),
    )


def _write(session: Session, plan: Plan, states: dict[UUID, Participant.State]) -> None:
    """Stores a new session with its list, and takes the time of those who are expected."""
    session.save(force_insert=True)
    Participant.objects.bulk_create(
        Participant(session=session, user_id=user_id, required=plan.required[user_id], state=state)
        for user_id, state in states.items()
    )
    claim(session, [user_id for user_id, state in states.items() if state is State.EXPECTED])


def _span(wish: SessionHold, now: datetime) -> Span:
    at = to_ms(now)
    if wish.starts_at <= at:
        raise Invalid("This time has passed: choose one ahead.", code=SchedulingCode.TOO_SOON, re="starts_at")
    if wish.starts_at > at + FURTHEST_MS:
        raise Invalid("Choose a time within two years.", code=SchedulingCode.WRONG_RANGE, re="starts_at")
    return Span(wish.starts_at, wish.starts_at + wish.length * MINUTE_MS)


def _same_hold(known: Session, organiser: User, asked: bytes) -> Session:
    if known.organiser_id != organiser.pk or known.asked != asked:
        raise Conflict("This id is used: choose a new one.", code=SchedulingCode.ID_USED, re="id")
    return known


def _states(plan: Plan, span: Span, now: datetime) -> dict[UUID, Participant.State]:
    """Each person's state on the list; Conflict if one who must be there is not free, and never who it is."""
    calendars = calendars_of(plan.required, span, now)
    states = {}
    for user_id, required in plan.required.items():
        suits = slot_suits(calendars[user_id], span, to_ms(now))
        if required and not suits:
            raise slot_taken()
        if not is_covered(plan.people[user_id], plan.thread, from_ms(span.start), now):
            states[user_id] = State.NEEDS_CONSENT
        else:
            states[user_id] = State.EXPECTED if suits else State.TIME_TAKEN
    return states


def _locked(session: Session) -> Session:
    """The session as it is once its people's calendars are locked: nothing about it changes from here on."""
    lock_calendars(session.participants.values_list("user_id", flat=True))
    return Session.objects.select_related("patient", "thread__patient", "organiser").get(pk=session.pk)


@transaction.atomic
def book(session: Session, now: datetime | None = None) -> Session:
    """Confirms a hold; its room is made and its people are told. Booking twice is booking once."""
    now = now or timezone.now()
    session = _locked(session)
    if session.status == Session.Status.BOOKED:
        return session
    if session.status == Session.Status.CANCELLED:
        raise Conflict("This session was cancelled: find a time again.", code=SchedulingCode.NOT_OPEN)
    if session.lapsed(now) or session.starts_at <= now:
        raise Conflict("The hold has run out: find a time again.", code=SchedulingCode.HOLD_LAPSED)
    settle(session, now)
    if not session.participants.filter(user=session.organiser_id, state=State.EXPECTED).exists():
        raise NotFound
    if expected(session) < 2:
        raise Conflict(
            "Nobody else on the list has the patient's permission yet: ask for it, then book.",
            code=SchedulingCode.NEEDS_CONSENT,
            re="participants",
        )
    session.status, session.expires_at, session.sequence = Session.Status.BOOKED, None, 1
    session.save()
    session.claims.update(until=None)
    record(session, "session.book", session.organiser_id, people=expected(session))
    keep_room(session, now)
    announce(session)
    return session


def _require_open(session: Session, now: datetime) -> None:
    if not session.ahead(now):
        raise Conflict("This session is over or was cancelled.", code=SchedulingCode.NOT_OPEN)


@transaction.atomic
def cancel(session: Session, by: User, reason: str, now: datetime | None = None) -> Session:
    """Cancels for everybody, with a reason they see. Cancelling twice is cancelling once."""
    session = _locked(session)
    if session.status == Session.Status.CANCELLED:
        return session
    _require_open(session, now or timezone.now())
    end(session, actor=by.pk, reason=reason)
    announce(session)
    return session


@transaction.atomic
def decline(place: Participant, now: datetime | None = None) -> Session:
    """Takes oneself off the list and frees one's time; the organiser cancels instead."""
    now = now or timezone.now()
    session = _locked(place.session)
    _require_open(session, now)
    if place.user_id == session.organiser_id:
        raise Conflict("You called this session: cancel it instead.", code=SchedulingCode.NOT_OPEN)
    session.claims.filter(user=place.user_id).delete()
    session.participants.filter(pk=place.pk).update(state=State.DECLINED)
    session.sequence += 1
    session.save()
    record(session, "session.decline", place.user_id)
    keep_room(session, now)
    announce(session)
    return session


@transaction.atomic
def put_agenda(place: Participant, wire: bytes, now: datetime | None = None) -> Session:
    """Stores the sealed agenda: a message of the session's thread, signed by the person who brings it."""
    sealed = parse_wire(wire)
    header = sealed.header
    key = KeyBundle.objects.filter(user=place.user_id, gen=header.sender_gen).first()
    if key is None or header.thread != unb64(place.session.thread_id) or header.sender != place.user_id.bytes:
        raise Invalid("The agenda must be your own message of this session's conversation.", re="wire")
    verify_wire(sealed, ukr_of(key.fp))
    session = _locked(place.session)
    _require_open(session, now or timezone.now())
    session.agenda = wire
    session.save()
    record(session, "session.agenda", place.user_id)
    announce(session)
    return session


def recheck_patient(patient_id: UUID, now: datetime | None = None) -> None:
    """Asks the patient's consent again for everybody on the lists of the sessions ahead.

    Each session is a transaction of its own: one that fails leaves the others re-checked. A session whose
    organiser is no longer covered is cancelled.
    """
    now = now or timezone.now()
    ahead = Session.objects.filter(patient=patient_id, ends_at__gt=now).exclude(status=Session.Status.CANCELLED)
    for session in ahead.order_by("starts_at", "pk"):
        with transaction.atomic():
            _recheck(_locked(session), now)


def _recheck(session: Session, now: datetime) -> None:
    if not session.ahead(now):
        return
    changed = settle(session, now)
    if not changed:
        return
    lost = [place.user_id for place in changed if place.state == State.WITHDRAWN]
    for user_id in lost:
        record(session, "session.attendance_end", None, about=user_id.hex)
    announce_loss(session, lost)
    if not session.participants.filter(user=session.organiser_id, state=State.EXPECTED).exists():
        end(session, actor=None)
    elif session.announced:
        session.sequence += 1
        session.save()
        keep_room(session, now)
    announce(session)
