"""A server in memory that keeps the promises of docs/protocol.md 7 and no others: it dies, forgets and falls behind.

Posts are judged by the server's own rule (`messaging.rules.refusal_of`); only the store under it is simulated.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from messaging.rules import Claim, Standing, refusal_of
from tests.soak.weather import Road, Weather
from wire.base import Frame, b64
from wire.errors import ErrorFrame
from wire.live import Hello, Ping, Pong, Welcome
from wire.messaging import MessageAck, MessageNew, MessageOut, MessagePage, MessagePost


@dataclass(frozen=True)
class Sealed:
    """The stand-in for a sealed message: what the server may read of it, and what it may not."""

    epoch: int
    ctr: int
    device: bytes
    msg_id: bytes
    body: bytes

    def wire(self) -> bytes:
        return self.epoch.to_bytes(4, "big") + self.ctr.to_bytes(8, "big") + self.device + self.msg_id + self.body

    @classmethod
    def read(cls, wire: bytes) -> Sealed:
        return cls(
            int.from_bytes(wire[:4], "big"), int.from_bytes(wire[4:12], "big"), wire[12:28], wire[28:44], wire[44:]
        )


@dataclass
class Shelf:
    """One thread as the store has it."""

    name: bytes
    epoch: int = 1
    owed: bool = False
    rows: list[bytes] = field(default_factory=list)
    places: dict[bytes, int] = field(default_factory=dict)
    counters: dict[bytes, int] = field(default_factory=dict)


class Office:
    """The store, and the fan-out between its workers."""

    def __init__(self, chance: Random, threads: list[bytes]) -> None:
        self.chance = chance
        self.shelves = {name: Shelf(name) for name in threads}
        self.is_up = True
        self.fans_out = True
        self.workers = [Worker(self), Worker(self)]

    def heads(self) -> dict[str, int]:
        return {b64(one.name): len(one.rows) for one in self.shelves.values()}

    def place(self, post: MessagePost) -> Frame:
        """One post, as the product places it: the ack it had, a refusal, or the next seq."""
        shelf, sealed, re = self.shelves[post.thread], Sealed.read(post.wire), b64(post.id)
        held = shelf.places.get(post.id)
        if held is not None:
            if shelf.rows[held - 1] != post.wire:
                return ErrorFrame(code="conflict", message="", re=re)
            return self._ack(post, held, dup=True)
        standing = Standing(
            epoch=shelf.epoch,
            fence=0,
            closed=False,
            owed=shelf.owed,
            rotate=False,
            agrees=True,
            last_ctr=shelf.counters.get(sealed.device, -1),
        )
        refusal = refusal_of(Claim(sealed.epoch, 0, sealed.ctr), standing)
        if refusal is not None:
            return ErrorFrame(code=refusal.code, message="", re=re)
        shelf.rows.append(post.wire)
        shelf.places[post.id] = len(shelf.rows)
        shelf.counters[sealed.device] = sealed.ctr
        return self._ack(post, len(shelf.rows), dup=False)

    def _ack(self, post: MessagePost, seq: int, *, dup: bool) -> MessageAck:
        return MessageAck(re=post.id, thread=post.thread, msg_id=post.id, seq=seq, at=0, dup=dup)

    def page(self, thread: bytes, after: int, limit: int) -> MessagePage:
        rows = self.shelves[thread].rows
        found = [MessageOut(seq=seq, wire=rows[seq - 1], at=0) for seq in range(after + 1, len(rows) + 1)]
        return MessagePage(messages=found[:limit], head=len(rows), floor=0, own_only=False)

    def push(self, thread: bytes, seq: int) -> None:
        """To every socket of every worker, if the fan-out takes it."""
        row = self.shelves[thread].rows[seq - 1]
        frame = MessageNew(thread=thread, seq=seq, sender=bytes(16), epoch=1, wire=row, at=0)
        text = frame.model_dump_json()
        for worker in self.workers:
            if self.fans_out:
                asyncio.get_running_loop().call_later(self.chance.uniform(0, 0.02), worker.tell, text)


class Worker:
    """One web process: its sockets, and the posts that wait for its next commit."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.is_alive = True
        self.sockets: list[Socket] = []
        self._queue: list[tuple[Socket, MessagePost]] = []
        self._committing = False

    def tell(self, text: str) -> None:
        for socket in self.sockets:
            if socket.is_greeted:
                socket.down.put(text)

    def kill(self) -> None:
        """SIGKILL: what was not committed is gone, and so is every answer."""
        self.is_alive, self._committing = False, False
        self._queue.clear()
        for socket in list(self.sockets):
            socket.cut()

    def post(self, socket: Socket, post: MessagePost) -> None:
        self._queue.append((socket, post))
        if not self._committing:
            self._committing = True
            self._later(self._commit)

    def _later(self, act: Callable[[], None]) -> None:
        asyncio.get_running_loop().call_later(self.office.chance.uniform(0.001, 0.02), act)

    def _commit(self) -> None:
        if not self.is_alive:
            return
        batch, self._queue = self._queue, []
        if not self.office.is_up:
            answers: list[Frame] = [
                ErrorFrame(code="PDP_UNAVAILABLE", message="", re=b64(post.id)) for _, post in batch
            ]
        else:
            answers = [self.office.place(post) for _, post in batch]

        def answer() -> None:
            # Between the commit and this there is a moment in which a kill takes the acks and the pushes along.
            if not self.is_alive:
                return
            for (socket, post), frame in zip(batch, answers, strict=True):
                socket.tell(frame)
                if isinstance(frame, MessageAck) and not frame.dup:
                    self.office.push(post.thread, frame.seq)
            self._committing = bool(self._queue)
            if self._committing:
                self._later(self._commit)

        self._later(answer)


