"""Wall clocks and instants. No database, no clock of its own.

The rule for wall-clock times, the same everywhere: one that the clocks jump over means the moment of the jump, one
that comes twice means the first. Read so, a later wall-clock time never means an earlier instant, in any zone, and
weekly hours never turn inside out. What a person types as a single date and time is refused when it does not exist.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from wire.errors import Invalid
from wire.scheduling import SchedulingCode

MINUTE_MS = 60_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_PLACES = ("posix/", "right/", "Factory", "localtime")
_LOCAL = re.compile(r"(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})")


class Reading(StrEnum):
    """How a wall-clock time was read: it is there once, it comes twice, or the clocks jump over it."""

    ONCE = "once"
    FIRST = "first"
    JUMP = "jump"


@cache
def zone_names() -> frozenset[str]:
    """Every IANA zone this server knows."""
    return frozenset(name for name in available_timezones() if not name.startswith(_NOT_PLACES))


def zone_of(name: str) -> ZoneInfo:
    """The zone of an IANA name; raises Invalid with what to do instead."""
    if name not in zone_names():
        raise Invalid(
            "This time zone is not known: choose one from the list, such as Europe/Berlin.",
            code=SchedulingCode.UNKNOWN_ZONE,
            re="zone",
        )
    return ZoneInfo(name)


def to_ms(moment: datetime) -> int:
    """An aware datetime as milliseconds since the epoch, exactly."""
    return (moment - EPOCH) // timedelta(milliseconds=1)


def from_ms(at: int) -> datetime:
    """Milliseconds since the epoch as an aware datetime in UTC; raises Invalid beyond the calendar."""
    try:
        return EPOCH + timedelta(milliseconds=at)
    except OverflowError:
        raise Invalid(
            "This date is beyond the calendar: choose a nearer one.", code=SchedulingCode.IMPOSSIBLE_DATE
        ) from None


def read_wall_clock(local: datetime, zone: ZoneInfo) -> tuple[int, Reading]:
    """The instant (ms) that a naive wall-clock time means in a zone, by the rule above, and how it was read."""
    first, second = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(zone).replace(tzinfo=None) != local:
        return _jump_between(second, first, zone), Reading.JUMP
    return to_ms(first), Reading.ONCE if first == second else Reading.FIRST


def _jump_between(before: datetime, after: datetime, zone: ZoneInfo) -> int:
    """The instant in (before, after] from which the later offset holds; halving, since no API tells it."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = before.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, UTC).astimezone(zone).utcoffset() == offset:
            low = middle
        else:
            high = middle
    return high * 1000


def parse_local(text: str, field: str) -> datetime:
    """A naive datetime from `2026-11-24T09:30`; raises Invalid for a date that no calendar has."""
    found = _LOCAL.fullmatch(text)
    if found is None:
        raise Invalid(
            "Write a date and a time, such as 2026-11-24T09:30.", code=SchedulingCode.IMPOSSIBLE_DATE, re=field
        )
    try:
        return datetime(*(int(part) for part in found.groups()))  # type: ignore[arg-type]  # five ints, no tzinfo
    except ValueError:
        raise Invalid(
            f"There is no {text.replace('T', ' ')} in the calendar: choose another date or time.",
            code=SchedulingCode.IMPOSSIBLE_DATE,
            re=field,
        ) from None


def instant_typed(text: str, zone: ZoneInfo, field: str) -> tuple[int, str]:
    """What a person typed, as an instant and a note to show them; refuses a time that the clocks jump over."""
    local = parse_local(text, field)
    try:
        at, reading = read_wall_clock(local, zone)
    except OverflowError:
        raise Invalid(
            "This date is beyond the calendar: choose a nearer one.", code=SchedulingCode.IMPOSSIBLE_DATE, re=field
        ) from None
    if reading is Reading.JUMP:
        there = from_ms(at).astimezone(zone)
        raise Invalid(
            f"{local:%H:%M} does not exist on {local:%-d %B %Y} in {zone.key}, where the clocks jump forward: "
            f"choose {there:%H:%M} or later.",
            code=SchedulingCode.MISSING_TIME,
            re=field,
        )
    twice = f"{local:%H:%M} comes twice on {local:%-d %B %Y} in {zone.key}: the first is meant."
    return at, twice if reading is Reading.FIRST else ""


def day_start(day: date, zone: ZoneInfo) -> int:
    """The first instant (ms) of a local day."""
    return at_minute(day, 0, zone)


def at_minute(day: date, minute: int, zone: ZoneInfo) -> int:
    """The instant (ms) of a minute of the wall clock on a local day; 1440 is the next midnight."""
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    return read_wall_clock(local, zone)[0]


def local_day(at: int, zone: ZoneInfo) -> date:
    """The date on the wall at an instant."""
    return from_ms(at).astimezone(zone).date()
