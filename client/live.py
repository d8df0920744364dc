"""The socket half of the client: handshake, heartbeat, one answer for each frame sent, and the pushes in between."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from pydantic import ValidationError

from client.api import Api
from client.errors import ApiError, Closed, Unreachable
from client.line import Dial, Line, dial
from wire.base import Frame, b64
from wire.live import Hello, Ping, Pong, Welcome
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
from wire.version import PROTOCOL

WELCOME_SECONDS, ANSWER_SECONDS, BEAT_SECONDS, PONG_SECONDS = 10.0, 15.0, 20.0, 10.0
PUSHES_HELD = 10_000
"""A reader slower than this loses the oldest pushes; a push is a hint, and the next fetch finds what it hinted at."""

Push = MessageNew | ThreadChanged | ThreadLost | MarksChanged | InvitationChanged | RequestNew | Pong
_PUSHES: dict[str, type[Push]] = {
    frame.model_fields["type"].default: frame
    for frame in (MessageNew, ThreadChanged, ThreadLost, MarksChanged, InvitationChanged, RequestNew, Pong)
}


class Live:
    """One device's socket, with the session of an Api that is signed in; use as `async with`.

    `heads` is how far each thread (base64url) is held without a gap; `dialling` opens the connection under it.
    """

    def __init__(self, api: Api, heads: Mapping[str, int] | None = None, *, dialling: Dial = dial) -> None:
        self._api, self._heads, self._dial = api, dict(heads or {}), dialling
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._pushes: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(PUSHES_HELD)
        self._tasks: list[asyncio.Task[None]] = []
        self._socket: Line
        self._heard = asyncio.Event()
        self.welcome: Welcome | None = None
        self.ended: Closed | None = None
        """Why the socket closed, once it has."""

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def open(self) -> Welcome:
        """Connects and says hello; raises Unreachable, or ApiError when the server refuses."""
        self._socket = await self._dial(self._api)
        try:
            async with asyncio.timeout(WELCOME_SECONDS):
                hello = Hello(protocol=PROTOCOL, device=self._api.device, heads=self._heads)
                await self._socket.send(hello.model_dump_json())
                while self.welcome is None:
                    self._greeted(json.loads(await self._socket.receive()))
        except (TimeoutError, ValueError, AttributeError) as error:
            self._socket.abort()
            raise Unreachable(f"socket: no welcome ({type(error).__name__})") from error
        except (Unreachable, ApiError):
            self._socket.abort()
            raise
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._beat())]
        assert self.welcome is not None
        return self.welcome

    def _greeted(self, raw: dict[str, Any]) -> None:
        kind = raw.get("type")
        if kind == "error":
            raise ApiError(str(raw.get("code", "refused")), str(raw.get("message", "")))
        if kind == "welcome":
            self.welcome = Welcome.model_validate(raw)
        else:
            # The device is joined before its heads are read: a push may come first.
            self._sort(raw)

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(Unreachable, OSError):
            await self._socket.close()

    async def post(self, message: MessagePost) -> MessageAck:
        """Posts a message and waits for its ack; after Unreachable the same frame is safe to send again."""
        answer = await self.ask(message, b64(message.id))
        try:
            ack = MessageAck.model_validate(answer)
        except ValidationError as error:
            raise Unreachable("socket: no ack") from error
        if (ack.msg_id, ack.thread) != (message.id, message.thread):
            raise Unreachable("socket: an ack of something else")
        return ack

    async def ask(self, frame: Frame, name: str) -> dict[str, Any]:
        """Sends a frame and waits for the one that answers it (`re` equal to `name`), or raises its ApiError."""
        waiting: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[name] = waiting
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._socket.send(frame.model_dump_json())
                answer = await waiting
        except TimeoutError as error:
            raise Unreachable("socket: no answer") from error
        finally:
            self._answers.pop(name, None)
        if answer.get("type") == "error":
            raise ApiError(str(answer.get("code")), str(answer.get("message")), re=str(answer.get("re", "")))
        return answer

    async def next_push(self, timeout: float) -> Push:
        """The next push that this client knows; raises Unreachable when the socket is gone, TimeoutError in vain."""
        async with asyncio.timeout(timeout):
            while True:
                raw = await self._pushes.get()
                if raw is None:
                    self._pushes.put_nowait(None)
                    raise self.ended or Closed()
                kind = _PUSHES.get(str(raw.get("type")))
                if kind is not None:
                    with suppress(ValidationError):
                        return kind.model_validate(raw)

    async def drop(self) -> None:
        """Breaks the connection off without a goodbye, as a lost network does."""
        self._socket.abort()

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
            while True:
                text = await self._socket.receive()
                self._heard.set()
                # A frame that cannot be understood is not a reason to lose those that can.
                with suppress(ValueError, AttributeError):
                    self._sort(json.loads(text))
        except Closed as closed:
            self.ended = closed
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
        closed = self.ended = self.ended or Closed()
        for waiting in self._answers.values():
            if not waiting.done():
                waiting.set_exception(closed)
        if self._pushes.full():
            self._pushes.get_nowait()
        self._pushes.put_nowait(None)

    async def _beat(self) -> None:
        """A connection that has died in silence is found here: nothing heard after a ping means that it is gone."""
        with suppress(Unreachable):
            while True:
                await asyncio.sleep(BEAT_SECONDS)
                self._heard.clear()
                await self._socket.send(Ping(id=0).model_dump_json())
                try:
                    async with asyncio.timeout(PONG_SECONDS):
                        await self._heard.wait()
                except TimeoutError:
                    self._socket.abort()
                    return
