"""How large a file may be, what a download may ask for, and which upload is given up: without database or clock."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from crypto.attachments import is_sealed_size
from wire.attachments import AttachmentCode
from wire.errors import Code, ConsiliumError, Invalid, TooLarge, TooMany

GIVEN_UP = timedelta(days=7)
"""An upload that is not whole by then is swept; so is a whole file that no message has carried by then."""


@dataclass(frozen=True)
class Limits:
    """In bytes of what is sealed: of one file, and of all that a person and a thread keep."""

    file: int
    person: int
    thread: int


def refusal_of_size(size: int, limits: Limits, *, of_person: int, of_thread: int) -> ConsiliumError | None:
    """The first reason not to begin a file of so many sealed bytes beside what is kept already, or None."""
    if size > limits.file:
        return TooLarge(f"A file may have {limits.file // 1_000_000} MB. Send it in parts, or another way.", re="size")
    if not is_sealed_size(size):
        return Invalid("No file is sealed to that size: it must be padded.", code="E_ATT", re="size")
    if of_person + size > limits.person:
        return TooMany("You keep as many files as you may. Take back some.", code=AttachmentCode.PERSON_FULL)
    if of_thread + size > limits.thread:
        return TooMany("This conversation keeps as many files as it may.", code=AttachmentCode.THREAD_FULL)
    return None


_RANGE = re.compile(r"bytes=(\d{1,16})-(\d{1,16})?")


@dataclass(frozen=True)
class Span:
    """The bytes from `start` up to and without `end`."""

    start: int
    end: int

    def content_range(self, size: int) -> str:
        return f"bytes {self.start}-{self.end - 1}/{size}"


def span_of(header: str, size: int) -> Span | None:
    """What one `Range` asks of so many bytes (RFC 9110 14.2); None for no range, or one that is not understood.

    Raises ConsiliumError with status 416 for one that begins beyond the end.
    """
    asked = _RANGE.fullmatch(header.strip())
    if asked is None:
        return None
    start, last = int(asked[1]), int(asked[2]) if asked[2] else size - 1
    if last < start and asked[2]:
        return None
    if start >= size:
        raise _BeyondEnd("The file ends before that.", re="range")
    return Span(start, min(last + 1, size))


class _BeyondEnd(ConsiliumError):
    status = 416
    code = Code.INVALID


def is_given_up(begun_at: datetime, now: datetime) -> bool:
    """Whether an upload that was begun then has had its time."""
    return now - begun_at > GIVEN_UP
