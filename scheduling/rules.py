"""When people are free together, and which time is best. No database, no clock: `now` and all times are ms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from scheduling.times import MINUTE_MS, at_minute, local_day
from wire.errors import Invalid
from wire.scheduling import HoursRow, SchedulingCode

DAY_MS = 24 * 60 * MINUTE_MS
STEP_MS = 15 * MINUTE_MS
"""Slots begin on the quarter: all zones of today are whole quarters from UTC, so this holds on every wall."""
LONGEST_SEARCH_MS = 62 * DAY_MS
HOLD_FOR = timedelta(minutes=10)
NEAR_MS = 15 * MINUTE_MS
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STAFF_HOURS = tuple(HoursRow(weekday=day, start=9 * 60, until=17 * 60) for day in range(5))
PATIENT_HOURS = tuple(HoursRow(weekday=day, start=8 * 60, until=20 * 60) for day in range(7))
"""What holds for people who have not said: asked before every booking all the same."""
DEFAULT_NOTICE = 60


class Span(NamedTuple):
    """The time from `start` until just before `end`."""

    start: int
    end: int


@dataclass(frozen=True)
class PersonCalendar:
    """Everything that decides when one person is free; `busy` are sessions and holds, `away` and `extra` exceptions."""

    zone: ZoneInfo
    rows: tuple[HoursRow, ...]
    buffer: int = 0
    notice: int = 0
    away: tuple[Span, ...] = ()
    extra: tuple[Span, ...] = ()
    busy: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Slot:
    """A time for a session and how good it is: the lower `cost`, the better."""

    span: Span
    optional_free: int
    cost: int


def check_hours(rows: Sequence[HoursRow]) -> None:
    """Raises Invalid for hours that end before they begin, cross midnight or overlap."""
    for row in rows:
        if row.until <= row.start:
            raise Invalid(
                f"{WEEKDAYS[row.weekday]}: {_clock(row.start)} to {_clock(row.until)} ends before it begins. "
                "Hours past midnight belong to the next day: add a second row there.",
                code=SchedulingCode.HOURS_ORDER,
                re="rows",
            )
    for one, other in pairwise(sorted(rows, key=lambda row: (row.weekday, row.start))):
        if one.weekday == other.weekday and other.start < one.until:
            raise Invalid(
                f"{WEEKDAYS[one.weekday]}: {_clock(one.start)} to {_clock(one.until)} and {_clock(other.start)} to "
                f"{_clock(other.until)} overlap. Join them or change one.",
                code=SchedulingCode.HOURS_OVERLAP,
                re="rows",
            )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def check_range(starts: int, ends: int, longest: int = LONGEST_SEARCH_MS) -> None:
    """Raises Invalid for a range that ends before it begins or is longer than may be searched (ms)."""
    if ends <= starts:
        raise Invalid("The end must be after the start.", code=SchedulingCode.WRONG_RANGE, re="ends")
    if ends - starts > longest:
        raise Invalid(f"Search at most {longest // DAY_MS} days at once.", code=SchedulingCode.WRONG_RANGE, re="ends")


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in order, without overlaps, touching spans joined, empty ones gone."""
    out: list[Span] = []
    for span in sorted(spans):
        if span.end <= span.start:
            continue
        if out and span.start <= out[-1].end:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


def without(spans: Iterable[Span], taken: Iterable[Span]) -> list[Span]:
    """The time in `spans` that no `taken` span covers."""
    out: list[Span] = []
    holes = merged(taken)
    for span in merged(spans):
        start = span.start
        for hole in holes:
            if hole.end <= start:
                continue
            if hole.start >= span.end:
                break
            if hole.start > start:
                out.append(Span(start, hole.start))
            start = max(start, hole.end)
        if start < span.end:
            out.append(Span(start, span.end))
    return out


