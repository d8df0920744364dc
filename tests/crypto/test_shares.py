"""Shares of a secret: any that are enough make it, fewer or others do not."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto.errors import Ct1Error
from crypto.shares import Share, join, split
from tests.vectors.cast import Stream

OF = bytes([9] * 32)
SECRET = bytes(range(32))


def code_of(shares: list[Share]) -> str:
    with pytest.raises(Ct1Error) as refusal:
        join(shares)
    return refusal.value.code


@settings(max_examples=40, deadline=None)
@given(secret=st.binary(min_size=1, max_size=40), more=st.integers(0, 3), threshold=st.integers(2, 4), seed=st.text())
def test_any_that_are_enough_make_it(secret: bytes, more: int, threshold: int, seed: str) -> None:
    made = split(secret, OF, shares=threshold + more, threshold=threshold, rng=Stream(seed))
    for some in combinations(made, threshold):
        assert join(some) == secret
    assert join(made) == secret


@settings(max_examples=10, deadline=None)
@given(one=st.integers(1, 3), value=st.binary(min_size=1, max_size=1), other=st.binary(min_size=1, max_size=1))
def test_one_share_fits_every_secret(one: int, value: bytes, other: bytes) -> None:
    # For each coefficient of one secret there is one of the other that makes the very same share.
    assert shares_of(value, one) == shares_of(other, one)
    assert len(shares_of(value, one)) == 256


def shares_of(secret: bytes, index: int) -> set[bytes]:
    """What one custodian may come to hold of a secret of one byte, over all that chance may choose."""
    rolled = [bytes([at]) for at in range(256)]
    chance = iter(rolled)
    return {split(secret, OF, shares=3, threshold=2, rng=lambda _: next(chance))[index - 1].points for _ in rolled}


def test_what_is_not_enough_is_refused() -> None:
    made = split(SECRET, OF, shares=3, threshold=2, rng=Stream("a"))
    assert code_of([]) == code_of(made[:1]) == code_of([made[0], made[0]]) == "E_SHARE"


@given(at=st.integers(0, 31), bit=st.integers(0, 7))
def test_a_slip_of_the_pen_is_found(at: int, bit: int) -> None:
    first, second, _ = split(SECRET, OF, shares=3, threshold=2, rng=Stream("a"))
    points = bytearray(first.points)
    points[at] ^= 1 << bit
    assert code_of([replace(first, points=bytes(points)), second]) == "E_SHARE"
    assert code_of([replace(first, index=3), second]) == "E_SHARE"


def test_shares_of_two_secrets_do_not_mix() -> None:
    first, _, _ = split(SECRET, OF, shares=3, threshold=2, rng=Stream("a"))
    _, other, _ = split(SECRET, bytes([8] * 32), shares=3, threshold=2, rng=Stream("b"))
    assert code_of([first, other]) == "E_SHARE"


def test_numbers_that_make_no_sense() -> None:
    for shares, threshold in ((3, 1), (2, 3), (256, 2), (0, 0)):
        with pytest.raises(Ct1Error, match="two shares"):
            split(SECRET, OF, shares=shares, threshold=threshold)
