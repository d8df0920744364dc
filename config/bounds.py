"""No request brings more than it may: refused by its Content-Length, or as soon as it has sent too much.

Django would write a body of any length to a temporary file before the first view is asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from wire.errors import TooLarge

MOST_BODY = 4 * 1024 * 1024
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Receive, Send], Awaitable[None]]


def bounded(inner: Application, most: int = MOST_BODY) -> Application:
    """Wraps an HTTP application: a body of more than `most` bytes is answered `too_large` and read no further."""

    async def application(scope: Any, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await inner(scope, receive, send)
            return
        if _declared(scope["headers"]) > most:
            await _refuse(send)
            return
        taken, has_answered = 0, False

        async def counting() -> Any:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            # To what is inside, whoever sends too much has gone away.
            return {"type": "http.disconnect"} if taken > most else message

        async def noting(message: Any) -> None:
            nonlocal has_answered
            has_answered = True
            await send(message)

        await inner(scope, counting, noting)
        if taken > most and not has_answered:
            await _refuse(send)

    return application


def _declared(headers: list[tuple[bytes, bytes]]) -> int:
    """The Content-Length, or 0 for one that is missing; the server in front has refused what is no number."""
    return next((int(value) for name, value in headers if name == b"content-length" and value.isdigit()), 0)


async def _refuse(send: Send) -> None:
    refusal = TooLarge("This is more than one request may bring.")
    headers = [(b"content-type", b"application/json"), (b"connection", b"close"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": refusal.body().model_dump_json().encode()})
