"""What is done at intervals so that people are told (live.housekeeping)."""

from __future__ import annotations

from live.housekeeping import every
from people import notices
from people.standby.actions import send_notices
from people.standby.letters import send_letter

NOTICES_SECONDS = 1.0


def register() -> None:
    """Called once, when the app is ready."""
    notices.register(send_letter)
    every(NOTICES_SECONDS, "notices")(send_notices)
