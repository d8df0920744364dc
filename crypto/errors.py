"""One error for everything that CT1 refuses."""

from __future__ import annotations

from crypto.tables import ErrorCode


class Ct1Error(ValueError):
    """A rule of docs/protocol.md is broken; `code` is from the closed list there and the same in both languages."""

    def __init__(self, code: ErrorCode, message: str = "") -> None:
        super().__init__(message or code)
        self.code: ErrorCode = code

    def __reduce__(self) -> tuple[type[Ct1Error], tuple[ErrorCode, str]]:
        return Ct1Error, (self.code, str(self))
