"""What an emergency does not open."""

from __future__ import annotations

from crypto.tables import EMERGENCY_MAX_MS, EntryType, RecipientKind
from tests.vectors.cast import DAY, T0, Log, World
from tests.vectors.stories.story import flagged, opened, story

BREAK_GLASS = 1
READER = RecipientKind.EMERGENCY


@story("E_RECIPIENTS")
def an_emergency_that_nobody_is_told_of(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda")
    log.epoch("elena", "elena", "maya")
    return log


@story("E_RECIPIENTS")
def a_reader_in_an_emergency_as_if_a_member(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda")
    log.epoch("elena", "elena", "maya", "edda")
    return log


@story("E_RECIPIENTS")
def an_epoch_for_an_emergency_that_is_over(world: World, seed: str) -> Log:
    log = opened(world, seed)
    reader = log.recipient("edda", READER)
    log.epoch("elena", "elena", "maya", extra=[reader], ts=log.ts - 1000 + EMERGENCY_MAX_MS)
    return log


@story("E_NOT_MEMBER")
def a_reader_in_an_emergency_starts_no_epoch(world: World, seed: str) -> Log:
    log = flagged(world, seed)
    log.declare("edda")
    log.epoch("edda", "elena", "maya", extra=[log.recipient("edda", READER)])
    return log


@story("E_NOT_MEMBER")
def a_reader_in_an_emergency_shares_nothing(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.share("elena", "edda", 1, 1)
    log.add("elena", "tom", log.permit("tom"))
    log.share("edda", "tom", 1, 1)
    return log


@story("E_NOT_MEMBER")
def no_history_when_an_emergency_is_over(world: World, seed: str) -> Log:
    log = opened(world, seed)
    log.ts = T0 + EMERGENCY_MAX_MS + 60_000
    log.share("elena", "edda", 1, 1)
    return log


@story("E_NOT_MEMBER")
def no_history_for_another_key_in_an_emergency(world: World, seed: str) -> Log:
    log = opened(world, seed)
    edda, tom = world["edda"], world["tom"]
    log.write("elena", EntryType.HISTORY_SHARE, edda.user + tom.fp + bytes(3) + b"\x01" + bytes(3) + b"\x01")
    return log


def month_old(world: World, seed: str) -> Log:
    """A thread whose first epoch is more than thirty days old when the emergency comes."""
    log = flagged(world, seed)
    log.epoch("elena", "elena", "maya", ts=T0 + 20 * DAY)
    log.declare("edda", ts=T0 + 31 * DAY)
    log.epoch("elena", "elena", "maya", extra=[log.recipient("edda", READER)])
    return log


@story("ok")
def history_of_the_last_thirty_days(world: World, seed: str) -> tuple[Log, int]:
    log = month_old(world, seed)
    log.share("elena", "edda", 2, 2)
    return log, T0 + 32 * DAY


@story("E_HISTORY")
def no_history_from_before_thirty_days(world: World, seed: str) -> tuple[Log, int]:
    log = month_old(world, seed)
    log.share("elena", "edda", 1, 2)
    return log, T0 + 32 * DAY
