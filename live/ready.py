"""A frame made once and written to many sockets."""

from __future__ import annotations

import struct
from collections.abc import Callable

TEXT, BINARY = 0x1, 0x2
_FIN = 0x80


def websocket_frame(opcode: int, payload: bytes) -> bytes:
    """One unfragmented frame as a server writes it: never masked (RFC 6455 sections 5.1 and 5.2)."""
    size = len(payload)
    if size < 126:
        return struct.pack("!BB", _FIN | opcode, size) + payload
    if size < 65_536:
        return struct.pack("!BBH", _FIN | opcode, 126, size) + payload
    return struct.pack("!BBQ", _FIN | opcode, 127, size) + payload


class Ready:
    """What many devices are told: its text, its bytes where the frame has a binary form, each framed at most once."""

    __slots__ = ("_binary", "_framed_binary", "_framed_text", "_make_text", "_text")

    def __init__(self, text: str | Callable[[], str], binary: bytes | None = None) -> None:
        self._text = text if isinstance(text, str) else None
        self._make_text = text if callable(text) else None
        self._binary = binary
        self._framed_text = self._framed_binary = b""

    @property
    def text(self) -> str:
        if self._text is None:
            assert self._make_text is not None
            self._text = self._make_text()
        return self._text

    def plain(self, *, binary: bool) -> str | bytes:
        """What a library that frames by itself is given."""
        return self._binary if binary and self._binary is not None else self.text

    def framed(self, *, binary: bool) -> bytes:
        """The bytes for the socket, in binary form where the device wants it and the frame has one."""
        if binary and self._binary is not None:
            if not self._framed_binary:
                self._framed_binary = websocket_frame(BINARY, self._binary)
            return self._framed_binary
        if not self._framed_text:
            self._framed_text = websocket_frame(TEXT, self.text.encode())
        return self._framed_text
