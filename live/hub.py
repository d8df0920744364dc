"""Who is connected to this process: a frame for many people goes straight to their sockets, in one step.

No queue, no task and no channel layer lie between: what was decided in this step is still so when it is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from live.outlet import Outlet
from live.ready import Ready


class Hub:
    """The open outlets of one process, by person; used on the event loop alone."""

    def __init__(self) -> None:
        self._outlets: dict[UUID, list[Outlet]] = {}

    def join(self, user_id: UUID, outlet: Outlet) -> None:
        self._outlets.setdefault(user_id, []).append(outlet)

    def leave(self, user_id: UUID, outlet: Outlet) -> None:
        held = self._outlets.get(user_id, [])
        if outlet in held:
            held.remove(outlet)
        if not held:
            self._outlets.pop(user_id, None)

    def deliver(self, people: Iterable[UUID], ready: Ready) -> None:
        """Writes to every socket of these people that is here."""
        for person in people:
            for outlet in tuple(self._outlets.get(person, ())):
                outlet.write(ready)

    def people(self) -> list[UUID]:
        """Everybody who has a socket here."""
        return list(self._outlets)

    def write_to(self, person: UUID, ready: Ready) -> None:
        self.deliver((person,), ready)


hub = Hub()
