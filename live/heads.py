"""The heads for a hello or a heartbeat: who asks in the same moment is asked about together.

After a restart two thousand devices say hello within a second, and every twenty seconds each of them asks again.
"""

from __future__ import annotations

import asyncio
from uuid import UUID
from weakref import WeakKeyDictionary

from live import registry
from live.threads import in_database_thread

AT_ONCE = 200


class Asking:
    """The people asked about on one event loop; while one question is out, the next gathers."""

    def __init__(self) -> None:
        self._waiting: dict[UUID, asyncio.Future[dict[str, int]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def of(self, user: UUID) -> dict[str, int]:
        """The heads of every thread that this person may see, read after this call; raises as the providers do."""
        answer = self._waiting.get(user)
        if answer is None:
            answer = self._waiting[user] = asyncio.get_running_loop().create_future()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._ask())
        # A device that goes must not end the question of another device of the same person.
        return await asyncio.shield(answer)

    async def _ask(self) -> None:
        while self._waiting:
            page = {user: self._waiting.pop(user) for user in list(self._waiting)[:AT_ONCE]}
            try:
                found = await in_database_thread(registry.heads_of, list(page))
            except Exception as error:  # noqa: BLE001  # whoever waits is told, each by their own door
                for answer in page.values():
                    answer.set_exception(error)
                    answer.exception()
                continue
            for user, answer in page.items():
                answer.set_result(found[user])


_asking: WeakKeyDictionary[asyncio.AbstractEventLoop, Asking] = WeakKeyDictionary()


async def heads_of(user: UUID) -> dict[str, int]:
    """The heads of one person, asked for together with whoever else asks now."""
    loop = asyncio.get_running_loop()
    found = _asking.get(loop)
    if found is None:
        found = _asking[loop] = Asking()
    return await found.of(user)
