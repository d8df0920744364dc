"""SIGKILL of the web process in the middle of a burst: nothing acknowledged is lost, nothing is there twice."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from client.account import Account
from client.errors import ApiError, Unreachable
from client.live import Live
from client.threads import Opened, Thread, list_threads, open_thread
from crypto.messages import SealedMessage
from crypto.tables import ContentType
from tests.client.test_threads import begin
from tests.server import Server
from wire.messaging import MessagePost

BURST, AT_ONCE, KILL_AFTER = 1000, 64, 250

pytestmark = pytest.mark.server


class Burst:
    """A thousand messages, sealed once each: a retry sends the very same bytes under the same id."""

    def __init__(self, thread: Thread) -> None:
        self.thread = thread
        self.waiting = [self._seal(number) for number in range(BURST)]
        self.acknowledged: dict[bytes, int] = {}
        self.enough = asyncio.Event()

    def _seal(self, number: int) -> SealedMessage:
        return self.thread.seal(number.to_bytes(16, "big"), b'{"text":"%d"}' % number, ContentType.TEXT)

    async def _post(self, live: Live, sealed: SealedMessage, gate: asyncio.Semaphore) -> None:
        msg_id = sealed.header.msg_id
        async with gate:
            try:
                ack = await live.post(MessagePost(id=msg_id, thread=self.thread.id, wire=sealed.wire))
            except (Unreachable, ApiError):
                return
        self.acknowledged[msg_id] = ack.seq
        if len(self.acknowledged) >= KILL_AFTER:
            self.enough.set()

    async def send(self, account: Account) -> None:
        """Sends what is not acknowledged yet, until all is or the socket dies."""
        gate = asyncio.Semaphore(AT_ONCE)
        left = [sealed for sealed in self.waiting if sealed.header.msg_id not in self.acknowledged]
        async with Live(account.api) as live:
            await asyncio.gather(*(self._post(live, sealed, gate) for sealed in left))


async def test_nothing_acknowledged_is_lost_and_nothing_repeated(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        case = await begin(server)
        elena = case.elena
        burst = Burst(case.thread)
        sending = asyncio.create_task(burst.send(elena.account))
        await asyncio.wait_for(burst.enough.wait(), 60)
        server.kill()
        await asyncio.wait_for(sending, 90)
        promised = dict(burst.acknowledged)
        assert KILL_AFTER <= len(promised) < BURST
        server.start()
        await asyncio.wait_for(burst.send(elena.account), 120)
        assert len(burst.acknowledged) == BURST
        (summary,) = await list_threads(elena.account)
        read = [
            line
            for line in await (await open_thread(elena.account, summary.id)).read()
            if line.ctype == ContentType.TEXT
        ]
        check(read, promised)
    finally:
        server.stop()


def check(read: list[Opened], promised: dict[bytes, int]) -> None:
    counts = Counter(line.text for line in read)
    assert {text: count for text, count in counts.items() if count > 1} == {}
    assert set(counts) >= {str(number) for number in range(BURST)}
    place = {line.text: line.seq for line in read}
    # What was acknowledged before the kill stands where the acknowledgement said.
    assert all(place[str(int.from_bytes(msg_id, "big"))] == seq for msg_id, seq in promised.items())
