"""The steps that the use cases of sessions share. Each is called inside the transaction that locked the calendars."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

import audit.actions
from conference.actions import close_room, open_room
from live.push import push_on_commit
from people.models import User
from scheduling.calendars import standing
from scheduling.models import Claim, Participant, Session
from scheduling.permission import may_attend
from wire.base import b64
from wire.errors import Conflict, NotFound
from wire.scheduling import SchedulingCode, SessionChanged, SessionLost

State = Participant.State


def slot_taken() -> Conflict:
    return Conflict(
        "This time is no longer free for everybody: choose another.", code=SchedulingCode.SLOT_TAKEN, re="starts_at"
    )


def record(session: Session, verb: str, actor: UUID | None, **detail: int | str | bool) -> None:
    """Write into the patient's ledger what was done to a session."""
    audit.actions.record(
        actor=actor,
        verb=verb,
        patient=session.patient_id,
        object_kind="session",
        object_id=b64(session.pk.bytes),
        detail=detail,
    )


def free_lapsed(users: Iterable[UUID], now: datetime) -> None:
    """Frees what lapsed holds still claim: an expired hold must not stand in anybody's way."""
    Claim.objects.filter(user__in=list(users), until__lte=now).delete()


def claim(session: Session, users: Iterable[UUID]) -> None:
    """Takes the session's time on all these calendars, or raises Conflict and takes none."""
    rows = [
        Claim(
            user_id=user_id,
            session=session,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            until=session.expires_at if session.status == Session.Status.HELD else None,
        )
        for user_id in users
    ]
    try:
        with transaction.atomic():
            Claim.objects.bulk_create(rows)
    except IntegrityError:
        raise slot_taken() from None


def is_unclaimed(user_id: UUID, session: Session, now: datetime) -> bool:
    """Whether no other session takes this person's time then."""
    overlapping = Claim.objects.filter(
        standing(now), user_id=user_id, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at
    )
    return not overlapping.exclude(session=session).exists()


def settle(session: Session, now: datetime) -> list[Participant]:
    """Brings the list into line with the patient's consent at this moment; returns the places that changed.

    Who is no longer covered loses the place and the time; who is covered now gets the time, if it is still free.
    """
    changed = []
    free_lapsed([place.user_id for place in session.participants.all()], now)
    for place in session.participants.select_related("user"):
        before, covered = place.state, may_attend(place.user, session, now)
        if not covered and before in (State.EXPECTED, State.TIME_TAKEN):
            place.state = State.WITHDRAWN if session.announced else State.NEEDS_CONSENT
            session.claims.filter(user=place.user_id).delete()
        elif covered and before in (State.NEEDS_CONSENT, State.WITHDRAWN):
            free = is_unclaimed(place.user_id, session, now)
            place.state = State.EXPECTED if free else State.TIME_TAKEN
            if free:
                claim(session, [place.user_id])
        if place.state != before:
            place.save()
            changed.append(place)
    return changed


def expected(session: Session) -> int:
    return session.participants.filter(state=State.EXPECTED).count()


def keep_room(session: Session, now: datetime) -> None:
    """Brings the session's room up to date with its time and its people.

    In a session that runs, the conference itself shuts out those whom consent no longer covers, and lets them
    back when it does again: their place at the door stays.
    """
    states = {State.EXPECTED, State.TIME_TAKEN} | ({State.WITHDRAWN} if session.starts_at <= now else set())
    places = session.participants.filter(state__in=states).select_related("user")
    open_room(
        session_id=session.pk,
        patient_id=session.patient_id,
        thread_id=session.thread_id,
        host_id=session.organiser_id,
        participants=[(place.user_id, _part(place.user, session)) for place in places],
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        early_minutes=session.early_minutes,
        patient_waits=session.kind == Session.Kind.CASE_CONFERENCE,
    )


def _part(user: User, session: Session) -> str:
    if user.pk == session.organiser_id:
        return "called this session"
    return "" if user.pk == session.patient.account_id else f"invited by {session.organiser.name}"


def end(session: Session, *, actor: UUID | None, reason: str = "") -> None:
    """Cancels a session for everybody: its calendars are free, its room is closed."""
    session.claims.all().delete()
    session.status, session.expires_at, session.reason = Session.Status.CANCELLED, None, reason
    if session.announced:
        session.sequence += 1
    session.save()
    record(session, "session.cancel", actor)
    try:
        close_room(session.pk, actor_id=actor)
    except NotFound:
        # A hold that was never booked has no room.
        return


def announce(session: Session) -> None:
    """Tells everybody on the list, and each delivery asks consent again."""
    places = session.participants.filter(state__in=Participant.ON_THE_LIST)
    told = [user_id for user_id in places.values_list("user_id", flat=True)] if session.announced else []
    push_on_commit({*told, session.organiser_id}, SessionChanged(session=session.pk.bytes))


def announce_loss(session: Session, users: Iterable[UUID]) -> None:
    """Tells these people that a session is no longer theirs, and not why."""
    push_on_commit(users, SessionLost(session=session.pk.bytes))
