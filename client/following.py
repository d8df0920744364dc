"""Following a thread: every message once and in order, over whatever the network does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from client.account import Account
from client.errors import Unreachable
from client.live import Live
from client.threads import Opened, Thread
from wire.base import b64
from wire.messaging import MessageNew, ThreadChanged

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0


async def follow(account: Account, thread_id: bytes, *, after: int = 0) -> AsyncIterator[Opened]:
    """The messages with seq > `after` and then each new one, for ever; raises ApiError when the thread is lost.

    A push only says that there is something: the thread is fetched after each, so that a gap closes by itself.
    After a broken connection it waits, doubling up to half a minute, and goes on where it was.
    """
    thread, last, wait = Thread(account, thread_id), after, FIRST_WAIT
    while True:
        try:
            async with Live(account.api, {b64(thread_id): last}) as live:
                wait = FIRST_WAIT
                while True:
                    for message in await thread.read():
                        if message.seq > last:
                            last = message.seq
                            yield message
                    await _until_moved(live, thread_id)
        except Unreachable:
            await asyncio.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


async def _until_moved(live: Live, thread_id: bytes) -> None:
    """Returns when a push concerns the thread; raises Unreachable when the socket closes."""
    async for push in live.pushes():
        if isinstance(push, MessageNew | ThreadChanged) and push.thread == thread_id:
            return
    raise Unreachable("socket: closed")
