"""When a person may be told something, and who may hand over a duty: no database, no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from people.notices import Kind

DAY_MINUTES = 24 * 60


@dataclass(frozen=True)
class Quiet:
    """Quiet from minute `start` of a person's day to minute `end`, of the next day if that is not later."""

    zone: ZoneInfo
    start: int
    end: int


def moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """The instant of a wall-clock minute: one that the clocks jump over is the jump, one that comes twice the first."""
    wall = datetime.combine(day, time(minute // 60, minute % 60), zone)
    found = wall.astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
        return found
    # In a gap fold=0 counts with the offset before the jump and lands behind it by as much as was asked into it.
    low, high = found - timedelta(hours=3), found
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)


def quiet_until(now: datetime, quiet: Quiet) -> datetime | None:
    """The end of the quiet hours that `now` falls into, or None outside them; equal ends are no quiet at all."""
    if quiet.start == quiet.end:
        return None
    today = now.astimezone(quiet.zone).date()
    for day in (today - timedelta(days=1), today):
        last = day if quiet.start < quiet.end else day + timedelta(days=1)
        begins, ends = moment(day, quiet.start, quiet.zone), moment(last, quiet.end, quiet.zone)
        if begins <= now < ends:
            return ends
    return None


def due_at(now: datetime, kind: Kind, quiet: Quiet | None) -> datetime:
    """When a notice of this kind is sent: at once, or when the quiet hours are over."""
    if quiet is None or kind.breaks_quiet:
        return now
    return quiet_until(now, quiet) or now


def may_give(*, leads: bool, holds: bool, to_self: bool) -> bool:
    """Who hands a role on: its holder, who leads in the organisation, and anybody of the staff to themself."""
    return leads or holds or to_self
