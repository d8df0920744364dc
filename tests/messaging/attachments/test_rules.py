"""What may be begun and what a range asks for, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.attachments import sealed_size
from messaging.attachments.rules import Limits, Span, refusal_of_size, span_of
from wire.errors import ConsiliumError

LIMITS = Limits(file=sealed_size(1000), person=sealed_size(1000) * 2, thread=sealed_size(1000) * 3)
FULL = sealed_size(1000)


def code(size: int, of_person: int = 0, of_thread: int = 0) -> str:
    refusal = refusal_of_size(size, LIMITS, of_person=of_person, of_thread=of_thread)
    return str(refusal.code) if refusal else ""


def test_it_works() -> None:
    assert code(FULL) == ""
    assert code(FULL, of_person=FULL, of_thread=2 * FULL) == ""


def test_the_first_limit_that_is_reached_names_the_refusal() -> None:
    assert code(LIMITS.file + 1, of_person=10**9) == "too_large"
    assert code(FULL - 1, of_person=10**9) == "E_ATT"
    assert code(FULL, of_person=FULL + 1, of_thread=10**9) == "person_full"
    assert code(FULL, of_person=0, of_thread=2 * FULL + 1) == "thread_full"


@given(st.text(max_size=40), st.integers(1, 10**9))
def test_no_range_is_ever_outside_of_the_file(header: str, size: int) -> None:
    assert span_of(header, size) is None


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 10**12))
def test_a_range_is_cut_at_the_end_and_refused_beyond_it(start: int, last: int, size: int) -> None:
    header = f"bytes={start}-{last}"
    if last < start:
        assert span_of(header, size) is None
    elif start >= size:
        with pytest.raises(ConsiliumError) as refusal:
            span_of(header, size)
        assert refusal.value.status == 416
    else:
        assert span_of(header, size) == Span(start, min(last + 1, size))
        assert span_of(f"bytes={start}-", size) == Span(start, size)
