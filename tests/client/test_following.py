"""A thread that is followed, over broken connections and from the command line."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Self

import pytest

from client import following
from client.live import Live
from client.threads import Opened
from config.environment import ROOT
from tests.client.people import PASSWORD, Person
from tests.client.test_threads import begin, post
from tests.server import Server
from wire.base import b64

pytestmark = pytest.mark.server


async def take(messages: AsyncIterator[Opened], count: int) -> list[tuple[int, str]]:
    async with asyncio.timeout(30):
        return [(one.seq, one.text) for one in [await anext(messages) for _ in range(count)]]


async def test_it_works(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "One.")
    followed = following.follow(case.maya.account, case.thread.id)
    assert await take(followed, 1) == [(1, "One.")]
    await post(case.elena, case.thread, "Two.")
    await post(case.elena, case.thread, "Three.")
    assert await take(followed, 2) == [(2, "Two."), (3, "Three.")]


async def test_a_broken_connection_costs_neither_a_gap_nor_a_repeat(
    live_server_process: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await begin(live_server_process)
    opened: list[Live] = []

    class Noted(Live):
        async def __aenter__(self) -> Self:
            opened.append(self)
            return await super().__aenter__()

    monkeypatch.setattr(following, "Live", Noted)
    await post(case.elena, case.thread, "One.")
    followed = following.follow(case.maya.account, case.thread.id)
    assert await take(followed, 1) == [(1, "One.")]
    await opened[0].drop()
    await post(case.elena, case.thread, "While away.")
    assert await take(followed, 1) == [(2, "While away.")]
    assert len(opened) == 2


def at_the_terminal(server: Server, person: Person, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "client", "--base-url", server.address, "--email", person.email, *words],
        cwd=ROOT,
        env={**os.environ, "CONSILIUM_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


async def test_the_command_line_posts_and_reads(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    name = b64(case.thread.id)
    posted = await asyncio.to_thread(
        at_the_terminal, live_server_process, case.elena, "post", "--", name, "From a terminal."
    )
    assert posted.stdout == "posted as 1\n"
    read = await asyncio.to_thread(at_the_terminal, live_server_process, case.maya, "read", "--", name)
    assert read.stdout.endswith("Elena: From a terminal.\n")
    refused = await asyncio.to_thread(at_the_terminal, live_server_process, case.samuel, "read", "--", name)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("client: not_found")