def in_both(one: Sequence[Span], other: Sequence[Span]) -> list[Span]:
    """The time that both cover; both in order and without overlaps."""
    out: list[Span] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i].start, other[j].start), min(one[i].end, other[j].end)
        if start < end:
            out.append(Span(start, end))
        if one[i].end <= other[j].end:
            i += 1
        else:
            j += 1
    return out


def _days(window: Span, zone: ZoneInfo) -> Iterator[date]:
    # A day more on each side: a zone that skipped a whole day must lose no hours to it.
    day, last = local_day(window.start - DAY_MS, zone), local_day(window.end + DAY_MS, zone)
    while day <= last:
        yield day
        day += timedelta(days=1)


def open_hours(rows: Sequence[HoursRow], zone: ZoneInfo, window: Span) -> list[Span]:
    """The weekly hours as instants within the window, across changes of the clocks (scheduling.times)."""
    spans = (
        Span(at_minute(day, row.start, zone), at_minute(day, row.until, zone))
        for day in _days(window, zone)
        for row in rows
        if row.weekday == day.weekday()
    )
    return in_both(merged(spans), [window])


def free_time(calendar: PersonCalendar, window: Span, now: int) -> list[Span]:
    """When one person may be asked: hours and extra time, less absences, notice, and sessions with their buffers."""
    window = Span(max(window.start, now + calendar.notice * MINUTE_MS), window.end)
    if window.end <= window.start:
        return []
    there = merged([*open_hours(calendar.rows, calendar.zone, window), *calendar.extra])
    buffer = calendar.buffer * MINUTE_MS
    wide = [Span(busy.start - buffer, busy.end + buffer) for busy in calendar.busy]
    return in_both(without(there, [*calendar.away, *wide]), [window])


def free_together(free: Iterable[Sequence[Span]], window: Span) -> list[Span]:
    """When all of these people are free."""
    common: list[Span] = [window]
    for spans in free:
        common = in_both(common, spans)
    return common


def is_free(span: Span, free: Sequence[Span]) -> bool:
    return any(there.start <= span.start and span.end <= there.end for there in free)


def ranked_slots(
    required: Sequence[PersonCalendar],
    optional: Sequence[PersonCalendar],
    *,
    window: Span,
    length: int,
    zone: ZoneInfo,
    now: int,
) -> list[Slot]:
    """Every slot of `length` minutes that suits all required people, the best first.

    Cost: each optional person missed 1000, each local day from the start of the window 8, half past 1, a quarter
    2, and 3 for each required person whom the slot would wedge against another session. Equal costs: the earlier.
    """
    together = free_together((free_time(calendar, window, now) for calendar in required), window)
    maybe = [free_time(calendar, window, now) for calendar in optional]
    first_day = local_day(window.start, zone)
    slots = []
    for span in _on_the_quarter(together, length * MINUTE_MS):
        coming = sum(is_free(span, free) for free in maybe)
        wedged = sum(any(_near(span, busy) for busy in calendar.busy) for calendar in required)
        days = (local_day(span.start, zone) - first_day).days
        cost = 1000 * (len(maybe) - coming) + 8 * days + _roughness(span.start) + 3 * wedged
        slots.append(Slot(span, coming, cost))
    return sorted(slots, key=lambda slot: (slot.cost, slot.span))


def _on_the_quarter(free: Iterable[Span], length: int) -> Iterator[Span]:
    for span in free:
        start = -(-span.start // STEP_MS) * STEP_MS
        while start + length <= span.end:
            yield Span(start, start + length)
            start += STEP_MS


def _near(span: Span, busy: Span) -> bool:
    return busy.start - NEAR_MS < span.end and span.start < busy.end + NEAR_MS


def _roughness(start: int) -> int:
    return (0, 2, 1, 2)[start % (4 * STEP_MS) // STEP_MS]


def slot_suits(calendar: PersonCalendar, span: Span, now: int) -> bool:
    """Whether one person may be asked for exactly this time: the question of `find`, put again by `hold`."""
    return is_free(span, free_time(calendar, span, now))
