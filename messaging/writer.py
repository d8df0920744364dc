"""One writer a process and event loop: what queued while the last commit ran shares the next transaction.

A commit costs a disk flush whatever it carries, so posts that arrive together pay for one. The queue is bounded:
beyond it a post is refused by name, which its client repeats, instead of waiting for ever in memory.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from weakref import WeakKeyDictionary

import structlog
from django.db import DatabaseError

from crypto.errors import Ct1Error
from live.registry import Connection
from live.store import StoreError, unavailable
from live.threads import in_database_thread
from messaging.actions.posting import Outcome, Post, post_messages
from wire.base import Frame, b64
from wire.errors import Code, ConsiliumError, ErrorFrame, TooMany, Unavailable
from wire.messaging import MessagePost

log = structlog.get_logger("messaging")

QUEUE = 2000
BATCH = 100


class Writer:
    """The queue of posts of one event loop, and the task that empties it while there is something in it."""

    def __init__(self) -> None:
        self.queue: deque[tuple[Post, asyncio.Future[Outcome]]] = deque()
        self.task: asyncio.Task[None] | None = None

    def put(self, post: Post) -> asyncio.Future[Outcome]:
        """Queues a post in the order of arrival; raises TooMany (`busy`) when the queue is full."""
        if len(self.queue) >= QUEUE:
            raise TooMany("The server is busy: nothing was written, send it again in a moment.", code=Code.BUSY)
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self.queue.append((post, answer))
        if self.task is None or self.task.done():
            self.task = asyncio.create_task(self._drain())
        return answer

    async def _drain(self) -> None:
        while self.queue:
            batch = [self.queue.popleft() for _ in range(min(BATCH, len(self.queue)))]
            outcomes = await _commit([post for post, _ in batch])
            for (_, answer), outcome in zip(batch, outcomes, strict=True):
                if not answer.done():
                    answer.set_result(outcome)


async def _commit(posts: Sequence[Post]) -> list[Outcome]:
    """The outcome of each post; a batch that fails as a whole is tried again one by one, and never stops the writer."""
    try:
        return await in_database_thread(post_messages, posts)
    except (*StoreError, Unavailable) as error:
        # One by one they would only wait one by one.
        log.warning("writer.store_unreachable", posts=len(posts), error=type(error).__name__)
        return [unavailable() for _ in posts]
    except DatabaseError as error:
        log.warning("writer.batch_failed", posts=len(posts), error=type(error).__name__)
    if len(posts) == 1:
        return [Unavailable("The message could not be stored: send it again.")]
    singly = [await _commit([post]) for post in posts]
    return [outcome for outcomes in singly for outcome in outcomes]


_writers: WeakKeyDictionary[asyncio.AbstractEventLoop, Writer] = WeakKeyDictionary()
_answers: set[asyncio.Task[None]] = set()


def writer() -> Writer:
    """The writer of the running event loop."""
    loop = asyncio.get_running_loop()
    found = _writers.get(loop)
    if found is None:
        found = _writers[loop] = Writer()
    return found


async def post(connection: Connection, frame: MessagePost) -> Frame | None:
    """Queues a post and returns at once: the socket goes on receiving, and the answer follows the commit."""
    answer = writer().put(Post(connection.user_id, connection.device, frame.thread, frame.id, frame.wire))
    task = asyncio.create_task(_answer(connection, frame, answer))
    _answers.add(task)
    task.add_done_callback(_answers.discard)
    return None


async def _answer(connection: Connection, frame: MessagePost, answer: asyncio.Future[Outcome]) -> None:
    try:
        await connection.send_frame(frame_of(frame, await answer))
    except (OSError, RuntimeError):
        # The device has gone: its outbox sends the same msg_id again and gets this ack, marked as a duplicate.
        log.debug("writer.answer_lost")


def frame_of(frame: MessagePost, outcome: Outcome) -> Frame:
    """The ack, or the refusal with the post's id."""
    if isinstance(outcome, Ct1Error):
        return ErrorFrame(code=outcome.code, message=str(outcome), re=b64(frame.id))
    if isinstance(outcome, ConsiliumError):
        return outcome.frame(b64(frame.id))
    return outcome
