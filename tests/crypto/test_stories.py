"""Each story of a thread, by its name: what the log lets in, and what it keeps out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from crypto.errors import Ct1Error
from crypto.log import replay
from crypto.tables import EMERGENCY_MAX_MS, Action, CertKind, Effect, RevokeKind
from tests.vectors.cast import DAY, NOW, T0, World
from tests.vectors.stories import Scenario, scenarios
from tests.vectors.stories.story import BOTH, opened, under_way, with_samuel

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


def test_one_more_certificate_changes_no_log() -> None:
    """A rule that hung on the absence of a certificate could close a thread by showing one."""
    world = World()
    for person in list(world.people.values()):
        for org in world.orgs:
            for kind in CertKind:
                world.certify(person, org, exp=T0 + 365 * DAY, kind=kind)
    wider = world.directory()
    for one in TOLD:
        if one.expect == "ok":
            before, after = (replay(one.log.entries(), known, one.now) for known in (DIRECTORY, wider))
            assert before == after, one.name


def test_what_somebody_witnessed_never_lets_them_in() -> None:
    world = World()
    log = under_way(world, "never")
    log.consent(log.directive(None), *BOTH, author="elena")
    state = replay(log.entries(), DIRECTORY, NOW)
    elena = state.members[world["elena"].user]
    wanda = replace(elena, user=world["wanda"].user, fp=world["wanda again"].fp, directive_id=bytes(16))
    assert state.may(replace(wanda, user=world["tom"].user), Action.READ, NOW)
    assert not any(state.may(wanda, action, NOW) for action in Action)
    # The refusal of those who were witnesses to it counts for them as for everybody.
    log.consent(log.directive(None, effect=Effect.DENY), *BOTH, author="elena")
    assert not replay(log.entries(), DIRECTORY, NOW).may(elena, Action.READ, NOW)


def test_an_emergency_reads_for_its_hours_and_does_nothing_else() -> None:
    world = World()
    log = opened(world, "hours")
    state, edda = replay(log.entries(), DIRECTORY, NOW), world["edda"]
    begins = state.emergencies[0].ts
    assert [one.user for one in state.emergency_readers(begins + EMERGENCY_MAX_MS - 1)] == [edda.user]
    assert state.emergency_readers(begins + EMERGENCY_MAX_MS) == []
    assert edda.user not in state.members
    assert state.needs_rotation(begins + EMERGENCY_MAX_MS)
