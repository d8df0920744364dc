"""Delivery: everything written is posted once and in its order, everything posted arrives once and in its order.

It knows nothing of keys: a Desk seals and opens. So the same code runs under the product's threads and, a hundred
thousand times over, under the schedules of tests/soak.
"""

from __future__ import annotations

import asyncio
import random as chance
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from client.errors import ApiError, Closed, Unreachable
from client.live import Live, Push
from client.outbox import Draft, Outbox
from crypto.errors import Ct1Error
from wire.base import b64, unb64
from wire.errors import Close
from wire.live import Pong, Welcome
from wire.messaging import MessageAck, MessageNew, MessageOut, MessagePage, MessagePost, ThreadChanged, ThreadLost

State = Literal["offline", "online", "signed-out", "outdated", "closed"]

FIRST_WAIT, LONGEST_WAIT = 0.4, 20.0
MOST_AHEAD, MOST_ACKS = 500, 1000
PULL_TRIES = 6
"""After so many fetches that broke off, the next heartbeat begins again."""
MOST_SEALINGS = 20
"""How often one message is sealed anew: each time somebody else's entry or message was first, so it ends."""
ANEW = frozenset(
    {"E_LOG_SEQ", "E_LOG_PREV", "E_LOG_BEHIND", "E_STALE_EPOCH", "E_ROTATE_REQUIRED", "E_REPLAY", "E_NO_EPOCH"}
)
"""Refusals that fetching the log, rotating, or the next counter put right."""
LATER = frozenset({"busy", "too_many", "unavailable", "PDP_UNAVAILABLE", "internal", "E_SEAL_MISSING"})
"""Refusals of the moment: the message waits, however long it takes."""


class Desk(Protocol):
    """What delivery asks of whoever holds the keys; Unreachable and ApiError pass through."""

    async def prepare(self, thread: bytes) -> None:
        """Makes the thread right with its log and consent, before sealing."""

    def seal(self, draft: Draft) -> tuple[bytes, int]:
        """The sealed message and the counter it used."""

    async def fetch(self, thread: bytes, after: int) -> MessagePage:
        """Messages with seq > `after`, ascending."""

    async def take(self, thread: bytes, message: MessageOut) -> bytes | None:
        """Opens and keeps the next message of a thread; the msg_id if it is this person's own."""

    def gap(self, thread: bytes, first: int, last: int) -> None:
        """Notes that the server left these out, which an honest one never does."""

    def lose(self, thread: bytes) -> None:
        """Reading has ended: keys and content go."""

    def restart(self, thread: bytes, head: int) -> None:
        """The server was set back to `head`: the thread is read again from its beginning."""


