"""FHIR dates and periods, whose ends are inclusive and as wide as they are written, as half-open spans of time."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from interop.elements import Element

_WRITTEN = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,6}))?(Z|[+-]\d{2}:\d{2}))?)?)?"
)
TICK = timedelta(microseconds=1)


def span_of(written: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """The first instant of a FHIR dateTime and the first after it; a date without a zone is the patient's.

    `2026-02` is all of February. Raises ValueError for what is no date.
    """
    match = _WRITTEN.fullmatch(written)
    if match is None:
        raise ValueError("not a FHIR dateTime")
    year, month, day, hour, _, _, fraction, _ = match.groups()
    if hour is not None:
        begin = datetime.fromisoformat(re.sub(r"\.\d+", f".{(fraction or '0').ljust(6, '0')}", written))
        return begin, begin + (timedelta(seconds=1) if fraction is None else TICK * 10 ** (6 - len(fraction)))
    begin = datetime(int(year), int(month or 1), int(day or 1), tzinfo=zone)
    try:
        if day is not None:
            return begin, begin + timedelta(days=1)
        if month is not None:
            return begin, begin.replace(year=begin.year + begin.month // 12, month=begin.month % 12 + 1)
        return begin, begin.replace(year=begin.year + 1)
    except OverflowError as error:
        raise ValueError("beyond the calendar") from error


def moment(element: Element, name: str, zone: tzinfo) -> datetime | None:
    """The first instant of a dateTime; what is none is refused."""
    span = _span(element, name, zone)
    return span[0] if span else None


def _span(element: Element, name: str, zone: tzinfo) -> tuple[datetime, datetime] | None:
    written = element.text(name)
    if not written:
        return None
    try:
        return span_of(written, zone)
    except (ValueError, OverflowError):
        element.refuse("not-a-date", "This is not a date or time.", name)
        return None


def period(element: Element | None, zone: tzinfo) -> tuple[datetime | None, datetime | None]:
    """(from, until) of a Period, until excluded; one that ends before it begins is refused."""
    if element is None:
        return None, None
    start, end = _span(element, "start", zone), _span(element, "end", zone)
    if start and end and end[1] <= start[0]:
        element.refuse("period-reversed", "It ends before it begins.")
    return (start[0] if start else None), (end[1] if end else None)


def written(at: datetime) -> str:
    """A FHIR dateTime to the microsecond where there is one."""
    return at.isoformat().replace("+00:00", "Z")


def written_period(begin: datetime | None, until: datetime | None) -> dict[str, str] | None:
    """A Period for a half-open span: its end is the last microsecond within."""
    found = {}
    if begin is not None:
        found["start"] = written(begin)
    if until is not None:
        found["end"] = _precise(until - TICK)
    return found or None


def _precise(at: datetime) -> str:
    """With all six places, so that the reader adds one microsecond and not one second."""
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")
