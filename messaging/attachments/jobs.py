"""What is done about files at intervals (live.housekeeping): uploads that were given up end, stray bytes go."""

from __future__ import annotations

from live.housekeeping import every
from messaging.attachments.actions import sweep

SWEEP_SECONDS = 3600.0


def register() -> None:
    """Called once, when the app is ready."""
    every(SWEEP_SECONDS, "attachments.sweep")(sweep)
