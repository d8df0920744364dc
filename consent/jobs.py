"""What is done at intervals for the ledger's sake (live.housekeeping): places, checkpoints, publication."""

from __future__ import annotations

from audit.checkpoints import make_checkpoint, publish
from audit.places import give_places
from live.housekeeping import every

CHECKPOINT_SECONDS, PLACES_SECONDS = 60.0, 2.0
"""What happens between two checkpoints is what somebody with the whole machine could still undo unseen."""


def register() -> None:
    """Called once, when the app is ready."""
    every(PLACES_SECONDS, "ledger.places")(give_places)
    every(CHECKPOINT_SECONDS, "ledger.checkpoint")(checkpoint)


def checkpoint() -> None:
    """Signs the tree as it is and brings what waits to its places."""
    make_checkpoint()
    publish()
