"""What people say about their own time. It is theirs alone: none of it is about a patient, so no ledger."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from people.models import User
from scheduling.calendars import lock_calendars
from scheduling.feeds import new_token, token_hash
from scheduling.models import Calendar, Feed, HoursException, WorkingHours
from scheduling.rules import DAY_MS, check_hours, check_range
from scheduling.times import from_ms, instant_typed, to_ms, zone_of
from wire.errors import Invalid, NotFound, TooMany
from wire.scheduling import Hours, HoursExceptionIn, SchedulingCode

LONGEST_EXCEPTION_MS = 366 * DAY_MS
MAX_EXCEPTIONS = 400


@transaction.atomic
def set_hours(person: User, hours: Hours) -> None:
    """Replaces one's weekly hours; raises Invalid, and changes nothing, for hours that cannot be."""
    zone_of(hours.zone)
    check_hours(hours.rows)
    lock_calendars([person.pk])
    Calendar.objects.filter(pk=person.pk).update(zone=hours.zone, buffer=hours.buffer, notice=hours.notice)
    WorkingHours.objects.filter(calendar=person.pk).delete()
    WorkingHours.objects.bulk_create(
        WorkingHours(calendar_id=person.pk, weekday=row.weekday, start=row.start, until=row.until) for row in hours.rows
    )


@transaction.atomic
def add_exception(person: User, wish: HoursExceptionIn, now: datetime | None = None) -> tuple[HoursException, str]:
    """Stores an exception; returns it and a note on how a time that comes twice was read.

    The same exception sent twice is one.
    """
    zone = zone_of(wish.zone)
    starts, first_note = instant_typed(wish.starts, zone, "starts")
    ends, last_note = instant_typed(wish.ends, zone, "ends")
    check_range(starts, ends, LONGEST_EXCEPTION_MS)
    if ends <= to_ms(now or timezone.now()):
        raise Invalid("This is over already: choose a time ahead.", code=SchedulingCode.WRONG_RANGE, re="ends")
    lock_calendars([person.pk])
    mine = HoursException.objects.filter(calendar=person.pk)
    if mine.count() >= MAX_EXCEPTIONS:
        raise TooMany("There are too many exceptions: remove some that you no longer need.")
    row, _ = mine.get_or_create(
        starts_at=from_ms(starts),
        ends_at=from_ms(ends),
        zone=wish.zone,
        open=wish.open,
        defaults={"calendar_id": person.pk},
    )
    return row, " ".join(filter(None, (first_note, last_note)))


@transaction.atomic
def remove_exception(person: User, exception_id: UUID) -> None:
    """Removes one's own exception; NotFound for anybody else's."""
    removed, _ = HoursException.objects.filter(pk=exception_id, calendar=person.pk).delete()
    if not removed:
        raise NotFound


@transaction.atomic
def renew_feed(person: User) -> str:
    """A new secret calendar address; the one before stops working with this commit. Returns the token, once."""
    token = new_token()
    Feed.objects.update_or_create(user=person, defaults={"token_hash": token_hash(token), "created_at": timezone.now()})
    return token
