"""The connection under the socket: texts in order until it ends. Tests put a hostile one in its place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

import websockets
from websockets.exceptions import ConnectionClosed, WebSocketException

from client.api import Api
from client.errors import Closed, Unreachable

OPEN_SECONDS = 10.0
LARGEST = 1_048_576


class Line(Protocol):
    """One open connection. `send` and `receive` raise Closed when it has ended."""

    async def send(self, text: str) -> None:
        """Hands a text to the network."""

    async def receive(self) -> str:
        """Waits for the next text."""

    async def close(self) -> None:
        """Says goodbye."""

    def abort(self) -> None:
        """Breaks off without a goodbye, as a lost network does."""


Dial = Callable[[Api], Awaitable[Line]]


class _WebSocket:
    def __init__(self, socket: websockets.ClientConnection) -> None:
        self._socket = socket

    async def send(self, text: str) -> None:
        try:
            await self._socket.send(text)
        except (OSError, WebSocketException) as error:
            raise _closed(error) from error

    async def receive(self) -> str:
        try:
            text = await self._socket.recv()
        except (OSError, WebSocketException) as error:
            raise _closed(error) from error
        return text if isinstance(text, str) else ""

    async def close(self) -> None:
        await self._socket.close()

    def abort(self) -> None:
        self._socket.transport.abort()


def _closed(error: Exception) -> Closed:
    heard = error.rcvd if isinstance(error, ConnectionClosed) else None
    return Closed(heard.code) if heard is not None else Closed()


async def dial(api: Api) -> Line:
    """Opens `/ws` with the session of an Api; raises Unreachable."""
    try:
        socket = await websockets.connect(
            api.base_url.replace("http", "ws", 1) + "/ws",
            origin=websockets.Origin(api.base_url),
            additional_headers={"Cookie": api.cookie_header()},
            open_timeout=OPEN_SECONDS,
            max_size=LARGEST,
            compression=None,
        )
    except (OSError, WebSocketException, TimeoutError, ValueError) as error:
        raise Unreachable(f"socket: {type(error).__name__}") from error
    return _WebSocket(socket)
