"""What can go wrong between this client and a server."""

from __future__ import annotations


class ApiError(Exception):
    """The server refused: its stable code, its sentence, the HTTP status (0 on the socket), what it is about."""

    def __init__(self, code: str, message: str, *, status: int = 0, re: str = "") -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.status, self.re = code, message, status, re


class Unreachable(Exception):
    """The server did not answer in time, or broke off; whatever was sent is safe to send again."""


class Closed(Unreachable):
    """The connection ended; `code` is the socket's close code (wire/errors.py `Close`), 1006 for a broken one."""

    def __init__(self, code: int = 1006) -> None:
        super().__init__(f"socket: closed with {code}")
        self.code = code


class Untrusted(Exception):
    """The server told something that its signatures do not bear out: stop, and verify in person."""
