"""Stories: a log, and the verdict that docs/protocol.md gives it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crypto.authority import Authority
from crypto.tables import (
    AuthKind,
)
from tests.vectors.cast import Log, World


@dataclass(frozen=True)
class Scenario:
    """A log, when it is read, and the verdict."""

    name: str
    expect: str
    log: Log
    now: int


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
