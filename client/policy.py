"""What a thread is held to, changed by whoever consents in it."""

from __future__ import annotations

from collections.abc import Callable

from client.account import now_ms
from client.errors import ApiError
from client.log import Batch
from client.threads import TRIES, Thread
from crypto.directives import Signer
from crypto.entries import Signed
from crypto.policy import Policy, sign_policy
from crypto.tables import EntryType


async def change_policy(thread: Thread, change: Callable[[Policy], Policy]) -> None:
    """Puts the next policy into a thread's log: `change` is given the one in force, numbered as the next.

    For one who consents alone: raises Ct1Error E_GRANT_AUTHORITY for anybody else, E_QUORUM where several must sign,
    E_SIZE, E_COMPLIANCE, … for what no thread can be held to, ApiError where the server refuses.
    """
    for _ in range(TRIES):
        await thread.sync()
        state, me = thread.state, thread.identity
        now = state.policy
        next_one = Policy(state.thread_id, now.number + 1, now.epoch_max_age_s, now.epoch_max_msgs, now.flags)
        body = change(next_one).encode()
        batch = Batch(state, thread.directory, me, now_ms())
        batch.carry(EntryType.POLICY_CHANGE, Signed(body, (Signer(me.fp, sign_policy(me.sign_seed, body)),)))
        if await thread.append(batch):
            # Who reads may be others now: whoever is online begins the next epoch.
            await thread.tend()
            return
    raise ApiError("conflict", "the thread's log moves too fast")
