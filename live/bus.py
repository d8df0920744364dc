"""What the processes of one house tell each other about messages: one subscription a process, over Redis pub/sub.

A process hears everything and keeps what concerns the sockets it holds (docs/decisions/0012). What is told here is a
hint: it may be lost with the connection, and then everybody here is told how far their threads have come.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from weakref import WeakKeyDictionary

import structlog
from django.conf import settings
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from live.store import FAN_OUT_S, PAUSE_S

log = structlog.get_logger("live")

TOPIC = "consilium.messages"
ORIGIN_BYTES, SIZE_BYTES = 8, 4
QUEUED = 10_000
"""Words that may wait for Redis; beyond them the oldest are lost, as any hint may be."""
AT_ONCE = 500
AT_ONCE_BYTES = 1_048_576
QUIET_S = 1.0
Hear = Callable[[bytes], None]

_hears: list[Hear] = []
_gaps: list[Callable[[], None]] = []


def hears(function: Hear) -> Hear:
    """Registers what is done with each word from another process; on the event loop, it must not block."""
    _hears.append(function)
    return function


def on_gap(function: Callable[[], None]) -> Callable[[], None]:
    """Registers what is done when words may have been lost."""
    _gaps.append(function)
    return function


def pack(words: Iterable[bytes]) -> bytes:
    """Each word behind its size, u32."""
    return b"".join(part for word in words for part in (len(word).to_bytes(SIZE_BYTES, "big"), word))


def unpack(packed: bytes) -> Iterator[bytes]:
    """What `pack` packed; raises ValueError where it ends within a word."""
    at = 0
    while at < len(packed):
        begin = at + SIZE_BYTES
        at = begin + int.from_bytes(packed[at:begin], "big")
        if len(packed) < max(at, begin):
            raise ValueError("ends within a word")
        yield packed[begin:at]


class Bus:
    """One process's end, on one event loop."""

    def __init__(self, url: str) -> None:
        self._origin = secrets.token_bytes(ORIGIN_BYTES)
        self._redis: Redis = Redis.from_url(
            url, socket_connect_timeout=FAN_OUT_S, socket_timeout=FAN_OUT_S, retry=Retry(NoBackoff(), 0)
        )
        self._queue: deque[bytes] = deque(maxlen=QUEUED)
        self._subscribed = asyncio.Event()
        self._listening: asyncio.Task[None] | None = None
        self._telling: asyncio.Task[None] | None = None

    async def follow(self) -> None:
        """Returns once this process hears the others; raises TimeoutError when that takes too long."""
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        if not self._subscribed.is_set():
            async with asyncio.timeout(FAN_OUT_S):
                await self._subscribed.wait()

    def tell(self, word: bytes) -> None:
        """Sends a word to the other processes, without waiting; words of one moment leave as one."""
        self._queue.append(word)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.create_task(self._tell())

    async def _tell(self) -> None:
        while self._queue:
            try:
                async with asyncio.timeout(FAN_OUT_S):
                    # A client's work for a publication is a hundred times that for a word, on both ends.
                    await self._redis.publish(TOPIC, self._origin + pack(self._next()))
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus.lost", error=type(error).__name__)
                self._queue.clear()

    def _next(self) -> list[bytes]:
        words = [self._queue.popleft()]
        size = len(words[0])
        while self._queue and len(words) < AT_ONCE and (size := size + len(self._queue[0])) <= AT_ONCE_BYTES:
            words.append(self._queue.popleft())
        return words

    async def _listen(self) -> None:
        gap = False
        while True:
            try:
                async with self._redis.pubsub() as channel:
                    async with asyncio.timeout(FAN_OUT_S):
                        await channel.subscribe(TOPIC)
                    while True:
                        # A quiet second is no trouble; a connection that is gone raises.
                        message = await channel.get_message(timeout=QUIET_S)
                        if message is not None and message["type"] == "subscribe":
                            self._subscribed.set()
                            if gap:
                                self._note_gap()
                        elif message is not None and message["type"] == "message":
                            self._hear(message["data"])
            except (RedisError, OSError, TimeoutError) as error:
                log.warning("bus.unheard", error=type(error).__name__)
            self._subscribed.clear()
            gap = True
            await asyncio.sleep(PAUSE_S * (0.5 + secrets.randbelow(1000) / 1000))

    def _hear(self, packed: bytes) -> None:
        if packed[:ORIGIN_BYTES] == self._origin:
            return
        # What cannot be read is another version's, perhaps: its clients find the message by their heads.
        try:
            words = list(unpack(packed[ORIGIN_BYTES:]))
        except ValueError:
            log.warning("bus.unreadable", error="torn")
            return
        for word in words:
            for function in _hears:
                try:
                    function(word)
                except ValueError as error:
                    log.warning("bus.unreadable", error=type(error).__name__)

    def _note_gap(self) -> None:
        for function in _gaps:
            function()


_buses: WeakKeyDictionary[asyncio.AbstractEventLoop, Bus] = WeakKeyDictionary()


def bus() -> Bus | None:
    """The bus of the running event loop; None where one process is the whole house."""
    if not settings.REDIS_URL:
        return None
    loop = asyncio.get_running_loop()
    found = _buses.get(loop)
    if found is None:
        found = _buses[loop] = Bus(settings.REDIS_URL)
    return found
