"""One word to a person outside the app: that there is something, and never what.

Whoever can carry it (e-mail, web push) registers; nothing here knows Django, a thread or a patient.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from uuid import UUID

import structlog

log = structlog.get_logger("notices")
Sender = Callable[[UUID, str], None]
_senders: list[Sender] = []


class Kind(StrEnum):
    """What a notice is about, as far as a lock screen may show it."""

    ROUTINE = "routine"
    IMPORTANT = "important"
    URGENT = "urgent"
    UNANSWERED = "unanswered"

    @property
    def breaks_quiet(self) -> bool:
        """Whether it reaches a person in their quiet hours: only what somebody waits for by the clock."""
        return self in (Kind.URGENT, Kind.UNANSWERED)


def register(sender: Sender) -> Sender:
    """Registers a road to people, called with `(user_id, kind)`; the same one again is one."""
    if sender not in _senders:
        _senders.append(sender)
    return sender


def tell(user_id: UUID, kind: str) -> int:
    """Sends one notice by every road, after the commit of what it is about; returns how many roads took it.

    Durable and once a step is what people.standby.actions.leave_notice is for: it calls this when it is time.
    """
    taken = 0
    for sender in tuple(_senders):
        try:
            sender(user_id, kind)
        # One road that is closed must not close the others.
        except Exception:
            log.exception("notice_failed", sender=sender.__qualname__)
            continue
        taken += 1
    return taken
