"""What may be posted, and how marks merge: the pure decisions."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messaging.rules import Claim, Marks, Standing, merge_marks, refusal_of

CLAIM = Claim(epoch=2, log_seq=9, ctr=5)
STANDING = Standing(epoch=2, fence=7, closed=False, owed=False, rotate=False, agrees=True, last_ctr=4)


def test_it_works() -> None:
    assert refusal_of(CLAIM, STANDING) is None


@pytest.mark.parametrize(
    ("claim", "standing", "code"),
    [
        (CLAIM, replace(STANDING, closed=True), "E_SCOPE"),
        (CLAIM, replace(STANDING, owed=True), "E_LOG_BEHIND"),
        (CLAIM, replace(STANDING, epoch=0), "E_NO_EPOCH"),
        (CLAIM, replace(STANDING, agrees=False), "E_LOG_FORK"),
        (replace(CLAIM, epoch=1), STANDING, "E_STALE_EPOCH"),
        (replace(CLAIM, epoch=3), STANDING, "E_STALE_EPOCH"),
        (replace(CLAIM, log_seq=6), STANDING, "E_STALE_EPOCH"),
        (CLAIM, replace(STANDING, rotate=True), "E_ROTATE_REQUIRED"),
        (replace(CLAIM, ctr=4), STANDING, "E_REPLAY"),
    ],
)
def test_each_reason_to_refuse_has_its_own_code(claim: Claim, standing: Standing, code: str) -> None:
    refusal = refusal_of(claim, standing)
    assert refusal is not None
    assert refusal.code == code


def test_consent_that_is_owed_is_told_before_a_stale_epoch() -> None:
    refusal = refusal_of(replace(CLAIM, epoch=1), replace(STANDING, owed=True))
    assert refusal is not None
    assert refusal.code == "E_LOG_BEHIND"


seqs = st.integers(0, 40)
marks = st.builds(
    Marks,
    delivered=seqs,
    read=seqs,
    failed=st.dictionaries(seqs, st.sampled_from(["E_AEAD", "E_SEAL", "E_PAD"]), max_size=6),
    healed=st.frozensets(seqs, max_size=6),
)


@given(marks, marks, marks)
def test_marks_merge_the_same_in_any_order_and_however_often(one: Marks, two: Marks, three: Marks) -> None:
    def merged(*them: Marks) -> Marks:
        together = Marks(0, 0, {}, frozenset())
        for mark in them:
            together = merge_marks(together, mark, 40)
        return together

    assert merged(one, two, three) == merged(three, two, one) == merged(one, two, three, two, one)


def test_a_mark_never_goes_beyond_the_last_message() -> None:
    merged = merge_marks(Marks(0, 0, {}, frozenset()), Marks(99, 98, {97: "E_AEAD", 0: "E_AEAD"}, frozenset({99})), 3)
    assert merged == Marks(3, 3, {}, frozenset())


def test_a_message_that_opened_after_all_is_no_failure() -> None:
    assert Marks(3, 3, {2: "E_SEAL", 3: "E_AEAD"}, frozenset({2})).open_failures() == {3: "E_AEAD"}