class Socket:
    """The server's end of one connection, as live.consumers answers it."""

    def __init__(self, worker: Worker, down: Road) -> None:
        self.worker, self.down = worker, down
        self.is_greeted = False
        self.is_open = True
        self.on_cut: Callable[[], None] = lambda: None
        worker.sockets.append(self)

    def cut(self) -> None:
        if self in self.worker.sockets:
            self.worker.sockets.remove(self)
        self.is_open = False
        self.on_cut()

    def tell(self, frame: Frame) -> None:
        self.down.put(frame.model_dump_json())

    def hear(self, text: str) -> None:
        """A frame of a connection that is already cut may still come in: the server had it before it knew."""
        if not self.worker.is_alive:
            return
        raw: dict[str, Any] = json.loads(text)
        kind, office = raw["type"], self.worker.office
        if not self.is_greeted and kind != "hello":
            self.tell(ErrorFrame(code="hello_first", message="", re=str(raw.get("id", ""))))
        elif kind == "hello" and self.is_greeted:
            self.tell(ErrorFrame(code="unknown_frame", message=""))
        elif not office.is_up and kind in ("hello", "ping"):
            self.tell(ErrorFrame(code="PDP_UNAVAILABLE", message="", re=str(raw.get("id", ""))))
        elif kind == "hello":
            self._greet(Hello.model_validate(raw))
        elif kind == "ping":
            self.tell(Pong(id=Ping.model_validate(raw).id, heads=office.heads()))
        else:
            self.worker.post(self, MessagePost.model_validate(raw))

    def _greet(self, hello: Hello) -> None:
        heads = self.worker.office.heads()
        self.is_greeted = True
        ahead = any(heads.get(name, seq) < seq for name, seq in hello.heads.items())
        behind = any(hello.heads.get(name, 0) < head for name, head in heads.items())
        resume = "reset" if ahead else "partial" if behind else "resumed"
        said = {"resume": resume, "heads": heads, "now": 0, "build": "soak", "protocol": 1, "oldest_build": 0}
        self.tell(Welcome.model_validate(said))


class SimulatedLine:
    """The client's end: a Line whose two roads have weather."""

    def __init__(self, worker: Worker, chance: Random, weather: Callable[[], Weather], closed: type[Exception]) -> None:
        loop = asyncio.get_running_loop()
        self._closed = closed
        self._inbox: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_open = True
        down = Road(loop.call_later, loop.time, chance, weather, self._deliver, self.abort)
        self.socket = Socket(worker, down)
        self.socket.on_cut = self._lost
        self._up = Road(loop.call_later, loop.time, chance, weather, self.socket.hear, self.abort)

    def _deliver(self, text: str) -> None:
        if self._is_open:
            self._inbox.put_nowait(text)

    def _lost(self) -> None:
        if self._is_open:
            self._is_open = False
            self._inbox.put_nowait(None)

    async def send(self, text: str) -> None:
        if not self._is_open:
            raise self._closed
        self._up.put(text)

    async def receive(self) -> str:
        text = await self._inbox.get()
        if text is None:
            self._inbox.put_nowait(None)
            raise self._closed
        return text

    async def close(self) -> None:
        self.abort()

    def abort(self) -> None:
        if self._is_open:
            self.socket.cut()
