"""A forwarder that is told to go: no new rooms, those that run end by themselves or are dismissed."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from tests.conference.call import CHIDI, ELENA, ROOM, SAMUEL, call, ticket
from tests.conference.peer import until


async def test_it_works(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        draining = asyncio.ensure_future(room.server.drain(60))
        await asyncio.sleep(0)
        refused = await room.line.ask("join", ticket=ticket(CHIDI, room=b"X" * 16))
        assert refused.error == "draining", "no new room"
        maya = await room.join(b"m" * 16)
        await room.talk(elena, samuel, maya)
        assert not draining.done(), "those who talk go on talking, and who belongs to them may come"
        for user in (ELENA, SAMUEL, b"m" * 16):
            await room.cut(user)
        await asyncio.wait_for(draining, 10)
        assert elena.lost is None, "nobody was dismissed: the call was over"


async def test_who_is_still_there_at_the_end_is_told_to_come_again(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        await room.server.drain(0.01)
        await until(lambda: elena.lost is not None and samuel.lost is not None, "both are told")
        assert elena.lost is not None and elena.lost.reason == "drained"


async def test_a_room_that_is_empty_keeps_nobody_waiting(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        await room.join(ELENA)
        await room.cut(ELENA)
        await asyncio.wait_for(room.server.drain(600), 10)
        assert (await room.line.ask("join", ticket=ticket(SAMUEL, room=ROOM))).error == "draining"


async def test_the_process_ends_at_the_first_word_when_nobody_is_in_a_call(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    chosen = {"DATA": str(tmp_path), "SFU_SOCKET": str(tmp_path / "sfu.sock"), "SFU_UDP_PORT": str(port)}
    environment = {**os.environ, **{f"CONSILIUM_{name}": value for name, value in chosen.items()}}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "manage.py", "run_sfu", env=environment, stdout=subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        assert b"forwarding" in await asyncio.wait_for(process.stdout.readline(), 60)
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
