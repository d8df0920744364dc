"""A forwarder, the web side's line to it and headless people, all over real sockets on loopback."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from conference.media.messages import Event
from conference.media.server import Config, Forwarder
from conference.media.ticket import make_grant, seal_ticket
from tests.conference.peer import Line, Peer, until

KEY = b"k" * 32
ROOM = b"R" * 16
ELENA, SAMUEL, MAYA, CHIDI = (name * 16 for name in (b"e", b"s", b"m", b"c"))


class Call:
    """A forwarder, the web side's line to it, and the people in it."""

    def __init__(self, server: Forwarder, line: Line) -> None:
        self.server, self.line = server, line
        self.peers: dict[bytes, Peer] = {}
        line.on_event = self._event

    def _event(self, event: Event) -> None:
        if event.user in self.peers:
            self.peers[event.user].take(event)

    async def join(self, user: bytes, *, room: bytes = ROOM, hold: bool = False, low: bool = False) -> Peer:
        peer = self.peers[user] = Peer(user, room, self.line, low=low)
        reply = await self.line.ask("join", ticket=ticket(user, room=room, hold=hold))
        assert reply.error == "", reply
        await peer.ready()
        return peer

    async def talk(self, *peers: Peer) -> None:
        """Each sends a first packet of each kind, and all wait until all can hear all."""
        for peer in peers:
            for kind in peer.ssrcs:
                peer.send(kind, b"first")

        def all_hear() -> bool:
            for peer in peers:
                for kind in peer.ssrcs:
                    peer.send(kind, b"more")
            return all(a.heard(b, k) for a in peers for b in peers if a is not b for k in b.ssrcs)

        await until(all_hear, "everybody hears everybody")

    async def cut(self, user: bytes) -> None:
        assert (await self.line.ask("cut", room=ROOM, user=user, not_before=now_ms())).error == ""

    async def refused(self, code: str) -> int:
        """How often the forwarder refused something under this code."""
        process = (await self.line.ask("stats")).process
        assert process is not None
        return {str(name): count for name, count in process.refused.items()}[code]

    async def stats(self, user: bytes) -> dict[str, object]:
        reply = await self.line.ask("stats", room=ROOM)
        return next(p.model_dump() for p in reply.rooms[0].people if p.user == user)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def ticket(user: bytes, *, room: bytes = ROOM, hold: bool = False, age_ms: int = 0, key: bytes = KEY) -> str:
    return seal_ticket(key, make_grant(room, user, b"d" * 16, now_ms() - age_ms, hold=hold))


@asynccontextmanager
async def call(tmp_path: Path) -> AsyncIterator[Call]:
    server = Forwarder(Config(control=tmp_path / "sfu.sock", key=KEY))
    await server.start()
    line = Line()
    await line.open(tmp_path / "sfu.sock")
    made = Call(server, line)
    try:
        yield made
    finally:
        for peer in made.peers.values():
            peer.close()
        await line.close()
        await server.stop()


async def quiet(*peers: Peer) -> None:
    """Let what is under way arrive."""
    await asyncio.sleep(0.1)


def pump(peer: Peer, packets: int, kind: str = "video") -> list[int]:
    return [peer.send(kind, os.urandom(40)) for _ in range(packets)]
