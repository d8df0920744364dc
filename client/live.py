"""The socket half of the client: handshake, heartbeat, one answer for each frame sent, and the pushes in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import websockets
from pydantic import ValidationError
from websockets.exceptions import WebSocketException

from client.api import Api
from client.errors import ApiError, Unreachable
from wire.base import Frame, b64
from wire.live import Hello, Ping, Welcome
from wire.messaging import (
    InvitationChanged,
    MarksChanged,
    MessageAck,
    MessageNew,
    MessagePost,
    RequestNew,
    ThreadChanged,
    ThreadLost,
)

PROTOCOL = 1
OPEN_SECONDS, ANSWER_SECONDS, BEAT_SECONDS = 10.0, 15.0, 20.0
PUSHES_HELD = 10_000
"""A reader slower than this loses the oldest pushes; a push is a hint, and the next fetch finds what it hinted at."""

Push = MessageNew | ThreadChanged | ThreadLost | MarksChanged | InvitationChanged | RequestNew
_PUSHES: dict[str, type[Push]] = {
    frame.model_fields["type"].default: frame
    for frame in (MessageNew, ThreadChanged, ThreadLost, MarksChanged, InvitationChanged, RequestNew)
}


class Live:
    """One device's socket, with the session of an Api that is signed in; use as `async with`."""

    def __init__(self, api: Api, heads: Mapping[str, int] | None = None) -> None:
        self._api, self._heads = api, dict(heads or {})
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._pushes: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(PUSHES_HELD)
        self._tasks: list[asyncio.Task[None]] = []
        self.welcome: Welcome | None = None

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> Welcome:
        """Connects and says hello; raises Unreachable, or ApiError when the server refuses."""
        address = self._api.base_url.replace("http", "ws", 1) + "/ws"
        try:
            self._socket = await websockets.connect(
                address,
                origin=websockets.Origin(self._api.base_url),
                additional_headers={"Cookie": self._api.cookie_header()},
                open_timeout=OPEN_SECONDS,
                max_size=1_048_576,
                compression=None,
            )
            hello = Hello(protocol=PROTOCOL, device=self._api.device, heads=self._heads)
            await self._socket.send(hello.model_dump_json())
            raw = json.loads(await asyncio.wait_for(self._socket.recv(), OPEN_SECONDS))
        except (OSError, WebSocketException, TimeoutError, ValueError) as error:
            raise Unreachable(f"socket: {type(error).__name__}") from error
        if raw.get("type") != "welcome":
            raise ApiError(str(raw.get("code", "refused")), str(raw.get("message", "")))
        self.welcome = Welcome.model_validate(raw)
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._beat())]
        return self.welcome

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(WebSocketException, OSError):
            await self._socket.close()

    async def post(self, message: MessagePost) -> MessageAck:
        """Posts a message and waits for its ack; after Unreachable the same frame is safe to send again."""
        return MessageAck.model_validate(await self.ask(message, b64(message.id)))

    async def ask(self, frame: Frame, name: str) -> dict[str, Any]:
        """Sends a frame and waits for the one that answers it (`re` equal to `name`), or raises its ApiError."""
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[name] = waiting
        try:
            await self._socket.send(frame.model_dump_json())
            answer = await asyncio.wait_for(waiting, ANSWER_SECONDS)
        except (OSError, WebSocketException, TimeoutError) as error:
            raise Unreachable("socket: no answer") from error
        finally:
            self._answers.pop(name, None)
        if answer.get("type") == "error":
            raise ApiError(answer["code"], answer["message"], re=answer.get("re", ""))
        return answer

    async def next_push(self, timeout: float) -> Push:
        """The next push that this client knows; raises Unreachable when the socket is gone, TimeoutError in vain."""
        async with asyncio.timeout(timeout):
            while True:
                raw = await self._pushes.get()
                if raw is None:
                    raise Unreachable("socket: closed")
                kind = _PUSHES.get(str(raw.get("type")))
                if kind is not None:
                    return kind.model_validate(raw)

    async def drop(self) -> None:
        """Breaks the connection off without a goodbye, as a lost network does."""
        self._socket.transport.abort()

    async def pushes(self) -> AsyncIterator[Push]:
        """Every push until the socket closes; it waits as long as there is silence, behind the heartbeat."""
        while True:
            try:
                yield await self.next_push(2 * BEAT_SECONDS)
            except TimeoutError:
                continue
            except Unreachable:
                return

    async def _read(self) -> None:
        try:
            async for text in self._socket:
                with suppress(ValueError, ValidationError):
                    self._sort(json.loads(text))
        except WebSocketException:
            pass
        finally:
            self._end()

    def _sort(self, raw: dict[str, Any]) -> None:
        waiting = self._answers.get(str(raw.get("re", "")))
        if waiting is not None and not waiting.done():
            waiting.set_result(raw)
            return
        if self._pushes.full():
            self._pushes.get_nowait()
        self._pushes.put_nowait(raw)

    def _end(self) -> None:
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(Unreachable("socket: closed"))
        if self._pushes.full():
            self._pushes.get_nowait()
        self._pushes.put_nowait(None)

    async def _beat(self) -> None:
        with suppress(WebSocketException, OSError):
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                await self._socket.send(Ping(id=0).model_dump_json())
