"""After words between the processes may have been lost: everybody here is told how far their threads have come."""

from __future__ import annotations

import asyncio
from itertools import islice

import structlog

from live import registry
from live.hub import hub
from live.ready import Ready
from live.store import UNREACHABLE
from live.threads import in_database_thread
from wire.errors import Unavailable
from wire.live import Pong

log = structlog.get_logger("live")

AT_ONCE = 50
_tasks: set[asyncio.Task[None]] = set()


def tell_everybody() -> None:
    """Begins to send the heartbeat's heads to every socket of this process, without waiting for the heartbeat."""
    task = asyncio.create_task(_tell())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def _tell() -> None:
    people = iter(hub.people())
    while page := list(islice(people, AT_ONCE)):
        try:
            heads = await in_database_thread(registry.heads_of, page)
        except (*UNREACHABLE, Unavailable) as error:
            # Then their next heartbeats tell them.
            log.warning("gap.untold", error=type(error).__name__)
            return
        for person, mine in heads.items():
            hub.write_to(person, Ready(Pong(heads=mine).model_dump_json()))
