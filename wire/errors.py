"""Every refusal the product can utter: a stable code, and one map to HTTP status and socket close code."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Literal

from wire.base import Body, Frame


class Code(StrEnum):
    """Codes that are not CT1's own; CT1 codes (`E_…`) pass through unchanged and are listed in docs/protocol.md."""

    NOT_FOUND = "not_found"
    SIGNED_OUT = "signed_out"
    REFUSED = "refused"
    BAD_FRAME = "bad_frame"
    UNKNOWN_FRAME = "unknown_frame"
    TOO_LARGE = "too_large"
    INVALID = "invalid"
    CONFLICT = "conflict"
    GONE = "gone"
    BUSY = "busy"
    TOO_MANY = "too_many"
    HELLO_FIRST = "hello_first"
    PROTOCOL_VERSION = "protocol_version"
    UNAVAILABLE = "unavailable"
    PDP_UNAVAILABLE = "PDP_UNAVAILABLE"
    """The store does not answer, so nothing can be decided, and what cannot be decided is refused."""
    INTERNAL = "internal"


class Close(IntEnum):
    """WebSocket close codes (RFC 6455 section 7.4.2, the private range) that the client acts upon."""

    SIGNED_OUT = 4401
    FORBIDDEN_ORIGIN = 4403
    ABUSE = 4429
    PROTOCOL = 4400
    SLOW_READER = 1013


class ErrorBody(Body):
    """What a refused HTTP request answers: `code` for programs, `message` for people, `re` the field or id meant."""

    code: str
    message: str
    re: str = ""


class ErrorFrame(Frame):
    """Server → client: the frame named by `re` was refused; nothing was written."""

    type: Literal["error"] = "error"
    code: str
    message: str
    re: str = ""


class ConsiliumError(Exception):
    """A refusal with a stable code; `status` is its HTTP status, `re` names what it is about."""

    status = 400
    code: str = Code.INVALID

    def __init__(self, message: str, *, code: str | None = None, re: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.re = re

    def body(self) -> ErrorBody:
        return ErrorBody(code=str(self.code), message=self.message, re=self.re)

    def frame(self, re: str = "") -> ErrorFrame:
        return ErrorFrame(code=str(self.code), message=self.message, re=re or self.re)


class Invalid(ConsiliumError):
    """The request cannot be understood or breaks a stated rule."""


class SignedOut(ConsiliumError):
    """There is no session, or it has ended."""

    status = 401
    code = Code.SIGNED_OUT


class Refused(ConsiliumError):
    """Known, and not allowed; used only where the object's existence is no secret to the asker."""

    status = 403
    code = Code.REFUSED


class NotFound(ConsiliumError):
    """Absent or forbidden: one answer for both, so that asking teaches nothing."""

    status = 404
    code = Code.NOT_FOUND

    def __init__(self, message: str = "There is nothing here that you can open.", *, re: str = "") -> None:
        super().__init__(message, re=re)


class Conflict(ConsiliumError):
    """The object moved since the asker last saw it: fetch, and try again."""

    status = 409
    code = Code.CONFLICT


class Gone(ConsiliumError):
    """It was here, and was destroyed: asking again is of no use."""

    status = 410
    code = Code.GONE


class TooLarge(ConsiliumError):
    """More bytes than may be sent here; nothing of it was kept."""

    status = 413
    code = Code.TOO_LARGE


class TooMany(ConsiliumError):
    """A bound was reached: wait, and try again."""

    status = 429
    code = Code.TOO_MANY


class Unavailable(ConsiliumError):
    """A part that this needs does not answer."""

    status = 503
    code = Code.UNAVAILABLE
