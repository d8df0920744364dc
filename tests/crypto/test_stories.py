"""Each story of a thread, by its name: what the log lets in, and what it keeps out."""

from __future__ import annotations

import pytest

from crypto.errors import Ct1Error
from crypto.log import replay
from crypto.tables import Action, RevokeKind
from tests.vectors.cast import DAY, NOW, T0, World
from tests.vectors.stories import Scenario, scenarios
from tests.vectors.stories.story import with_samuel

TOLD = scenarios(World())
DIRECTORY = World().directory()


def verdict_of(one: Scenario) -> str:
    try:
        replay(one.log.entries(), DIRECTORY, one.now)
    except Ct1Error as refusal:
        return refusal.code
    return "ok"


@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.name.replace(" ", "-"))
def test_it_works(one: Scenario) -> None:
    assert verdict_of(one) == one.expect


def test_who_was_withdrawn_is_sealed_to_no_more() -> None:
    world = World()
    log = with_samuel(world, "withdrawn")
    samuel = world["samuel"].user
    assert samuel in replay(log.entries(), world.directory(), NOW).effective(NOW)
    log.revoke(RevokeKind.EVERYONE)
    state = replay(log.entries(), world.directory(), NOW)
    assert samuel not in state.effective(NOW)
    assert samuel not in [user for _, user, _ in state.recipients(NOW)]
    assert state.needs_rotation(NOW)


def test_a_permit_covers_from_its_first_moment_to_its_last() -> None:
    world = World()
    log = with_samuel(world, "term", exp=T0 + DAY)
    state, samuel = replay(log.entries(), world.directory(), NOW), world["samuel"].user
    assert state.may(state.members[samuel], Action.READ, T0 + DAY - 1)
    assert not state.may(state.members[samuel], Action.READ, T0 + DAY)


def test_the_outsider_is_in_no_thread() -> None:
    world = World()
    for one in TOLD:
        if one.expect == "ok":
            state = replay(one.log.entries(), world.directory(), one.now)
            assert world["chidi"].user not in state.members, one.name
