"""Who consents changes how a thread is kept, and everybody's client follows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from client.policy import change_policy
from client.threads import open_thread
from crypto.errors import Ct1Error
from crypto.tables import GenesisFlag
from tests.client.test_threads import begin, post, texts
from tests.server import Server

pytestmark = pytest.mark.server


async def test_it_works(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    await post(case.elena, case.thread, "Before.")
    mine = await open_thread(case.maya.account, case.thread.id)
    await change_policy(mine, lambda one: replace(one, epoch_max_msgs=1, flags=int(GenesisFlag.BREAK_GLASS)))
    await post(case.elena, case.thread, "After.")
    await post(case.elena, case.thread, "And after.")
    held = await open_thread(case.elena.account, case.thread.id)
    assert (held.state.policy.epoch_max_msgs, held.state.policy.flags) == (1, GenesisFlag.BREAK_GLASS)
    assert held.state.epoch is not None and held.state.epoch.number > 1, "a key that carried its message is worn out"
    assert await texts(case.maya, case.thread) == ["Before.", "After.", "And after."]


async def test_a_clinician_changes_nothing(live_server_process: Server) -> None:
    case = await begin(live_server_process)
    hers = await open_thread(case.elena.account, case.thread.id)
    with pytest.raises(Ct1Error) as caught:
        await change_policy(hers, lambda one: replace(one, epoch_max_msgs=1))
    assert caught.value.code == "E_GRANT_AUTHORITY"
    assert hers.state.policy.number == 0
