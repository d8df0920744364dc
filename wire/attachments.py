"""Files of a thread: begun with their size, brought in pieces, finished by their hash, fetched by range, destroyed.

The bytes are sealed as docs/protocol.md 3.9 says; the server never has the key. A file has the id of the message that
carries it, which is posted once the file is whole.

A client that sends one: `POST …/attachments`; `PUT …/content?offset=` with at most MAX_PIECE bytes each, in order;
`POST …/finish`; then the message. After a cut, `GET …/attachments/{id}` says how far it got.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from wire.base import Body, Id16, Id32, Millis

MAX_PIECE = 1_048_576
"""Bytes of one piece: what a server and a client hold in memory of a file."""

Size = Annotated[int, Field(ge=1, le=2**53 - 1)]


class AttachmentCode(StrEnum):
    """Refusals of files that a client acts upon, besides CT1's own codes and those of wire.errors."""

    OUT_OF_ORDER = "out_of_order"
    """The piece begins where none is expected: `re` says how many bytes are there, go on from there."""
    DIFFERS = "piece_differs"
    """These bytes came before, and were others: what is there is not this file."""
    INCOMPLETE = "incomplete"
    """Not all of it is there: `re` says how many bytes are."""
    PERSON_FULL = "person_full"
    THREAD_FULL = "thread_full"
    DISK_FULL = "disk_full"


class AttachmentBegin(Body):
    """`POST /api/threads/{thread}/attachments`: again with the same id and size it answers what is there."""

    id: Id16
    """The msg_id of the message that will carry it."""
    size: Size
    """Of the sealed bytes; a piece beyond it is refused."""


class AttachmentFinish(Body):
    """`POST …/attachments/{id}/finish`: the BLAKE2b-256 of the sealed bytes, which the server compares."""

    hash: Id32


class AttachmentOut(Body):
    """A file as it is on the server. `received` counts the sealed bytes that are there, from the first on."""

    id: Id16
    size: int
    received: int
    state: Literal["open", "whole", "gone"]
    uploader: Id16
    begun_at: Millis
    gone_at: Millis | None = None
    gone_by: Id16 | None = None
