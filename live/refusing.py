"""A socket that opens while the store is away: told why in our own words, and closed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import structlog

from live.store import UNREACHABLE, unavailable
from wire.errors import Close

HELLO_S = 5.0
log = structlog.get_logger("store")
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]


def refusing_while_unreachable(inner: Application) -> Application:
    """Wraps whatever finds a socket's session, person and channel: none of it may hang or end without a word."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        begun = ended = False

        async def noting(message: Any) -> None:
            nonlocal begun, ended
            begun = begun or message["type"] in ("websocket.accept", "websocket.close")
            ended = ended or message["type"] == "websocket.close"
            await send(message)

        try:
            await inner(scope, receive, noting)
        except UNREACHABLE as error:
            log.warning("socket.refused", error=type(error).__name__)
            if ended:
                return
            if not begun:
                await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": unavailable().frame().model_dump_json()})
            await _first_word(receive)
            await send({"type": "websocket.close", "code": int(Close.SLOW_READER)})

    return application


async def _first_word(receive: Receive) -> None:
    """Waits for the client's hello: it may not yet have read what a closed socket would throw away."""
    with suppress(TimeoutError):
        async with asyncio.timeout(HELLO_S):
            while (await receive())["type"] == "websocket.connect":
                continue
