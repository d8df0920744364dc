"""Stories: a log, and the verdict that docs/protocol.md gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from crypto.authority import Authority
from crypto.tables import AuthKind, GenesisFlag, RecipientKind
from tests.vectors.cast import Log, World


@dataclass(frozen=True)
class Scenario:
    """A log, when it is read, and the verdict."""

    name: str
    expect: str
    log: Log
    now: int


BOTH = ("wanda", "walt")
"""Who witnesses, where it does not matter who."""
Story = Callable[[World, str], Log | tuple[Log, int]]
STORIES: list[tuple[str, str, Story]] = []


def story(expect: str) -> Callable[[Story], Story]:
    def keep(tell: Story) -> Story:
        STORIES.append((tell.__name__.replace("_", " "), expect, tell))
        return tell

    return keep


def with_samuel(world: World, seed: str, **changes: object) -> Log:
    log = Log(world, seed).open()
    log.add("elena", "samuel", log.permit("samuel", **changes))
    log.epoch("elena", "elena", "maya", "samuel")
    return log


def represented(world: World, seed: str, kind: AuthKind, quorum: int) -> Log:
    people = sorted((world[name].user, world[name].fp) for name in ("ruth", "rolf"))
    authorities = tuple(Authority(user, fp) for user, fp in people)
    return Log(world, seed, auth_kind=kind, authorities=authorities, quorum=quorum)


def witnessed(world: World, seed: str, **genesis: Any) -> Log:
    """A thread about a patient who has no key: two witnesses sign."""
    given: dict[str, Any] = {"auth_kind": AuthKind.WITNESSED, "authorities": (), "quorum": 2, **genesis}
    return Log(world, seed, **given)


def flagged(world: World, seed: str, **genesis: Any) -> Log:
    """A thread that an emergency may open, under way."""
    return Log(world, seed, flags=int(GenesisFlag.BREAK_GLASS), **genesis).open()


def of_gerd(world: World, seed: str) -> Log:
    """A thread in the hands of a guardian whose office ends within the hour."""
    log = Log(world, seed, auth_kind=AuthKind.REPRESENTATIVE, authorities=(authority_of(world, "gerd"),))
    log.consent(log.directive("elena"), "gerd")
    log.epoch("elena", "elena", "gerd")
    return log


def authority_of(world: World, name: str) -> Authority:
    return Authority(world[name].user, world[name].fp)


def under_way(world: World, seed: str, **changes: object) -> Log:
    """Elena is permitted by the word of two witnesses, and alone in the thread."""
    log = witnessed(world, seed)
    log.consent(log.directive("elena", **changes), *BOTH, author="elena")
    log.epoch("elena", "elena")
    return log


def opened(world: World, seed: str) -> Log:
    """Edda has declared an emergency, and Elena has answered it with an epoch."""
    log = flagged(world, seed)
    log.declare("edda")
    log.epoch("elena", "elena", "maya", extra=[log.recipient("edda", RecipientKind.EMERGENCY)])
    return log
