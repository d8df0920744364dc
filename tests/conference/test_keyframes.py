"""How often a publisher is asked for a keyframe."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conference.media.keyframes import (
    PUBLISHER_PAUSE_S,
    SUBSCRIBER_BURST,
    SUBSCRIBER_PAUSE_S,
    SUBSCRIBER_RATE,
    Ration,
    Throttle,
)


def test_it_works() -> None:
    throttle = Throttle()
    assert throttle.wait(10.0) == 0
    assert 0 < throttle.wait(10.1) < PUBLISHER_PAUSE_S
    assert throttle.wait(10.0 + PUBLISHER_PAUSE_S) == 0


def test_a_person_without_the_key_makes_no_storm() -> None:
    ration = Ration()
    allowed = sum(ration.allows(second / 2) for second in range(240))
    assert allowed <= SUBSCRIBER_BURST + 120 * SUBSCRIBER_RATE


def test_one_who_was_quiet_is_answered_at_once() -> None:
    ration = Ration()
    while ration.allows(0.0):
        pass
    assert ration.allows(60.0)


@given(st.lists(st.floats(0, 5), max_size=200))
def test_no_rhythm_gets_more_than_the_ration(pauses: list[float]) -> None:
    ration, now, times = Ration(), 0.0, list[float]()
    for pause in pauses:
        now += pause
        if ration.allows(now):
            times.append(now)
    assert all(later - earlier >= SUBSCRIBER_PAUSE_S for earlier, later in pairwise(times))
    assert len(times) <= SUBSCRIBER_BURST + now * SUBSCRIBER_RATE + 1
