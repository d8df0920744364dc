"""Calendar entries (RFC 5545) that say when, and nothing about whom or why.

No text that a person wrote goes in, so nothing can be smuggled in, and a calendar on a shared phone tells nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal
from urllib.parse import urlsplit

from icalendar import Calendar, Event

SUMMARY = "Consilium session"
DESCRIPTION = "Open Consilium to see who is coming and to join."
PRODUCT = "-//Consilium//Sessions//EN"


@dataclass(frozen=True)
class Entry:
    """One session as a calendar may know it; aware times, `id` in hex."""

    id: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    sequence: int
    status: Literal["CONFIRMED", "TENTATIVE", "CANCELLED"]


def calendar_text(entries: Iterable[Entry], *, origin: str) -> bytes:
    """An iCalendar object with these entries; `origin` is the address of the app, such as `https://app.example`."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Consilium")
    calendar.add("refresh-interval;value=duration", "PT15M")
    host = urlsplit(origin).hostname or "consilium"
    for entry in entries:
        calendar.add_component(_event(entry, origin, host))
    text: bytes = calendar.to_ical()
    return text


def _event(entry: Entry, origin: str, host: str) -> Event:
    event = Event()
    event.add("uid", f"{entry.id}@{host}")
    event.add("dtstamp", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("last-modified", entry.changed_at.astimezone(UTC).replace(microsecond=0))
    event.add("sequence", entry.sequence)
    event.add("dtstart", entry.starts_at.astimezone(UTC).replace(microsecond=0))
    event.add("dtend", entry.ends_at.astimezone(UTC).replace(microsecond=0))
    event.add("summary", SUMMARY)
    event.add("description", DESCRIPTION)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT" if entry.status == "CANCELLED" else "OPAQUE")
    event.add("status", entry.status)
    event.add("url", f"{origin}/sessions")
    return event
