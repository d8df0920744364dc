"""A thread as it leaves the server for whoever holds its compliance key, and the word that it was opened.

The export is a file that `manage.py export_records` writes and `python -m client.records open` reads: nothing in it is
in the clear but what the server knows already.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import Field

from wire.base import B64, Body, Id16, Id32, Millis, Signature
from wire.messaging import MessageOut, SealOut, SignedLogEntry
from wire.people import PersonKeys


class RecordsCode(StrEnum):
    """Refusals of records that a client acts upon, besides those of wire.errors and CT1's."""

    SECOND_FACTOR = "second_factor_needed"
    """The session has shown no second factor within the last fifteen minutes."""
    NO_COMPLIANCE_KEY = "no_compliance_key"
    """The thread began without a key: nobody but its readers can ever open it."""


class RecordsExport(Body):
    """A whole thread: its log and the keys to read it with, the epochs sealed to the compliance key, every message."""

    kind: Literal["records-export"] = "records-export"
    version: Literal[1] = 1
    id: Id16
    thread: Id32
    made: Millis
    entries: list[SignedLogEntry]
    people: list[PersonKeys]
    seals: list[SealOut]
    head: int = Field(ge=0)
    """How many messages the thread has: `seq` runs from 1 to here."""
    messages: list[MessageOut]


class OpeningIn(Body):
    """`POST /api/records/openings`: the signed access record (CT1 3.14), before a word is read.

    For a privacy officer of the patient's organisation, with a recent second factor; `not_found` for everybody else.
    The same bytes again are the same opening. Answered with `OpeningOut`.
    """

    body: B64 = Field(min_length=1, max_length=4096)
    sig: Signature


class OpeningOut(Body):
    """That the ledger holds it."""

    export: Id16
    at: Millis


class OpenedMessage(Body):
    """One line of `messages.jsonl`: a message as its sender signed it, or the code of why its content does not open.

    `gap`: it cites a message that is not in the thread. `body` is the sender's JSON.
    """

    seq: int
    at: Millis
    written: Millis | None = None
    sender: Id16 | None = None
    sender_name: str = ""
    ctype: int = 0
    body: dict[str, object] = Field(default_factory=dict)
    code: str = ""
    gap: bool = False
