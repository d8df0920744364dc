"""The one socket a device holds: handshake first, then a frame, a function, an answer. No ORM here."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal, TypeVar
from uuid import UUID

import structlog
from asgiref.typing import WebSocketScope
from channels.consumer import get_handler_name
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import DataError
from pydantic import ValidationError

from crypto.errors import Ct1Error
from live import registry
from live.bucket import Bucket
from live.bus import bus
from live.heads import heads_of
from live.hub import hub
from live.outlet import Outlet
from live.push import group_of
from live.ready import Ready
from live.sessions import session_stands
from live.store import UNREACHABLE, answers_or_refuses
from live.threads import in_database_thread
from wire.base import Frame
from wire.errors import Close, Code, ConsiliumError, ErrorFrame, Unavailable
from wire.live import Hello, Ping, Pong, Welcome
from wire.version import PROTOCOL, may_speak

log = structlog.get_logger("live")
FrameType = TypeVar("FrameType", bound=Frame)
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

MAX_FRAME = 262_144
HELLO_SECONDS = 10
SILENCE_SECONDS = 60
FRAMES_A_SECOND = 500.0
FRAMES_AT_ONCE = 2000.0
BAD_FRAMES = 20
"""After so many frames that could not be understood the socket closes: it is not one of our clients."""


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]  # channels ships no types
    """A device's socket. Delivery is checked again for every frame: an open socket is not a standing permit."""

    user_id: UUID
    device: bytes = b""
    session_key: str = ""

    async def __call__(self, scope: WebSocketScope, receive: Receive, send: Send) -> None:
        """Follows the device and the channel layer side by side, until either ends.

        Channels' own loop makes a task for every event, and hops to a thread before it hands it over, for the sake of
        consumers that use the ORM. This one uses none, and a crowded thread makes a hundred events a message.
        """
        self.scope, self.base_send = scope, send
        self.channel_layer = get_channel_layer()
        self.channel_name = await self.channel_layer.new_channel()
        from_layer = partial(self.channel_layer.receive, self.channel_name)
        both = [asyncio.create_task(self._follow(receive)), asyncio.create_task(self._follow(from_layer))]
        try:
            ended, _ = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)
        for task in ended:
            task.result()

    async def _follow(self, receive: Receive) -> None:
        with suppress(StopConsumer):
            while True:
                event = await receive()
                await getattr(self, get_handler_name(event))(event)

    async def connect(self) -> None:
        scope: WebSocketScope = self.scope
        user, session = scope["user"], scope["session"]  # type: ignore[typeddict-item]  # set by the auth stack
        await self.accept()
        if not user.is_authenticated or not session.session_key:
            await self.close(Close.SIGNED_OUT)
            return
        self.user_id, self.session_key = user.pk, session.session_key
        self.bucket = Bucket(FRAMES_A_SECOND, FRAMES_AT_ONCE, FRAMES_AT_ONCE, time.monotonic())
        self.bad_frames = 0
        self.heard_at = time.monotonic()
        self.outlet = Outlet(scope, self._send_ready, self._cut)
        self.watch = asyncio.get_running_loop().call_later(HELLO_SECONDS, self._watch)

    async def disconnect(self, code: int) -> None:
        if not hasattr(self, "outlet"):
            return
        self.watch.cancel()
        self.outlet.close()
        if self.device:
            hub.leave(self.user_id, self.outlet)
            await _as_far_as_possible(self.channel_layer.group_discard(group_of(self.user_id), self.channel_name))
            await _as_far_as_possible(registry.tell_closed(self))

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if bytes_data is not None and self.device:
            self._take_binary(bytes_data)
            return
        self.heard_at = time.monotonic()
        re = ""
        try:
            if text_data is None:
                raise ConsiliumError("Say hello first.", code=Code.HELLO_FIRST)
            if len(text_data) > MAX_FRAME:
                raise ConsiliumError("The frame is too large.", code=Code.TOO_LARGE)
            if not self.bucket.take(self.heard_at):
                raise ConsiliumError("Too many frames: wait a moment.", code=Code.TOO_MANY)
            raw = _object(text_data)
            re = _printable(str(raw.get("id", ""))[:64])
            with answers_or_refuses():
                answer = await self._dispatch(raw)
        except DataError:
            # A NUL in a text or a number beyond its column: nothing was written.
            answer = ErrorFrame(code=Code.INVALID, message="A value cannot be stored.", re=re)
        except Ct1Error as error:
            answer = ErrorFrame(code=error.code, message=str(error), re=re)
        except ConsiliumError as error:
            answer = error.frame(re)
            self._count_bad(error.code)
        if answer is not None:
            await self.send_frame(answer)
        if isinstance(answer, ErrorFrame) and answer.code == Code.PROTOCOL_VERSION:
            await self.close(Close.PROTOCOL)
        if isinstance(answer, Welcome):
            self._begin()

    def _begin(self) -> None:
        """The device has been welcomed: from here on it is told what happens, and its binary frames come directly."""
        if self.outlet.raw is not None:
            self.outlet.raw.on_binary = self._take_binary
        self.outlet.open()

    def _take_binary(self, data: bytes) -> None:
        """A binary frame, in the step in which it was read; its answer follows."""
        self.heard_at = time.monotonic()
        try:
            if len(data) > MAX_FRAME:
                raise ConsiliumError("The frame is too large.", code=Code.TOO_LARGE)
            if not self.bucket.take(self.heard_at):
                raise ConsiliumError("Too many frames: wait a moment.", code=Code.TOO_MANY)
            take = registry.binary_handler_of(data[0] if data else 0)
            if take is None:
                raise ConsiliumError("This server does not know that frame.", code=Code.UNKNOWN_FRAME)
            take(self, data)
        except ConsiliumError as error:
            self._count_bad(error.code)
            self.write(Ready(error.frame().model_dump_json()))

    def write(self, ready: Ready) -> None:
        """Writes to this device alone, without waiting for it."""
        self.outlet.write(ready)

    async def send_frame(self, frame: Frame) -> None:
        await self.send(text_data=frame.model_dump_json())

    async def _send_ready(self, ready: Ready) -> None:
        plain = ready.plain(binary=self.outlet.binary)
        if isinstance(plain, bytes):
            await self.send(bytes_data=plain)
        else:
            await self.send(text_data=plain)

    def _cut(self) -> None:
        """The device does not keep up: it comes back and fetches what it lacks."""
        if self.outlet.raw is not None:
            self.outlet.raw.cut(Close.SLOW_READER)
        else:
            self._close_soon(Close.SLOW_READER)

    def _close_soon(self, code: Close) -> None:
        self.closing = asyncio.create_task(self.close(code))

    async def push(self, event: dict[str, Any]) -> None:
        """A push from the channel layer: its guard is asked now, since consent may have changed on the way."""
        kind, text = event["kind"], event["text"]
        if not registry.is_guarded(kind) or await self._may_receive(kind, text):
            self.outlet.write(Ready(text))

    async def announcement(self, event: dict[str, Any]) -> None:
        """A word for this process: what it does is quick, and nothing of it goes to the device."""
        registry.hear(event["name"], event["word"])

    async def recheck_session(self, event: dict[str, Any]) -> None:
        try:
            stands = await in_database_thread(session_stands, self.session_key, self.user_id)
        except UNREACHABLE:
            # Whether the session ended cannot be known now: the device may come back and be asked again.
            await self.close(Close.SLOW_READER)
            return
        if not stands:
            await self.close(Close.SIGNED_OUT)

    async def _may_receive(self, kind: str, text: str) -> bool:
        """What the guard says; where it cannot be asked nothing is delivered, and the heads tell of it later."""
        try:
            return await in_database_thread(registry.may_receive, kind, self.user_id, text)
        except (*UNREACHABLE, Unavailable) as error:
            log.warning("push.undecided", kind=kind, error=type(error).__name__)
            return False

    async def _dispatch(self, raw: dict[str, Any]) -> Frame | None:
        kind = raw.get("type")
        if not self.device:
            if kind != "hello":
                raise ConsiliumError("Say hello first.", code=Code.HELLO_FIRST)
            return await self._hello(_parse(Hello, raw))
        if kind == "ping":
            return await self._pong(_parse(Ping, raw))
        found = registry.handler_of(str(kind))
        if found is None:
            raise ConsiliumError("This server does not know that frame.", code=Code.UNKNOWN_FRAME)
        frame, function = found
        return await function(self, _parse(frame, raw))

    async def _hello(self, hello: Hello) -> Frame:
        if not may_speak(hello.protocol, hello.build, settings.OLDEST_BUILD):
            raise ConsiliumError("This app is out of date: reload the page.", code=Code.PROTOCOL_VERSION)
        self.device = hello.device
        self.outlet.binary = hello.binary
        heads = await self._joined()
        return Welcome(
            resume=_resume(hello.heads, heads),
            heads=heads,
            now=int(time.time() * 1000),
            build=settings.BUILD,
            protocol=PROTOCOL,
            oldest_build=settings.OLDEST_BUILD,
        )

    async def _joined(self) -> dict[str, int]:
        # Join first, read second: a message between the two arrives twice rather than never.
        hub.join(self.user_id, self.outlet)
        try:
            if (others := bus()) is not None:
                await others.follow()
            await self.channel_layer.group_add(group_of(self.user_id), self.channel_name)
            return await heads_of(self.user_id)
        except (*UNREACHABLE, Unavailable):
            # Not a device yet: it says hello again, and until then it is sent nothing.
            hub.leave(self.user_id, self.outlet)
            self.device = b""
            raise

    async def _pong(self, ping: Ping) -> Frame | None:
        if not await in_database_thread(session_stands, self.session_key, self.user_id):
            await self.close(Close.SIGNED_OUT)
            return None
        return Pong(id=ping.id, heads=await heads_of(self.user_id))

    def _count_bad(self, code: str) -> None:
        if code in (Code.BAD_FRAME, Code.UNKNOWN_FRAME, Code.TOO_LARGE, Code.HELLO_FIRST, Code.TOO_MANY):
            self.bad_frames += 1
        if self.bad_frames == BAD_FRAMES:
            log.warning("socket.abuse", user=self.user_id.hex, code=code)
            self._close_soon(Close.ABUSE)

    def _watch(self) -> None:
        """Closes a socket that never says hello, or falls silent: half-open sockets hold memory for nobody."""
        silence = time.monotonic() - self.heard_at
        if self.device and silence < SILENCE_SECONDS:
            self.watch = asyncio.get_running_loop().call_later(SILENCE_SECONDS - silence, self._watch)
        else:
            self._close_soon(Close.PROTOCOL)


async def _as_far_as_possible(tidying: Awaitable[None]) -> None:
    """A socket that closes while the store is away leaves no error behind; what it leaves, the next look finds."""
    try:
        await tidying
    except (*UNREACHABLE, Unavailable) as error:
        log.warning("socket.untidy", error=type(error).__name__)


def _object(text: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ConsiliumError("The frame is not JSON.", code=Code.BAD_FRAME) from error
    if not isinstance(raw, dict):
        raise ConsiliumError("The frame is not an object.", code=Code.BAD_FRAME)
    return raw


def _parse(frame: type[FrameType], raw: dict[str, Any]) -> FrameType:
    try:
        return frame.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ConsiliumError(_printable(f"{where}: {first['msg']}"), code=Code.BAD_FRAME) from error


def _printable(text: str) -> str:
    """What may go back to the client: half a surrogate pair is valid in JSON's escapes, and in no frame."""
    return text.encode("utf-8", "replace").decode()


def _resume(held: dict[str, int], heads: dict[str, int]) -> Literal["resumed", "partial", "reset"]:
    if any(heads.get(thread, seq) < seq for thread, seq in held.items()):
        return "reset"
    return "partial" if any(held.get(thread, 0) < head for thread, head in heads.items()) else "resumed"
