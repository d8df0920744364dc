from live.bucket import Bucket


def test_a_burst_is_let_through_and_the_next_is_not() -> None:
    bucket = Bucket(rate=1, burst=3, tokens=3, at=0)
    assert [bucket.take(0) for _ in range(4)] == [True, True, True, False]


def test_tokens_come_back_with_time_and_never_exceed_the_burst() -> None:
    bucket = Bucket(rate=2, burst=3, tokens=0, at=0)
    assert bucket.take(0.5)
    assert not bucket.take(0.5)
    assert [bucket.take(1000) for _ in range(4)] == [True, True, True, False]
