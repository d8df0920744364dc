"""What is done at intervals for the patient's sake (live.housekeeping): reminders, and the ledger's checkpoints."""

from __future__ import annotations

from django.utils import timezone

from audit.checkpoints import make_checkpoint, publish
from audit.places import give_places
from consent.reminders import remind
from live.housekeeping import every

CHECKPOINT_SECONDS, PLACES_SECONDS, REMIND_SECONDS = 60.0, 2.0, 3600.0
"""What happens between two checkpoints is what somebody with the whole machine could still undo unseen."""


def register() -> None:
    """Called once, when the app is ready."""
    every(PLACES_SECONDS, "ledger.places")(give_places)
    every(CHECKPOINT_SECONDS, "ledger.checkpoint")(checkpoint)
    every(REMIND_SECONDS, "consent.remind")(remind_now)


def checkpoint() -> None:
    """Signs the tree as it is and brings what waits to its places."""
    make_checkpoint()
    publish()


def remind_now() -> None:
    remind(timezone.now())
