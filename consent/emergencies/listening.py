"""What emergencies hear: the question at delivery, and the clock."""

from __future__ import annotations

from uuid import UUID

from consent.emergencies.access import is_party
from consent.emergencies.actions import close_those_that_are_over
from live import registry
from live.housekeeping import every
from wire.emergency import EmergencyChanged

CLOSE_EVERY_S = 5.0


def connect() -> None:
    """Registers everything; called once, when the app is ready."""
    registry.guard(EmergencyChanged)(may_hear)
    every(CLOSE_EVERY_S, "emergencies")(close_those_that_are_over)


def may_hear(user_id: UUID, frame: EmergencyChanged) -> bool:
    return is_party(user_id, UUID(bytes=frame.id))
