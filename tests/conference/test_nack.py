"""Which lost packets are asked for, and how often."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conference.media.nack import FIRST_ROUND_TRIP_S, MARGIN_S, MAX_GAP, MAX_MISSING, TRIES, Missing


def test_it_works() -> None:
    missing = Missing()
    assert missing.arrived(65_534, 0.0) == []
    assert missing.arrived(1, 0.0) == [65_535, 0]
    assert missing.arrived(65_535, 0.01) == []
    assert missing.due(0.03) == []
    assert missing.due(FIRST_ROUND_TRIP_S + MARGIN_S) == [0]


def test_a_packet_is_asked_for_so_often_and_then_a_keyframe_is_needed() -> None:
    missing = Missing()
    missing.arrived(0, 0.0)
    missing.arrived(2, 0.0)
    asked, now = 0, 0.0
    while missing:
        now += 0.01
        asked += len(missing.due(now))
    assert asked == TRIES - 1
    assert missing.outage


def test_an_outage_asks_for_a_keyframe_and_not_for_each_packet() -> None:
    missing = Missing()
    missing.arrived(0, 0.0)
    assert missing.arrived(5000, 0.0) == []
    assert missing.outage


def test_the_pause_follows_the_line() -> None:
    missing = Missing()
    for number in range(200):
        missing.arrived(2 * number, number)
        missing.arrived(2 * number + 2, number)
        missing.arrived(2 * number + 1, number + 0.3)
    assert abs(missing.pause - (0.3 + MARGIN_S)) < 0.01


def test_an_answer_to_the_second_request_says_nothing_about_the_line() -> None:
    missing = Missing()
    missing.arrived(0, 0.0)
    missing.arrived(2, 0.0)
    assert missing.due(0.1) == [1]
    missing.arrived(1, 0.11)
    assert missing.round_trip == FIRST_ROUND_TRIP_S


@given(st.lists(st.tuples(st.integers(0, 65_535), st.floats(0, 0.2)), max_size=400))
def test_no_stream_however_odd_makes_it_ask_without_end(steps: list[tuple[int, float]]) -> None:
    missing, now = Missing(), 0.0
    asked: dict[int, int] = {}
    for seq, pause in steps:
        now += pause
        fresh = missing.arrived(seq, now)
        assert len(fresh) < MAX_GAP
        assert len(missing) <= MAX_MISSING
        for one in fresh:
            asked[one] = 1
        for one in missing.due(now):
            asked[one] += 1
            assert asked[one] <= TRIES


@given(st.sets(st.integers(1, 300), max_size=100), st.integers(0, 65_535))
def test_every_gap_is_asked_for_whatever_the_numbers_began_with(lost: set[int], first: int) -> None:
    missing, asked = Missing(), set[int]()
    for at in range(302):
        if at not in lost:
            asked |= set(missing.arrived(first + at & 0xFFFF, 0.0))
    assert asked == {first + at & 0xFFFF for at in lost}
