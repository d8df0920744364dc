"""How one device's socket is written to: never waited for, and cut when it does not keep up."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Protocol

from live.ready import Ready

EXTENSION = "consilium.raw"
BUFFERED = 1_048_576
"""Bytes that may wait for a device; beyond them it is cut, comes back, and fetches what it lacks."""
QUEUED = 1_000
"""Frames that may wait for it: before it is welcomed, or where the server has no raw road."""


class Raw(Protocol):
    """What a server's socket offers beyond ASGI (`live.protocol`)."""

    on_binary: Callable[[bytes], None] | None

    def write_frame(self, frame: bytes) -> int:
        """Writes at once; returns the bytes that wait."""

    def cut(self, code: int) -> None:
        """Closes without waiting for the device to take what it was sent."""


class Outlet:
    """A device's end of the fan-out. `cut` is called once, when the device cannot keep up.

    What is written before `open` waits until then: a device is welcomed before it hears anything else.
    """

    def __init__(
        self, scope: Mapping[str, Any], send: Callable[[Ready], Awaitable[None]], cut: Callable[[], None]
    ) -> None:
        self.raw: Raw | None = (scope.get("extensions") or {}).get(EXTENSION)
        self.binary = False
        self._send, self._cut = send, cut
        self._waiting: deque[Ready] = deque()
        self._opened = self._ended = False
        self._task: asyncio.Task[None] | None = None

    def open(self) -> None:
        """From here on frames go out at once; those that waited go first."""
        self._opened = True
        while self._waiting and self.raw is not None:
            self._write_raw(self.raw, self._waiting.popleft())
        self._drain_soon()

    def close(self) -> None:
        """Nothing more goes out."""
        self._ended = True
        self._waiting.clear()

    def write(self, ready: Ready) -> None:
        """Writes a frame, or lets it wait its turn; never blocks."""
        if self._ended:
            return
        if self._opened and self.raw is not None:
            self._write_raw(self.raw, ready)
            return
        self._waiting.append(ready)
        if len(self._waiting) > QUEUED:
            self._end()
        elif self._opened:
            self._drain_soon()

    def _write_raw(self, raw: Raw, ready: Ready) -> None:
        if raw.write_frame(ready.framed(binary=self.binary)) > BUFFERED:
            self._end()

    def _end(self) -> None:
        self.close()
        self._cut()

    def _drain_soon(self) -> None:
        if self._waiting and (self._task is None or self._task.done()):
            self._task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self._waiting and not self._ended:
            await self._send(self._waiting.popleft())
