"""A device: one person's threads kept in step with the server, and everything written on it delivered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from client import account as accounts
from client.account import Account, now_ms
from client.api import Api
from client.delivery import Course, Delivery, State
from client.errors import ApiError
from client.line import Dial, dial
from client.live import Live
from client.outbox import Draft, Outbox
from client.threads import Opened, Thread
from crypto.primitives import random_bytes
from crypto.tables import ContentType
from wire.messaging import MessageAck, MessageOut, MessagePage


class Device:
    """Use as `async with`: it connects, reconnects and delivers until the block ends.

    Without an outbox what waits is kept in memory alone and ends with the process.
    """

    def __init__(self, account: Account, outbox: Outbox | None = None, *, dialling: Dial = dial) -> None:
        self.account = account
        self.threads: dict[bytes, Thread] = {}
        self._moved = asyncio.Event()
        kept = outbox or Outbox.of(":memory:", account.vault.umk, account.me.id, account.api.device)
        account.count_from(kept.counter)

        def connect(heads: Mapping[str, int]) -> Live:
            return Live(account.api, heads, dialling=dialling)

        self.delivery = Delivery(connect, _Keys(self), kept, changed=lambda thread: self._moved.set())

    async def __aenter__(self) -> Self:
        self.delivery.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.delivery.close()

    @property
    def state(self) -> State:
        return self.delivery.state

    @property
    def outbox(self) -> Outbox:
        return self.delivery.outbox

    def thread(self, thread_id: bytes) -> Thread:
        return self.threads.setdefault(thread_id, Thread(self.account, thread_id))

    def course(self, thread_id: bytes) -> Course:
        """How far a thread is held, and why it stopped if it did."""
        return self.delivery.course(thread_id)

    def say(
        self,
        thread_id: bytes,
        words: str | Mapping[str, Any],
        *,
        ctype: ContentType = ContentType.TEXT,
        msg_id: bytes | None = None,
    ) -> bytes:
        """Keeps a text, or any JSON body, for delivery, and returns its id; raises OutboxFull.

        The same `msg_id` is one message for ever, however often it is said: a robot that names its answer after the
        question answers once, whatever dies in between.
        """
        body = {"text": words} if isinstance(words, str) else dict(words)
        draft = Draft(
            msg_id or random_bytes(16), thread_id, int(ctype), json.dumps(body, ensure_ascii=False).encode(), now_ms()
        )
        self.delivery.say(draft)
        return draft.msg_id

    async def posted(self, msg_id: bytes) -> MessageAck:
        """Waits until a message has its place; raises ApiError with the code when it is refused for good."""
        return await self.delivery.posted(msg_id)

    async def arrivals(self) -> AsyncIterator[tuple[bytes, Opened]]:
        """Every message of every thread, once and in its thread's order, for ever; those after `done` at a restart.

        Own ones too. A message with a `code` could not be opened, and may come once more when it could.
        Raises ApiError `signed-out` or `outdated` when there is no more to come without a person.
        """
        given: dict[bytes, int] = {}
        while True:
            self._moved.clear()
            for thread_id, thread in list(self.threads.items()):
                done = self.outbox.done_with(thread_id)
                while (next_one := given.get(thread_id, 0)) < len(thread.arrived):
                    given[thread_id] = next_one + 1
                    if thread.arrived[next_one].seq > done:
                        yield thread_id, thread.arrived[next_one]
            if self.state in ("signed-out", "outdated"):
                raise ApiError(self.state, "This device is not served any more.")
            await self._moved.wait()

    def done(self, thread_id: bytes, seq: int) -> None:
        """Remembers, over restarts, that everything up to here was dealt with."""
        self.outbox.mark_done(thread_id, seq)


class _Keys:
    """The Desk of delivery: sealing and opening with the person's keys."""

    def __init__(self, device: Device) -> None:
        self._device = device

    async def prepare(self, thread: bytes) -> None:
        await self._device.thread(thread).tend()

    def seal(self, draft: Draft) -> tuple[bytes, int]:
        sealed = self._device.thread(draft.thread).seal(draft.msg_id, draft.body, ContentType(draft.ctype))
        return sealed.wire, sealed.header.ctr

    async def fetch(self, thread: bytes, after: int) -> MessagePage:
        return await self._device.thread(thread).fetch(after)

    async def take(self, thread: bytes, message: MessageOut) -> bytes | None:
        opened = await self._device.thread(thread).take(message)
        return opened.msg_id if opened.sender == self._device.account.me.id else None

    def gap(self, thread: bytes, first: int, last: int) -> None:
        self._device.thread(thread).keep(Opened(first, 0, b"", "", 0, {"until": last}, "E_GAP"))

    def lose(self, thread: bytes) -> None:
        self._device.threads.pop(thread, None)

    def restart(self, thread: bytes, head: int) -> None:
        self._device.thread(thread).restart()


async def open_device(base_url: str, *, email: str, password: str, outbox: Path, second_factor: str = "") -> Device:
    """Signs in and opens the device whose outbox is this file, under the same device id as the last time."""
    name = outbox.with_suffix(".device")
    if not name.exists():
        name.write_bytes(random_bytes(16))
    api = Api(base_url, device=name.read_bytes())
    try:
        account = await accounts.sign_in(api, email=email, password=password, second_factor=second_factor)
        return Device(account, Outbox.of(outbox, account.vault.umk, account.me.id, api.device))
    except BaseException:
        await api.close()
        raise
