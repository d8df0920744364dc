"""People's calendars, read in a bounded number of queries, and locked before anything is taken from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from messaging.reading import posts_of
from people.models import Patient
from scheduling.models import Calendar, Claim, HoursException, WorkingHours
from scheduling.rules import DEFAULT_NOTICE, PATIENT_HOURS, STAFF_HOURS, PersonCalendar, Span
from scheduling.times import MINUTE_MS, from_ms, to_ms, zone_names, zone_of
from wire.scheduling import Hours, HoursRow

WIDEST_MS = 150 * MINUTE_MS
"""The longest buffer and what counts as near: sessions this far outside a window still matter in it."""


def lock_calendars(users: Iterable[UUID]) -> None:
    """Takes these people's calendars for this transaction, in one order, so that two holds never wait on each other.

    On SQLite the transaction is immediate and holds the lock of all calendars already.
    """
    ids = sorted(set(users))
    Calendar.objects.bulk_create([Calendar(user_id=user_id) for user_id in ids], ignore_conflicts=True)
    list(Calendar.objects.select_for_update().filter(pk__in=ids).order_by("pk"))


def standing(now: datetime) -> Q:
    """Claims that take time at this moment: those of sessions booked, and of holds that have not lapsed."""
    return Q(until=None) | Q(until__gt=now)


def hours_of(users: Iterable[UUID]) -> dict[UUID, Hours]:
    """The weekly hours of each person, as they said or by default in the zone of their post or record."""
    ids = list(users)
    rows: defaultdict[UUID, list[HoursRow]] = defaultdict(list)
    for row in WorkingHours.objects.filter(calendar__in=ids).order_by("weekday", "start"):
        rows[row.calendar_id].append(HoursRow(weekday=row.weekday, start=row.start, until=row.until))
    said = {calendar.pk: calendar for calendar in Calendar.objects.filter(pk__in=ids).exclude(zone="")}
    known = {
        user_id: Hours(zone=found.zone, rows=rows[user_id], buffer=found.buffer, notice=found.notice)
        for user_id, found in said.items()
    }
    return {**_default_hours([user_id for user_id in ids if user_id not in known]), **known}


def _default_hours(users: list[UUID]) -> dict[UUID, Hours]:
    posts = posts_of(users)
    homes = dict(Patient.objects.filter(account__in=users).values_list("account_id", "zone"))
    out = {}
    for user_id in users:
        staff = posts.get(user_id)
        zone = staff.organisation.zone if staff else homes.get(user_id, "UTC")
        rows = list(STAFF_HOURS if staff else PATIENT_HOURS)
        out[user_id] = Hours(zone=zone if zone in zone_names() else "UTC", rows=rows, notice=DEFAULT_NOTICE)
    return out


def calendars_of(users: Iterable[UUID], window: Span, now: datetime) -> Mapping[UUID, PersonCalendar]:
    """Everything that decides when these people are free within the window (ms)."""
    ids = list(users)
    first, last = from_ms(window.start - WIDEST_MS), from_ms(window.end + WIDEST_MS)
    overlaps = Q(starts_at__lt=last, ends_at__gt=first)
    busy: defaultdict[UUID, list[Span]] = defaultdict(list)
    for claim in Claim.objects.filter(overlaps, standing(now), user__in=ids):
        busy[claim.user_id].append(Span(to_ms(claim.starts_at), to_ms(claim.ends_at)))
    away: defaultdict[UUID, list[Span]] = defaultdict(list)
    extra: defaultdict[UUID, list[Span]] = defaultdict(list)
    for row in HoursException.objects.filter(overlaps, calendar__in=ids):
        (extra if row.open else away)[row.calendar_id].append(Span(to_ms(row.starts_at), to_ms(row.ends_at)))
    return {
        user_id: PersonCalendar(
            zone=zone_of(hours.zone),
            rows=tuple(hours.rows),
            buffer=hours.buffer,
            notice=hours.notice,
            away=tuple(away[user_id]),
            extra=tuple(extra[user_id]),
            busy=tuple(busy[user_id]),
        )
        for user_id, hours in hours_of(ids).items()
    }
