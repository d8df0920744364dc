"""Logs that must be accepted, and logs that must be refused, each with the code that docs/protocol.md gives it."""

from tests.vectors.cast import NOW, World
from tests.vectors.stories import (
    accepted,
    admission,
    announcements,
    consent,
    emergencies,
    emergency_limits,
    epochs,
    frames,
    handovers,
    new_keys,
    policies,
    representatives,
    witnesses,
)
from tests.vectors.stories.story import STORIES, Scenario

__all__ = ["FAMILIES", "Scenario", "scenarios"]

FAMILIES = (
    accepted,
    frames,
    consent,
    admission,
    epochs,
    witnesses,
    representatives,
    handovers,
    announcements,
    emergencies,
    emergency_limits,
    new_keys,
    policies,
)


def scenarios(world: World) -> list[Scenario]:
    """Every story told in this world."""
    told = []
    for name, expect, tell in STORIES:
        result = tell(world, name)
        log, now = result if isinstance(result, tuple) else (result, NOW)
        told.append(Scenario(name, expect, log, now))
    return told
