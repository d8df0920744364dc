"""uvicorn's WebSocket protocol with two short cuts, offered to the application in the scope's extensions.

A frame that is made already is written as it is, and a binary frame is handed on in the step in which it was read.
A server without them (`EXTENSION` is not in the scope) serves the same application by the ordinary road.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.frames import Frame
from websockets.http11 import Request

from live.outlet import EXTENSION

CUT_SECONDS = 5.0


class RawSocketProtocol(WebSocketsSansIOProtocol):
    """One socket; `on_binary` and `write_frame` are what `live.outlet` uses of it."""

    on_binary: Callable[[bytes], None] | None = None

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if hasattr(self, "scope"):
            extensions = cast("dict[str, Any]", self.scope["extensions"])
            extensions[EXTENSION] = self

    def handle_bytes(self, event: Frame) -> None:
        if self.on_binary is not None and event.fin and not self.close_sent:
            self.on_binary(bytes(event.data))
        else:
            super().handle_bytes(event)

    def write_frame(self, frame: bytes) -> int:
        """Writes a whole frame at once and returns how many bytes now wait for the device; 0 when it has gone.

        Deflate is off and the server fragments nothing, so a frame may go out between any two others.
        """
        if self.disconnected or self.close_sent or not self.handshake_complete or self.transport.is_closing():
            return 0
        self.transport.write(frame)
        return self.transport.get_write_buffer_size()

    def cut(self, code: int) -> None:
        """Says goodbye behind what the device has not taken, and hangs up whether it listens or not."""
        if self.disconnected or self.close_sent:
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        self.conn.send_close(code)
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.close_timer = self.loop.call_later(CUT_SECONDS, self.transport.abort)