@dataclass
class Course:
    """How far one thread has come on this device. `held`: everything up to here arrived; `head`: there is as much."""

    thread: bytes
    held: int = 0
    head: int = 0
    code: str = ""
    """Why the thread stopped: a CT1 code, or `lost`."""
    ahead: dict[int, MessageOut] = field(default_factory=dict)
    """Pushed and not yet taken; what has no room here is fetched."""
    mine: dict[bytes, MessageAck] = field(default_factory=dict)
    """This person's own messages that have arrived, by id."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    sender: asyncio.Task[None] | None = None
    puller: asyncio.Task[None] | None = None


class Delivery:
    """One device's connection, kept up; its outbox emptied; its threads brought to their heads.

    `connect` makes a Live that names these heads. Everything waits on events and on the loop's clock alone.
    """

    def __init__(
        self,
        connect: Callable[[Mapping[str, int]], Live],
        desk: Desk,
        outbox: Outbox,
        *,
        random: Callable[[], float] = chance.random,
        changed: Callable[[bytes], None] = lambda thread: None,
    ) -> None:
        self._connect, self._desk, self.outbox, self._random, self._changed = connect, desk, outbox, random, changed
        self.state: State = "offline"
        self.resumes: list[str] = []
        """The outcome of each hello, as the server named it; the newest last, a hundred at most."""
        self.courses: dict[bytes, Course] = {}
        self._live: Live | None = None
        self._up = asyncio.Event()
        self._posted: dict[bytes, asyncio.Future[MessageAck]] = {}
        self._acks: dict[bytes, MessageAck] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begins to connect, and to send what an earlier run left behind."""
        self._spawn(self._keep_connected())
        for thread in self.outbox.threads:
            self._send(self.course(thread))

    async def close(self) -> None:
        """Ends all of it; what waits in the outbox stays there."""
        self.state = "closed"
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for waiting in self._posted.values():
            waiting.cancel()

    def course(self, thread: bytes) -> Course:
        return self.courses.setdefault(thread, Course(thread))

    def say(self, draft: Draft) -> None:
        """Keeps a draft for good and sends it when it can; raises OutboxFull."""
        if self.outbox.add(draft):
            self._send(self.course(draft.thread))

    async def posted(self, msg_id: bytes) -> MessageAck:
        """Waits until a draft has its place; raises ApiError with the code of a refusal for good."""
        if msg_id in self._acks:
            return self._acks[msg_id]
        draft = self.outbox.find(msg_id)
        if draft is None:
            raise ApiError("not_found", "No such message waits here.")
        if draft.failure:
            raise ApiError(draft.failure, "The message was refused.")
        waiting = self._posted.setdefault(msg_id, asyncio.get_running_loop().create_future())
        return await asyncio.shield(waiting)

    async def online(self) -> Live:
        """The connection, as soon as there is one."""
        while self._live is None:
            await self._up.wait()
        return self._live

    def retry(self, msg_id: bytes) -> None:
        """A person says: try that one again."""
        self.outbox.retry(msg_id)
        draft = self.outbox.find(msg_id)
        if draft is not None:
            self._send(self.course(draft.thread))

    def heads(self) -> dict[str, int]:
        """How far each thread is held, for a hello."""
        return {b64(one.thread): one.held for one in self.courses.values() if one.held and not one.code}

    # The connection

    async def _keep_connected(self) -> None:
        attempt = 0
        while self.state not in ("signed-out", "outdated"):
            named = self.heads()
            try:
                async with self._connect(named) as live:
                    attempt = 0
                    assert live.welcome is not None
                    self._welcomed(live, live.welcome, named)
                    try:
                        async for push in live.pushes():
                            self._hear(push)
                    finally:
                        self._down()
                    raise live.ended or Closed()
            except ApiError as refusal:
                self._refused(refusal.code)
            except Closed as closed:
                self._refused(_code_of(closed.code))
            except Unreachable:
                pass
            if self.state == "offline":
                await self._pause(attempt)
                attempt += 1
        for waiting in self._posted.values():
            if not waiting.done():
                waiting.set_exception(ApiError(self.state, "The message waits in the outbox."))

    def _welcomed(self, live: Live, welcome: Welcome, named: Mapping[str, int]) -> None:
        self._live, self.state = live, "online"
        self.resumes = [*self.resumes[-99:], welcome.resume]
        if welcome.resume == "reset":
            # Compared with what the hello named and not with what is held now: a fetch may have overtaken the answer.
            for name, held in named.items():
                head = welcome.heads.get(name)
                if head is not None and head < held:
                    self._spawn(self._restart(self.course(unb64(name)), head))
        self._up.set()
        self._told(welcome.heads)

    async def _restart(self, course: Course, head: int) -> None:
        async with course.lock:
            course.held, course.head = 0, head
            course.ahead.clear()
            course.mine.clear()
            self._desk.restart(course.thread, head)
        self._changed(course.thread)
        self._aim(course, head)

    def _down(self) -> None:
        self._live = None
        self._up.clear()
        if self.state == "online":
            self.state = "offline"

    def _refused(self, code: str) -> None:
        if code == "signed_out":
            self.state = "signed-out"
        elif code == "protocol_version":
            self.state = "outdated"
        self._changed(b"")

    async def _pause(self, attempt: int) -> None:
        """Full jitter: after a restart of the server its clients must not all come back in one moment."""
        ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(attempt, 10))
        await asyncio.sleep(0.1 + self._random() * ceiling)

    # What arrives

    def _hear(self, push: Push) -> None:
        if isinstance(push, MessageNew):
            course = self.course(push.thread)
            if push.seq > course.held and len(course.ahead) < MOST_AHEAD:
                course.ahead[push.seq] = MessageOut(seq=push.seq, wire=push.wire, at=push.at)
            self._aim(course, push.seq)
        elif isinstance(push, Pong):
            self._told(push.heads)
        elif isinstance(push, ThreadLost):
            self._lose(self.course(push.thread))
        elif isinstance(push, ThreadChanged):
            course = self.course(push.thread)
            if course.code == "lost":
                course.code = ""
            self._changed(push.thread)

    def _told(self, heads: Mapping[str, int]) -> None:
        for name, head in heads.items():
            course = self.course(unb64(name))
            if course.code == "lost":
                course.code = ""
            self._aim(course, head)

    def _aim(self, course: Course, head: int) -> None:
        """A head that was heard of is fetched up to; one task a thread does it, however many hints come."""
        course.head = max(course.head, head)
        if course.head > course.held and course.puller is None and not course.code:
            course.puller = self._spawn(self._pull(course))

    def _lose(self, course: Course) -> None:
        course.code, course.held, course.head = "lost", 0, 0
        course.ahead.clear()
        self._desk.lose(course.thread)
        self._changed(course.thread)

    async def _pull(self, course: Course) -> None:
        try:
            for attempt in range(PULL_TRIES):
                async with course.lock:
                    if await self._is_through(course, self._catch_up(course)):
                        return
                await self._pause(attempt)
        finally:
            course.puller = None

    async def _catch_up(self, course: Course) -> None:
        while course.head > course.held and not course.code:
            following = course.ahead.pop(course.held + 1, None)
            if following is not None:
                await self._take(course, following)
            else:
                await self._fetch_to_head(course)
        course.ahead = {seq: message for seq, message in course.ahead.items() if seq > course.held}

    async def _is_through(self, course: Course, work: Coroutine[Any, Any, None]) -> bool:
        """False when the network or the moment broke it off; what cannot be trusted stops the thread."""
        try:
            await work
        except Unreachable:
            return False
        except ApiError as refusal:
            if refusal.code in LATER:
                return False
            if refusal.code == "not_found":
                self._lose(course)
            elif refusal.code == "signed_out":
                self._refused(refusal.code)
        except Ct1Error as broken:
            course.code = broken.code
        self._changed(course.thread)
        return True

    async def _fetch_to_head(self, course: Course) -> None:
        while True:
            before, heard = course.held, course.head
            page = await self._desk.fetch(course.thread, before)
            for message in page.messages:
                if message.seq <= course.held:
                    continue
                if message.seq > max(course.held + 1, page.floor) and not page.own_only:
                    self._desk.gap(course.thread, max(course.held + 1, page.floor), message.seq - 1)
                course.held = message.seq - 1
                await self._take(course, message)
            if not page.messages and page.head > course.held:
                if page.floor <= page.head and not page.own_only:
                    self._desk.gap(course.thread, max(course.held + 1, page.floor), page.head)
                course.held = page.head
            if course.held < page.head and course.held > before:
                continue
            if course.head <= max(heard, course.held):
                # There is no more than this, whatever was said before it was asked.
                course.head = course.held
                return

    async def _take(self, course: Course, message: MessageOut) -> None:
        mine = await self._desk.take(course.thread, message)
        course.held = message.seq
        course.head = max(course.head, message.seq)
        if mine is not None:
            # It is there, signed by its own sender: whether the ack came does not matter any more.
            ack = MessageAck(re=mine, thread=course.thread, msg_id=mine, seq=message.seq, at=message.at, dup=True)
            course.mine[mine] = ack
            self._settle(ack)
        self._changed(course.thread)

    # What goes out

    def _send(self, course: Course) -> None:
        if course.sender is None:
            course.sender = self._spawn(self._empty(course))

    async def _empty(self, course: Course) -> None:
        """Posts what waits in one thread, one after the other: the next goes when this one has its place."""
        try:
            sealings = delays = 0
            while (draft := self.outbox.next_in(course.thread)) is not None:
                await self.online()
                code = await self._post(course, draft)
                if not code:
                    sealings = delays = 0
                elif code == "offline" or code in LATER:
                    await self._pause(delays)
                    delays += 1
                elif code in ANEW and sealings < MOST_SEALINGS:
                    if code == "E_REPLAY":
                        # This device has forgotten how far it counted; its own messages in the thread say it.
                        await self._look_for(course, draft)
                    self.outbox.forget_wire(draft.msg_id)
                    sealings += 1
                else:
                    self._fail(draft, code)
                    sealings = delays = 0
        finally:
            course.sender = None

    async def _post(self, course: Course, draft: Draft) -> str:
        """Empty when the draft has its place, else why not."""
        try:
            if not draft.wire:
                async with course.lock:
                    try:
                        await self._desk.prepare(course.thread)
                    except ApiError as refusal:
                        # Not of this message: the log moved on while entries were made for it.
                        return "busy" if refusal.code == "conflict" else refusal.code
                    wire, counter = self._desk.seal(draft)
                    self.outbox.keep_wire(draft.msg_id, wire, counter)
                # While it was prepared, it may have been seen to be there already.
                if self.outbox.find(draft.msg_id) is None:
                    return ""
            else:
                wire = draft.wire
            live = self._live
            if live is None:
                return "offline"
            self._settle(await live.post(MessagePost(id=draft.msg_id, thread=draft.thread, wire=wire)))
        except Unreachable:
            return "offline"
        except Ct1Error as broken:
            return broken.code
        except ApiError as refusal:
            return await self._look_for(course, draft) if refusal.code == "conflict" else refusal.code
        return ""

    async def _look_for(self, course: Course, draft: Draft) -> str:
        """The id is taken: by this very message, where an earlier copy of it came in late after all."""
        try:
            async with course.lock:
                await self._fetch_to_head(course)
        except (Unreachable, ApiError):
            return "offline"
        if draft.msg_id in course.mine:
            self._settle(course.mine[draft.msg_id])
        return "" if self.outbox.find(draft.msg_id) is None else "conflict"

    def _settle(self, ack: MessageAck) -> None:
        if self.outbox.drop(ack.msg_id):
            self._acks[ack.msg_id] = ack
            if len(self._acks) > MOST_ACKS:
                self._acks.pop(next(iter(self._acks)))
        waiting = self._posted.pop(ack.msg_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_result(ack)
        self._aim(self.course(ack.thread), ack.seq)

    def _fail(self, draft: Draft, code: str) -> None:
        self.outbox.fail(draft.msg_id, code)
        if code == "not_found":
            self._lose(self.course(draft.thread))
        waiting = self._posted.pop(draft.msg_id, None)
        if waiting is not None and not waiting.done():
            waiting.set_exception(ApiError(code, "The message was refused."))
        self._changed(draft.thread)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _code_of(close: int) -> str:
    # A version that is not spoken is refused by name before the close; 4400 alone was a connection silent for too long.
    return "signed_out" if close == Close.SIGNED_OUT else ""
