"""Urgency between programs on a real server: raised, told, acknowledged, believed by its signatures."""

from __future__ import annotations

from pathlib import Path

import pytest

from client import urgency
from client.live import Live
from client.threads import open_thread
from tests.client.test_threads import begin
from tests.server import Server

pytestmark = pytest.mark.server


async def test_it_works(tmp_path: Path) -> None:
    server = Server(tmp_path)
    try:
        case = await begin(server)
        maya = await open_thread(case.maya.account, case.thread.id)
        async with Live(case.elena.account.api) as live:
            line = [urgency.person(case.maya.account.me.id)]
            ack, raised = await urgency.post_urgent(case.thread, live, "Please call me today", line)
        assert (raised.seq, raised.state, raised.steps[0].outcome) == (ack.seq, "waiting", "told")
        await urgency.acknowledge(maya, ack.msg_id)
        await case.thread.sync()
        found = await urgency.standing(case.thread)
        assert (found.refused, found.urgencies[ack.msg_id][1].state) == (0, "acknowledged")
        assert [one.user for one in found.acks[ack.msg_id]] == [case.maya.account.me.id]
    finally:
        server.stop()
