"""People in a call as in the product: own sockets to whichever worker, real keys, real media, a real forwarder."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from client.account import Account
from client.errors import ApiError, Unreachable
from client.live import Live
from client.threads import Thread
from conference.media.messages import Offered, Reply
from config.environment import ROOT
from crypto.primitives import random_bytes
from tests.conference.call_keys import CallKeys, keys_of, people_of
from tests.conference.peer import Peer, until
from tests.server import Server
from wire.base import Frame, b64
from wire.conference import RoomAdmit, RoomAnswer, RoomConnect, RoomKey, RoomKnock, RoomResume

WAIT_S = 15


class Forwarder:
    """`manage.py run_sfu` beside the web workers of a server."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._path = server.data / "sfu.sock"
        self.start()

    def start(self) -> None:
        """Starts it, again after `kill`; returns when it takes commands."""
        self._path.unlink(missing_ok=True)
        with (self._server.data / "sfu.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "manage.py", "run_sfu"],
                cwd=ROOT,
                env=self._server.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        while not self._path.exists():
            if self._process.poll() is not None:
                raise RuntimeError((self._server.data / "sfu.log").read_text()[-4000:])
            process_wait(self._process, 0.05)

    def kill(self) -> None:
        """SIGKILL: no goodbye to anybody, and its socket stays behind."""
        self._process.kill()
        self._process.wait(WAIT_S)

    def stop(self) -> None:
        """Ends it with whatever runs on it; SIGTERM would let the calls end first."""
        self._process.send_signal(signal.SIGINT)
        self._process.wait(WAIT_S)


@contextmanager
def forwarder(server: Server) -> Iterator[Forwarder]:
    """The forwarder of a server, until the block ends."""
    running = Forwarder(server)
    try:
        yield running
    finally:
        running.stop()


def process_wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Waits a little, or until the process ends."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return


class Beating(Live):
    """A socket whose heartbeats can be waited for, and that keeps all that was pushed to it in `pushed`."""

    def __init__(self, account: Account, heads: dict[str, int] | None = None) -> None:
        super().__init__(account.api, heads)
        self.pushed: list[dict[str, Any]] = []

    def _sort(self, raw: dict[str, Any]) -> None:
        if raw.get("type") == "pong":
            raw = {**raw, "re": str(raw["id"])}
        elif "re" not in raw:
            self.pushed.append(raw)
        super()._sort(raw)


class Caller(Beating):
    """One person's socket, and, once connected, their keys and media. All frames about rooms are kept in `heard`."""

    def __init__(self, account: Account, thread: Thread, room: bytes) -> None:
        super().__init__(account)
        self.account, self.thread, self.room = account, thread, room
        self.id, self.device = account.me.id, account.api.device
        self.heard: list[dict[str, Any]] = []
        self.peer: Peer | None = None
        self.keys: CallKeys | None = None
        self.on_key: Callable[[], None] = lambda: None
        self._seq = -1
        self._sending: set[asyncio.Task[object]] = set()
        self._checking: asyncio.Future[None] | None = None

    def _sort(self, raw: dict[str, Any]) -> None:
        kind = str(raw.get("type"))
        if not kind.startswith("room.") or "re" in raw:
            super()._sort(raw)
            return
        if raw.get("room") != b64(self.room):
            return
        self.heard.append(raw)
        if raw.get("device") not in (None, b64(self.device)):
            return
        if kind == "room.offer" and self.peer is not None:
            body = {name: value for name, value in raw.items() if name not in ("type", "device")}
            self.peer.take(Offered.model_validate({**body, "user": self.id}))
        elif self.keys is not None:
            self._take_for_keys(kind, raw)

    def _take_for_keys(self, kind: str, raw: dict[str, Any]) -> None:
        assert self.keys is not None
        before = self.keys.in_use
        if kind == "room.state" and raw["seq"] > self._seq:
            self._seq = raw["seq"]
            key = self.keys.roster(people_of(raw), raw["epoch"])
            if key is not None:
                self._send(self._hand_out(key))
        elif kind == "room.keys":
            self.keys.take(keys_of(raw))
        if self.keys.in_use is not before:
            self.on_key()

    def _send(self, sending: Any) -> None:
        task = asyncio.ensure_future(sending)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _hand_out(self, key: RoomKey) -> None:
        try:
            await self.command(key)
        except ApiError as refused:
            # The people have changed again; the roster that says so leads to another key.
            if refused.code not in ("stale_epoch", "not_found", "not_now"):
                raise

    async def command(self, frame: Frame) -> dict[str, Any]:
        """Sends a command with an id; its answer, or its ApiError."""
        return await super().ask(frame, b64(frame.id))  # type: ignore[attr-defined]  # every command has one

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["type"] == kind]

    async def knock(self, *, move: bool = False) -> dict[str, Any]:
        return await self.command(RoomKnock(id=random_bytes(16), room=self.room, device=self.device, move=move))

    @property
    def call(self) -> int:
        """The number of the media that this device was last offered, 0 for none."""
        offers = [offer for offer in self.of("room.offer") if offer["device"] == b64(self.device)]
        return int(offers[-1]["call"]) if offers else 0

    async def says_where(self) -> str:
        """Says where it was; `stay` or `knock`. The roster that comes with the answer is taken."""
        where = RoomResume(id=random_bytes(16), room=self.room, device=self.device, seq=self._seq, call=self.call)
        answer = await self.command(where)
        if answer["state"] is not None:
            self._sort(answer["state"])
        return str(answer["action"])

    async def comes_back(self) -> str:
        """Opens the socket again, however long that takes, and says where it was (docs/protocol.md 9.3)."""
        async with asyncio.timeout(4 * WAIT_S):
            while True:
                self.welcome = self.ended = None
                try:
                    await self.open()
                    break
                except (Unreachable, ApiError):
                    await asyncio.sleep(0.1)
        return await self.says_where()

    async def rejoins(self) -> None:
        """New media for one who is let in already."""
        tickets = len(self.of("room.admitted"))
        await self.knock()
        await until(lambda: len(self.of("room.admitted")) > tickets, f"a ticket for {self.account.me.name}", WAIT_S)
        await self.connect(self.of("room.admitted")[-1]["ticket"])

    async def enter(self, host: Caller) -> None:
        """Knocks, is admitted by the host, and connects."""
        tickets = len(self.of("room.admitted"))
        await self.knock()
        if self is not host:
            await host.command(RoomAdmit(id=random_bytes(16), room=self.room, user=self.id))
        await until(lambda: len(self.of("room.admitted")) > tickets, f"a ticket for {self.account.me.name}", WAIT_S)
        await self.connect(self.of("room.admitted")[-1]["ticket"])

    async def connect(self, ticket: str) -> None:
        """Joins with a ticket, and waits until the publish connection is up."""
        self.keys = CallKeys(self.thread, self.room)
        self._end_media()
        self.peer = Peer(self.id, self.room, _Answers(self), video=False)
        join = RoomConnect(id=random_bytes(16), room=self.room, device=self.device, ticket=ticket, join=self.keys.join)
        await self.command(join)
        await self.peer.ready()
        self._checking = asyncio.ensure_future(self.peer.keep_checking())

    def _end_media(self) -> None:
        if self._checking is not None:
            self._checking.cancel()
        if self.peer is not None:
            self.peer.close()

    async def close(self) -> None:
        self._end_media()
        for task in list(self._sending):
            task.cancel()
        await super().close()


