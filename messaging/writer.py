"""One writer a process and event loop: what queued while the last commit ran shares the next transaction.

A commit costs a disk flush whatever it carries, so posts that arrive together pay for one. The queue is bounded:
beyond it a post is refused by name, which its client repeats, instead of waiting for ever in memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError

from crypto.errors import Ct1Error
from live.ready import Ready
from live.registry import Connection
from live.store import StoreError, unavailable
from live.threads import in_database_thread
from messaging.actions.posting import Outcome, Post, write_messages
from messaging.delivery import Delivery, deliver
from wire.base import Frame, b64
from wire.binary import decode_post, encode_ack
from wire.errors import Code, ConsiliumError, ErrorFrame, TooMany, Unavailable
from wire.messaging import MessageAck, MessagePost

log = structlog.get_logger("messaging")

QUEUE = 2000
BATCH = 100
Answer = Callable[[Outcome], None]


class Writer:
    """The queue of posts of one event loop, and the task that empties it while there is something in it."""

    def __init__(self) -> None:
        self.queue: deque[tuple[Post, Answer]] = deque()
        self.task: asyncio.Task[None] | None = None

    def put(self, post: Post, answer: Answer) -> None:
        """Queues a post in the order of arrival; raises TooMany (`busy`) when the queue is full.

        `answer` is called with the outcome, after the commit and after everybody here has been told.
        """
        if len(self.queue) >= QUEUE:
            raise TooMany("The server is busy: nothing was written, send it again in a moment.", code=Code.BUSY)
        self.queue.append((post, answer))
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._drain())

    async def _drain(self) -> None:
        while self.queue:
            batch = [self.queue.popleft() for _ in range(min(BATCH, len(self.queue)))]
            outcomes, deliveries = await _commit([post for post, _ in batch])
            deliver(deliveries)
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                answer(outcome)


async def _commit(posts: Sequence[Post]) -> tuple[list[Outcome], list[Delivery]]:
    """The outcome of each post; a batch that fails as a whole is tried again one by one, and never stops the writer."""
    try:
        return await in_database_thread(write_messages, posts)
    except (*StoreError, Unavailable) as error:
        # One by one they would only wait one by one.
        log.warning("writer.store_unreachable", posts=len(posts), error=type(error).__name__)
        return [unavailable() for _ in posts], []
    except DatabaseError as error:
        log.warning("writer.batch_failed", posts=len(posts), error=type(error).__name__)
    if len(posts) == 1:
        return [Unavailable("The message could not be stored: send it again.")], []
    singly = [await _commit([post]) for post in posts]
    return [one for outcomes, _ in singly for one in outcomes], [one for _, made in singly for one in made]


_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, Writer] = WeakKeyDictionary()


def writer() -> Writer:
    """The writer of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _writers.get(loop)
    if found is None:
        found = _writers[loop] = Writer()
    return found


async def post(connection: Connection, frame: MessagePost) -> Frame | None:
    """Queues a post and returns at once: the socket goes on receiving, and the answer follows the commit."""
    _put(connection, frame.id, frame.thread, frame.wire)
    return None


def post_binary(connection: Connection, raw: bytes) -> None:
    """As `post`, for the frame's binary form; a refusal is answered here."""
    msg_id, thread, wire = decode_post(raw)
    try:
        _put(connection, msg_id, thread, wire)
    except TooMany as refusal:
        connection.write(_ready(msg_id, refusal))


def _put(connection: Connection, msg_id: bytes, thread: bytes, wire: bytes) -> None:
    one = Post(connection.user_id, connection.device, thread, msg_id, wire)
    # A device that has gone by then hears nothing: its outbox sends the same msg_id again and gets this ack.
    writer().put(one, lambda outcome: connection.write(_ready(msg_id, outcome)))


def _ready(msg_id: bytes, outcome: Outcome) -> Ready:
    if isinstance(outcome, MessageAck):
        return Ready(outcome.model_dump_json, encode_ack(outcome))
    return Ready(frame_of(msg_id, outcome).model_dump_json)


def frame_of(msg_id: bytes, refusal: ConsiliumError | Ct1Error) -> ErrorFrame:
    """The refusal with the post's id."""
    if isinstance(refusal, Ct1Error):
        return ErrorFrame(code=refusal.code, message=str(refusal), re=b64(msg_id))
    return refusal.frame(b64(msg_id))
