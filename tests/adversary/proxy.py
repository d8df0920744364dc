"""A proxy in a thread of its own: HTTP and the socket pass through it, and some answers are changed on the way."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from contextlib import suppress
from typing import Any, TypeVar

import httpx
import uvicorn
import websockets
from websockets.exceptions import WebSocketException

from tests.services import free_port

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = Callable[[str, dict[str, str]], str | None]
Push = Callable[[str], list[str]]
Result = TypeVar("Result")

SECONDS = 60.0
SCENE_SECONDS = 170.0
_OURS = frozenset({b"host", b"origin", b"referer", b"accept-encoding", b"content-length", b"connection"})
_THEIRS = frozenset({b"content-length", b"transfer-encoding", b"connection", b"content-encoding", b"server", b"date"})


def _honest_answer(path: str, query: dict[str, str]) -> str | None:
    return None


def _honest_push(text: str) -> list[str]:
    return [text]


class LyingProxy:
    """One server as it shows itself at `address`. It lies while `answer` or `push` say so.

    `answer` gives the JSON that stands in for what GET or POST of a path would have been answered, or None; `push`
    what is told in place of a frame of the server. Its loop, on which `run` runs anything, is its own: a browser
    driven from the main thread, and a client, are deceived alike.
    """

    def __init__(self, upstream: str) -> None:
        self.upstream, self.port = upstream, free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.answer: Answer = _honest_answer
        self.push: Push = _honest_push
        self._loop = asyncio.new_event_loop()
        self._http = httpx.AsyncClient(base_url=upstream, timeout=SECONDS)
        settings = uvicorn.Config(
            self._serve,
            host="127.0.0.1",
            port=self.port,
            log_level="error",
            lifespan="off",
            interface="asgi3",
            ws="websockets-sansio",
        )
        self._server = uvicorn.Server(settings)
        self._thread = threading.Thread(target=self._live, daemon=True)
        self._begun = threading.Event()
        self._thread.start()
        if not self._begun.wait(SECONDS):
            raise RuntimeError("the proxy did not start")

    def run(self, work: Coroutine[Any, Any, Result], seconds: float = SCENE_SECONDS) -> Result:
        """What some asynchronous work comes to, done on the proxy's loop; raises what it raises."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(seconds)

    def be_honest(self) -> None:
        self.answer, self.push = _honest_answer, _honest_push

    def stop(self) -> None:
        self._server.should_exit = self._server.force_exit = True
        self._thread.join(SECONDS)

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.call_soon(self._begun.set)
        self._loop.run_until_complete(self._server.serve())

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)

    def _headers(self, scope: Scope) -> list[tuple[bytes, bytes]]:
        kept = [(name, value) for name, value in scope["headers"] if name not in _OURS]
        # The server knows itself by its own address alone.
        named = {name for name, _ in scope["headers"]}
        own = [(name, self.upstream.encode()) for name in (b"origin", b"referer") if name in named]
        return [*kept, *own, (b"accept-encoding", b"identity")]

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            part = await receive()
            body, more = body + part.get("body", b""), part.get("more_body", False)
        query = scope["query_string"].decode()
        path = scope["path"] + (f"?{query}" if query else "")
        answer = await self._http.request(scope["method"], path, content=body, headers=self._headers(scope))
        lie = None
        if scope["method"] == "GET" or path.startswith("/api/login-parameters"):
            lie = self.answer(scope["path"], dict(httpx.QueryParams(query)))
        headers = [(name.lower(), value) for name, value in answer.headers.raw if name.lower() not in _THEIRS]
        content = answer.content if lie is None or answer.status_code != 200 else lie.encode()
        await send({"type": "http.response.start", "status": answer.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        cookie = dict(scope["headers"]).get(b"cookie", b"").decode()
        async with websockets.connect(
            self.upstream.replace("http", "ws", 1) + scope["path"],
            origin=websockets.Origin(self.upstream),
            additional_headers={"Cookie": cookie},
            compression=None,
        ) as upstream:
            await send({"type": "websocket.accept"})
            down = asyncio.create_task(self._down(upstream, send))
            with suppress(WebSocketException):
                while (frame := await receive())["type"] == "websocket.receive":
                    # Everything is told as text: a server may, whatever form a device asked for.
                    text: str | None = frame.get("text")
                    await upstream.send(text.replace('"binary":true', '"binary":false') if text else frame["bytes"])
            down.cancel()

    async def _down(self, upstream: websockets.ClientConnection, send: Send) -> None:
        with suppress(WebSocketException, RuntimeError):
            async for frame in upstream:
                for told in self.push(frame if isinstance(frame, str) else frame.decode("latin-1")):
                    await send({"type": "websocket.send", "text": told})
