"""The embedded forwarder as it is measured: a process of its own, without Django, in the network of the run."""

from __future__ import annotations

import asyncio
import math
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.calls.crowd import Crowd, Guest
from benchmarks.calls.network import Network
from conference.media.messages import Event
from conference.media.server import Config, serve
from conference.media.ticket import make_grant, seal_ticket
from tests.conference.peer import Line, until

KEY, ROOM = b"b" * 32, b"B" * 16


@asynccontextmanager
async def embedded(folder: Path, net: Network, crowd: Crowd, size: int) -> AsyncIterator[int]:
    """A call of `size` on a fresh forwarder; its process id."""
    control = folder / "sfu.sock"
    command = [*net.prefix, sys.executable, "-m", "benchmarks.calls.embedded", str(control), net.address]
    server = await asyncio.create_subprocess_exec(*command)
    line = Line()
    try:
        await until(control.exists, "the forwarder", 30)
        await line.open(control)
        await _fill(line, crowd, size)
        yield server.pid
    finally:
        for guest in crowd.guests:
            guest.close()
        await line.close()
        server.terminate()
        await asyncio.wait_for(server.wait(), 10)


async def _fill(line: Line, crowd: Crowd, size: int) -> None:
    by_user: dict[bytes, Guest] = {}

    def event(one: Event) -> None:
        if one.user in by_user:
            by_user[one.user].take(one)

    line.on_event = event
    for number in range(1, size + 1):
        user = bytes([number]) * 16
        guest = by_user[user] = Guest(user, ROOM, line, crowd)
        grant = make_grant(ROOM, user, b"d" * 16, time.time_ns() // 1_000_000, hold=False)
        reply = await line.ask("join", ticket=seal_ticket(KEY, grant))
        assert reply.error == "", reply
        await guest.ready()
        guest.speak()
    await until(lambda: all(len(guest.tracks) == size - 1 for guest in by_user.values()), "every offer", 60)


def main(control: str, host: str) -> None:
    import uvloop

    config = Config(control=Path(control), key=KEY, host=host, unchecked_s=math.inf, max_people=32)
    try:
        uvloop.run(serve(config, lambda port: None))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return


if __name__ == "__main__":
    main(*sys.argv[1:])