class _Answers:
    """The peer's way out, over its person's own socket."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def ask(self, do: str, **fields: Any) -> Reply:
        answer = RoomAnswer(
            id=random_bytes(16), room=self._caller.room, pc=fields["pc"], offer=fields["offer"], sdp=fields["sdp"]
        )
        try:
            await self._caller.command(answer)
        except ApiError as refused:
            # An offer may be overtaken by the withdrawal or by the next offer; the media then tells.
            if refused.code not in ("not_found", "not_now"):
                raise
        return Reply(re=0)


async def all_hear(callers: list[Caller], seconds: float = WAIT_S) -> None:
    """Everybody sends until everybody hears everybody, and all hold one key for exactly those here."""

    def heard() -> bool:
        for caller in callers:
            assert caller.peer is not None
            caller.peer.send("audio", b"sealed")
        peers = [caller.peer for caller in callers if caller.peer is not None]
        return all(one.heard(other) for one in peers for other in peers if one is not other)

    await until(heard, "everybody hears everybody", seconds)
    await until(lambda: hold_one_key(callers), "everybody holds one key", seconds)


async def hear_on(callers: list[Caller], seconds: float = WAIT_S) -> None:
    """Everybody hears everybody anew, whatever they heard before."""
    for caller in callers:
        assert caller.peer is not None
        caller.peer.got.clear()
    await all_hear(callers, seconds)


def shown_once(caller: Caller) -> bool:
    """Whether no roster that this person ever saw shows anybody twice."""
    people = [[one["user"] for one in state["people"]] for state in caller.of("room.state")]
    return all(len(users) == len(set(users)) for users in people)


def hold_one_key(callers: list[Caller]) -> bool:
    """Whether all of these hold the same key, made for them and for nobody else."""
    held = [caller.keys.in_use if caller.keys is not None else None for caller in callers]
    first = held[0]
    users = frozenset(caller.id for caller in callers)
    return first is not None and first.users == users and all(one is not None and one.ck == first.ck for one in held)
