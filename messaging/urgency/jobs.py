"""The clock of escalations (live.housekeeping): what is due is in the database, so no restart forgets it."""

from __future__ import annotations

from live.housekeeping import every
from messaging.urgency.actions import escalate

ESCALATE_SECONDS = 1.0


def register() -> None:
    """Called once, when the app is ready."""
    every(ESCALATE_SECONDS, "urgency.escalate")(escalate)
