"""A body that is too long is refused before it is read, whatever it says of itself."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest

from tests.server import Server

pytestmark = pytest.mark.server

HEAD = "PUT /api/threads/x/attachments/y/content HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{length}\r\n\r\n"


async def answered(reader: asyncio.StreamReader) -> tuple[int, str]:
    """Status and code of the answer."""
    head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 20)
    body = await asyncio.wait_for(reader.readuntil(b"}"), 20)
    return int(head.split()[1]), str(json.loads(body[body.index(b"{") :])["code"])


async def test_ten_gigabytes_that_say_so_are_refused_before_the_first_byte(live_server_process: Server) -> None:
    port = live_server_process.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD.format(port=port, length="Content-Length: 10000000000").encode())
    assert await answered(reader) == (413, "too_large")
    writer.close()


async def test_a_body_that_never_ends_is_cut_at_four_mebibytes(live_server_process: Server) -> None:
    port = live_server_process.port
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD.format(port=port, length="Transfer-Encoding: chunked").encode())
    sent = 0

    async def pour() -> None:
        nonlocal sent
        while sent < 200_000_000:
            writer.write(b"10000\r\n" + bytes(65_536) + b"\r\n")
            await writer.drain()
            sent += 65_536

    pouring = asyncio.create_task(pour())
    # What is unread when a connection is closed may take the answer with it.
    with suppress(ConnectionError, asyncio.IncompleteReadError):
        assert await answered(reader) == (413, "too_large")
    pouring.cancel()
    await asyncio.gather(pouring, return_exceptions=True)
    assert sent < 50_000_000
    writer.transport.abort()
