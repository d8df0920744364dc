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
from client.errors import ApiError
from client.live import Live
from client.threads import Thread
from conference.media.messages import Offered, Reply
from config.environment import ROOT
from crypto.primitives import random_bytes
from tests.conference.call_keys import CallKeys, keys_of, people_of
from tests.conference.peer import Peer, until
from tests.server import Server
from wire.base import Frame, b64
from wire.conference import RoomAdmit, RoomAnswer, RoomConnect, RoomKnock

WAIT_S = 15


@contextmanager
def forwarder(server: Server) -> Iterator[None]:
    """`manage.py run_sfu` beside the web workers of a server, until the block ends."""
    path = server.data / "sfu.sock"
    with (server.data / "sfu.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "run_sfu"],
            cwd=ROOT,
            env=server.environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            while not path.exists():
                if process.poll() is not None:
                    raise RuntimeError((server.data / "sfu.log").read_text()[-4000:])
                process_wait(process, 0.05)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(WAIT_S)


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

    def _sort(self, raw: dict[str, Any]) -> None:
        kind = str(raw.get("type"))
        if not kind.startswith("room.") or kind == "room.done":
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
                self._send(self.command(key))
        elif kind == "room.keys":
            self.keys.take(keys_of(raw))
        if self.keys.in_use is not before:
            self.on_key()

    def _send(self, sending: Any) -> None:
        task = asyncio.ensure_future(sending)
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def command(self, frame: Frame) -> dict[str, Any]:
        """Sends a command with an id; its answer, or its ApiError."""
        return await super().ask(frame, b64(frame.id))  # type: ignore[attr-defined]  # every command has one

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [frame for frame in self.heard if frame["type"] == kind]

    async def knock(self) -> dict[str, Any]:
        return await self.command(RoomKnock(id=random_bytes(16), room=self.room, device=self.device))

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
        if self.peer is not None:
            self.peer.close()
        self.peer = Peer(self.id, self.room, _Answers(self), video=False)
        join = RoomConnect(id=random_bytes(16), room=self.room, device=self.device, ticket=ticket, join=self.keys.join)
        await self.command(join)
        await self.peer.ready()

    async def close(self) -> None:
        if self.peer is not None:
            self.peer.close()
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


def hold_one_key(callers: list[Caller]) -> bool:
    """Whether all of these hold the same key, made for them and for nobody else."""
    held = [caller.keys.in_use if caller.keys is not None else None for caller in callers]
    first = held[0]
    users = frozenset(caller.id for caller in callers)
    return first is not None and first.users == users and all(one is not None and one.ck == first.ck for one in held)
