"""Who gets which picture, and what a publisher is asked for."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from conference.media.feed import Size
from conference.media.layers import FIRST_PATIENCE_S, LONGEST_PATIENCE_S, MIN_BITRATE, Demand, Line, Measured, Tile

HIGH, LOW = 600_000.0, 100_000.0


def tiles(count: int, want: Size = "high") -> list[Tile]:
    return [Tile(head, want, HIGH, LOW) for head in range(count)]


def strained(estimate: float, sent: float) -> Line:
    """A line that has reported twice that it carries less than it is sent."""
    line = Line()
    for now in (0.0, 0.5):
        line.observe(Measured(estimate, 0.0, sent), now)
    return line


def test_it_works() -> None:
    assert Line().choose(tiles(3)) == {0: "high", 1: "high", 2: "high"}
    assert Line().choose(tiles(2, "low")) == {0: "low", 1: "low"}
    assert Line().choose(tiles(2, "off")) == {0: "off", 1: "off"}


def test_a_narrow_line_gets_small_pictures_before_it_loses_one() -> None:
    assert strained(900_000, 3 * HIGH).choose(tiles(3)) == {0: "high", 1: "low", 2: "low"}
    assert strained(360_000, 3 * HIGH).choose(tiles(3)) == {0: "low", 1: "low", 2: "low"}
    assert strained(220_000, 3 * HIGH).choose(tiles(3)) == {0: "low", 1: "low", 2: "off"}


def test_a_line_that_carries_voices_alone_is_sent_no_picture() -> None:
    line = strained(LOW / 2, 3 * HIGH)
    assert set(line.choose(tiles(3)).values()) == {"off"}


def test_a_person_who_sends_one_picture_is_hidden_from_a_line_that_cannot_carry_it() -> None:
    line = strained(300_000, 2 * HIGH)
    assert line.choose([Tile(0, "high", HIGH, None), Tile(1, "high", HIGH, LOW)]) == {0: "off", 1: "low"}


def test_between_two_people_the_picture_adapts_and_is_not_hidden() -> None:
    line = strained(300_000, HIGH)
    assert line.choose([Tile(0, "high", HIGH, None, adapts=True)]) == {0: "high"}
    line = strained(90_000, HIGH)
    assert line.choose([Tile(0, "high", HIGH, None, adapts=True)]) == {0: "off"}


def test_one_odd_report_changes_nothing() -> None:
    line = Line()
    line.observe(Measured(100_000, 0.0, HIGH), 0.0)
    line.observe(Measured(900_000, 0.0, HIGH), 0.5)
    assert line.choose(tiles(1)) == {0: "high"}


def test_a_hiccup_that_the_next_report_makes_good_takes_no_picture_away() -> None:
    line, estimate = Line(), 1.5 * LOW
    for tick in range(240):
        if tick % 20 == 10:
            estimate = 0.85 * LOW
        elif tick % 2 == 0:
            estimate = min(1.5 * LOW, 1.08 * estimate)
        line.observe(Measured(estimate, 0.0 if tick % 2 == 0 else None, LOW), tick / 2)
        assert line.choose(tiles(1, "low")) == {0: "low"}


def test_a_line_that_stays_behind_is_narrowed_within_two_seconds() -> None:
    line = Line()
    for tick in range(10):
        line.observe(Measured(1.5 * HIGH, 0.0, HIGH), tick / 2)
    for tick in range(10, 14):
        line.observe(Measured(0.85 * HIGH, 0.0, HIGH), tick / 2)
    assert line.choose(tiles(1)) == {0: "low"}


def test_loss_narrows_a_line_that_estimates_nothing() -> None:
    line = Line()
    for now in (0.0, 0.5):
        line.observe(Measured(None, 0.25, 3 * HIGH), now)
    assert list(line.choose(tiles(3)).values()).count("high") < 3


def test_a_loss_that_was_reported_once_counts_once() -> None:
    line = Line()
    line.observe(Measured(None, 0.25, 3 * HIGH), 0.0)
    for tick in range(1, 10):
        line.observe(Measured(None, None, 3 * HIGH), tick / 2)
    line.observe(Measured(None, 0.0, 3 * HIGH), 5.0)
    line.observe(Measured(None, 0.25, 3 * HIGH), 10.0)
    assert line.choose(tiles(3)) == {0: "high", 1: "high", 2: "high"}


def test_a_line_that_is_well_again_is_sent_more_step_by_step() -> None:
    line = strained(400_000, 3 * HIGH)
    now = 0.5
    while line.choose(tiles(3)) != {0: "high", 1: "high", 2: "high"}:
        now += 0.5
        sent = sum(HIGH if size == "high" else LOW for size in line.choose(tiles(3)).values())
        line.observe(Measured(1.5 * sent, 0.0, sent), now)
        assert now < 120


def test_an_attempt_that_failed_is_made_again_after_twice_the_time() -> None:
    line, now, attempts = Line(), 0.0, list[float]()
    shown: Size = "high"
    while now < 400:
        now += 0.5
        sent = HIGH if shown == "high" else LOW
        line.observe(Measured(min(300_000, 1.5 * sent), 0.0, sent), now)
        before, shown = shown, line.choose(tiles(1))[0]
        if (before, shown) == ("low", "high"):
            attempts.append(now)
    pauses = [later - earlier for earlier, later in pairwise(attempts)]
    assert 2 < len(attempts) < 14, "the person sees a change now and then, not all the time"
    assert pauses[-1] > 3 * pauses[0] or pauses[0] >= LONGEST_PATIENCE_S
    assert attempts[0] >= FIRST_PATIENCE_S


def shown_until(line: Line, estimate: float, seconds: int) -> list[Size]:
    """What a line that carries everything is shown of one small picture, every half second.

    As browsers do it: the estimate rises by a twelfth a second, up to half above what arrives, and stands still while
    no picture does.
    """
    now, shown, seen = 0.5, line.choose(tiles(1, "low"))[0], list[Size]()
    for _ in range(seconds * 2):
        now += 0.5
        if shown == "low" and now == int(now):
            estimate = max(estimate, min(estimate * 1.08, 1.5 * LOW))
        line.observe(Measured(estimate, 0.0, LOW if shown == "low" else 0.0), now)
        shown = line.choose(tiles(1, "low"))[0]
        seen.append(shown)
    return seen


def test_a_line_whose_estimate_collapsed_for_a_moment_sees_again_and_goes_on_seeing() -> None:
    line = strained(20_000, LOW)
    assert line.choose(tiles(1, "low")) == {0: "off"}
    seen = shown_until(line, 20_000, 60)
    assert seen.index("low") < 2 * (FIRST_PATIENCE_S + 1)
    assert "off" not in seen[seen.index("low") :]


def test_a_line_that_says_nothing_any_more_is_tried_again_and_again() -> None:
    line, now, tries = strained(0.0, 3 * HIGH), 0.5, 0
    shown: Size = "off"
    while now < 600:
        now += 0.5
        line.observe(Measured(0.0, 0.0, LOW if shown == "low" else 0.0), now)
        before, shown = shown, line.choose(tiles(1, "low"))[0]
        tries += (before, shown) == ("off", "low")
    assert tries > 5


def test_an_attempt_ends_at_once_when_the_estimate_falls() -> None:
    line = strained(300_000, HIGH)
    line.observe(Measured(300_000, 0.0, LOW), 0.5 + FIRST_PATIENCE_S)
    line.observe(Measured(300_000, 0.0, HIGH), 6.0)
    assert line.allowed is not None and line.allowed > 300_000
    for now in (6.5, 7.0):
        line.observe(Measured(200_000, 0.0, HIGH), now)
    assert line.allowed == 200_000


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["off", "low", "high"]), st.floats(0, 2e6), st.one_of(st.none(), st.floats(0, 3e5)),
            st.booleans(),
        ),
        max_size=8,
    ),
    st.floats(0, 3e6),
)  # fmt: skip
def test_nobody_gets_more_than_they_want_or_than_fits(
    wishes: list[tuple[Size, float, float | None, bool]], allowed: float
) -> None:
    line = Line(allowed=allowed)
    made = [Tile(head, want, high, low, adapts) for head, (want, high, low, adapts) in enumerate(wishes)]
    chosen = line.choose(made)
    assert set(chosen) == {tile.head for tile in made}
    cost = 0.0
    for tile in made:
        size = chosen[tile.head]
        assert not (tile.want == "off" and size != "off")
        assert not (tile.want == "low" and tile.low is not None and size == "high")
        high = min(tile.high or 0, MIN_BITRATE / 2) if tile.adapts and tile.low is None else tile.high or 0
        cost += {"off": 0.0, "low": tile.low or 0.0, "high": high}[size]
    assert cost <= allowed + 1


def test_one_bad_line_does_not_make_the_picture_worse_for_the_others() -> None:
    assert Demand([2_000_000, 900_000, 50_000]).bitrate(1_500_000) == 900_000
    assert Demand([None, None, 50_000]).bitrate(1_500_000) == 1_500_000
    assert Demand([700_000, 100_000]).bitrate(1_500_000) == 700_000


def test_a_single_hearer_gets_what_their_line_carries() -> None:
    assert Demand([400_000]).bitrate(1_500_000) == 400_000
    assert Demand([10_000]).bitrate(1_500_000) == MIN_BITRATE
    assert Demand([]).bitrate(1_500_000) == 1_500_000


@given(st.lists(st.one_of(st.none(), st.floats(0, 1e12)), max_size=16), st.integers(MIN_BITRATE, 5_000_000))
def test_what_is_asked_for_is_within_bounds_and_at_least_half_can_take_it(
    shares: list[float | None], most: int
) -> None:
    asked = Demand(list(shares)).bitrate(most)
    assert MIN_BITRATE <= asked <= most
    able = sum(1 for share in shares if share is None or share >= asked - 1 or asked == MIN_BITRATE)
    assert able * 2 >= len(shares)
