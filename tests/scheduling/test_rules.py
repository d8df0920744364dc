"""Wall clocks and free time, over many zones and the changes of their clocks."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduling.rules import (
    DAY_MS,
    STEP_MS,
    PersonCalendar,
    Span,
    check_hours,
    free_time,
    free_together,
    in_both,
    is_free,
    merged,
    open_hours,
    ranked_slots,
    slot_suits,
    without,
)
from scheduling.times import (
    MINUTE_MS,
    Reading,
    at_minute,
    from_ms,
    instant_typed,
    parse_local,
    read_wall_clock,
    to_ms,
    zone_names,
    zone_of,
)
from wire.errors import Invalid
from wire.scheduling import HoursRow, SchedulingCode

BERLIN, UTC_ZONE = ZoneInfo("Europe/Berlin"), ZoneInfo("UTC")
HOUR = 60 * MINUTE_MS
ZONES = st.sampled_from(sorted(zone_names()))
LOCALS = st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2036, 12, 31)).map(
    lambda at: at.replace(second=0, microsecond=0)
)


def ms(text: str) -> int:
    return to_ms(datetime.fromisoformat(text).replace(tzinfo=UTC))


def span(start: str, end: str) -> Span:
    return Span(ms(start), ms(end))


def everyday(start: int, until: int) -> tuple[HoursRow, ...]:
    return tuple(HoursRow(weekday=day, start=start, until=until) for day in range(7))


def test_it_works() -> None:
    berlin = PersonCalendar(BERLIN, everyday(9 * 60, 17 * 60), busy=(span("2026-11-24T08:00", "2026-11-24T10:00"),))
    boston = PersonCalendar(ZoneInfo("America/New_York"), everyday(9 * 60, 17 * 60))
    window = span("2026-11-24T00:00", "2026-11-25T00:00")
    slots = ranked_slots([berlin, boston], [], window=window, length=60, zone=BERLIN, now=ms("2026-11-20T00:00"))
    assert [from_ms(slot.span.start).hour for slot in slots[:2]] == [14, 15]
    assert len(slots) == 5


def test_a_time_that_the_clocks_jump_over_is_the_moment_of_the_jump() -> None:
    at, reading = read_wall_clock(datetime(2026, 3, 29, 2, 30), BERLIN)
    assert (at, reading) == (ms("2026-03-29T01:00"), Reading.JUMP)


def test_a_time_that_comes_twice_is_the_first() -> None:
    at, reading = read_wall_clock(datetime(2026, 10, 25, 2, 30), BERLIN)
    assert (at, reading) == (ms("2026-10-25T00:30"), Reading.FIRST)


def test_a_day_that_a_zone_skipped_has_no_hours() -> None:
    apia = ZoneInfo("Pacific/Apia")
    assert at_minute(date(2011, 12, 30), 0, apia) == at_minute(date(2011, 12, 31), 0, apia)


@given(ZONES, LOCALS, st.integers(0, 72 * 60))
@settings(max_examples=400, deadline=None)
def test_a_later_wall_clock_never_means_an_earlier_instant(name: str, local: datetime, minutes: int) -> None:
    zone = zone_of(name)
    first, _ = read_wall_clock(local, zone)
    later, _ = read_wall_clock(local + timedelta(minutes=minutes), zone)
    assert first <= later


@given(ZONES, LOCALS)
@settings(max_examples=400, deadline=None)
def test_an_instant_shows_the_wall_clock_it_came_from_unless_that_does_not_exist(name: str, local: datetime) -> None:
    zone = zone_of(name)
    at, reading = read_wall_clock(local, zone)
    shown = from_ms(at).astimezone(zone).replace(tzinfo=None)
    assert shown == local if reading is not Reading.JUMP else shown > local
    if reading is Reading.JUMP:
        assert from_ms(at - 1000).astimezone(zone).replace(tzinfo=None) < local


@pytest.mark.parametrize("name", ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca"])
def test_ten_years_of_transitions_keep_hours_whole_and_on_the_wall(name: str) -> None:
    zone, rows = zone_of(name), everyday(9 * 60, 17 * 60)
    start = ms("2026-01-01T00:00")
    spans = open_hours(rows, zone, Span(start, start + 3650 * DAY_MS))
    for one in spans[1:-1]:
        assert from_ms(one.start).astimezone(zone).strftime("%H:%M") == "09:00"
        assert one.end - one.start == 8 * HOUR
    nights = open_hours(everyday(0, 1440), zone, Span(start, start + 3650 * DAY_MS))
    assert nights == [Span(start, start + 3650 * DAY_MS)]


@given(ZONES, st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1439), st.integers(1, 600)), max_size=8), LOCALS)
@settings(max_examples=200, deadline=None)
def test_open_hours_are_ordered_apart_and_within_the_window(
    name: str, rows: list[tuple[int, int, int]], local: datetime
) -> None:
    start = to_ms(local.replace(tzinfo=UTC))
    window = Span(start, start + 9 * DAY_MS)
    hours = [HoursRow(weekday=day, start=begin, until=min(1440, begin + long)) for day, begin, long in rows]
    spans = open_hours(hours, zone_of(name), window)
    assert spans == merged(spans)
    assert all(window.start <= one.start < one.end <= window.end for one in spans)


SPANS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 60)).map(lambda p: Span(p[0], p[0] + p[1])), max_size=9)


def _points(spans: list[Span]) -> set[int]:
    return {point for one in spans for point in range(one.start, one.end)}


@given(SPANS, SPANS)
def test_arithmetic_of_spans_is_that_of_sets(one: list[Span], other: list[Span]) -> None:
    assert _points(merged(one)) == _points(one)
    assert _points(without(one, other)) == _points(one) - _points(other)
    assert _points(in_both(merged(one), merged(other))) == _points(one) & _points(other)


@given(SPANS, SPANS, st.integers(0, 2), st.integers(0, 3))
@settings(deadline=None)
def test_every_slot_offered_suits_everybody_when_asked_again(
    busy: list[Span], away: list[Span], buffer: int, notice: int
) -> None:
    def quarters(spans: list[Span]) -> tuple[Span, ...]:
        return tuple(Span(base + one.start * STEP_MS, base + one.end * STEP_MS) for one in spans)

    base = ms("2026-03-27T00:00")
    window = Span(base, base + 3 * DAY_MS)
    people = [
        PersonCalendar(BERLIN, everyday(60, 1200), buffer * 15, notice * 60, away=quarters(away)),
        PersonCalendar(ZoneInfo("Asia/Kolkata"), everyday(0, 1440), busy=quarters(busy)),
    ]
    slots = ranked_slots(people, [], window=window, length=45, zone=BERLIN, now=base)
    together = free_together([free_time(one, window, base) for one in people], window)
    for slot in slots:
        assert is_free(slot.span, together)
        assert all(slot_suits(one, slot.span, base) for one in people)


def test_buffers_and_notice_are_kept_free() -> None:
    busy = span("2026-11-24T10:00", "2026-11-24T11:00")
    calendar = PersonCalendar(UTC_ZONE, everyday(9 * 60, 17 * 60), buffer=15, notice=60, busy=(busy,))
    window, now = span("2026-11-24T00:00", "2026-11-25T00:00"), ms("2026-11-24T08:10")
    assert free_time(calendar, window, now) == [
        span("2026-11-24T09:10", "2026-11-24T09:45"),
        span("2026-11-24T11:15", "2026-11-24T17:00"),
    ]


def test_exceptions_take_time_away_and_give_time_beyond_the_hours() -> None:
    calendar = PersonCalendar(
        UTC_ZONE,
        everyday(9 * 60, 12 * 60),
        away=(span("2026-11-24T10:00", "2026-11-24T19:00"),),
        extra=(span("2026-11-24T18:00", "2026-11-24T20:00"),),
    )
    window = span("2026-11-24T00:00", "2026-11-25T00:00")
    assert free_time(calendar, window, 0) == [
        span("2026-11-24T09:00", "2026-11-24T10:00"),
        span("2026-11-24T19:00", "2026-11-24T20:00"),
    ]


@pytest.mark.parametrize(
    ("rows", "code", "says"),
    [
        ([(0, 600, 540)], SchedulingCode.HOURS_ORDER, "Monday: 10:00 to 09:00 ends before it begins"),
        ([(2, 540, 720), (2, 700, 800)], SchedulingCode.HOURS_OVERLAP, "Join them or change one"),
    ],
)
def test_hours_that_cannot_be_are_refused(rows: list[tuple[int, int, int]], code: str, says: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_hours([HoursRow(weekday=day, start=start, until=until) for day, start, until in rows])
    assert refusal.value.code == code
    assert says in refusal.value.message


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "posix/Europe/Berlin", "CET\x00"])
def test_a_zone_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(Invalid) as refusal:
        zone_of(name)
    assert refusal.value.code == SchedulingCode.UNKNOWN_ZONE


@pytest.mark.parametrize(
    "text", ["2026-02-30T10:00", "2026-13-01T10:00", "2026-11-24T24:00", "tomorrow", "0000-01-01T00:00"]
)
def test_a_date_that_no_calendar_has_is_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_local(text, "starts")
    assert refusal.value.code == SchedulingCode.IMPOSSIBLE_DATE


def test_a_typed_time_that_does_not_exist_is_refused_with_the_next_that_does() -> None:
    with pytest.raises(Invalid) as refusal:
        instant_typed("2026-03-29T02:30", BERLIN, "starts")
    assert refusal.value.code == SchedulingCode.MISSING_TIME
    assert "choose 03:00 or later" in refusal.value.message


def test_a_typed_time_that_comes_twice_is_read_as_the_first_and_says_so() -> None:
    at, note = instant_typed("2026-10-25T02:30", BERLIN, "starts")
    assert at == ms("2026-10-25T00:30")
    assert "comes twice" in note
