"""Two processes and a Redis: they hear each other, and know when they may not have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from live import bus as buses
from live.bus import Bus
from tests.services import Service, start_redis

WAIT_S = 20


@pytest.fixture(scope="module")
def redis() -> Iterator[Service]:
    service = start_redis()
    yield service
    service.end()


class Heard:
    def __init__(self) -> None:
        self.words: asyncio.Queue[bytes] = asyncio.Queue()
        self.gap = asyncio.Event()

    async def next(self) -> bytes:
        return await asyncio.wait_for(self.words.get(), WAIT_S)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Heard:
    """What every bus of this process hears, in order, and that there was a gap."""
    found = Heard()
    monkeypatch.setattr(buses, "_hears", [found.words.put_nowait])
    monkeypatch.setattr(buses, "_gaps", [found.gap.set])
    return found


async def test_each_hears_the_other_in_order_and_nobody_hears_themself(redis: Service, heard: Heard) -> None:
    one, other = Bus(redis.url), Bus(redis.url)
    await one.follow()
    await other.follow()
    for word in (b"a", b"b", b"c"):
        one.tell(word)
    assert [await heard.next() for _ in range(3)] == [b"a", b"b", b"c"]
    other.tell(b"d")
    assert await heard.next() == b"d"
    assert heard.words.empty()


async def test_words_of_one_moment_leave_as_one_and_arrive_one_by_one(redis: Service, heard: Heard) -> None:
    one, other = Bus(redis.url), Bus(redis.url)
    await one.follow()
    await other.follow()
    words = [bytes([number % 256]) * (number * 7) for number in range(buses.AT_ONCE + 20)]
    for word in words:
        one.tell(word)
    assert [await heard.next() for _ in words] == words


@given(st.lists(st.binary(max_size=300)))
def test_packed_words_come_apart_again(words: list[bytes]) -> None:
    packed = buses.pack(words)
    assert list(buses.unpack(packed)) == words
    if words:
        with pytest.raises(ValueError, match="ends within a word"):
            list(buses.unpack(packed[:-1] if words[-1] else packed[:-2]))


async def test_a_lost_connection_is_a_gap_and_then_words_come_again(redis: Service, heard: Heard) -> None:
    one, other = Bus(redis.url), Bus(redis.url)
    await one.follow()
    redis.kill()
    redis.start()
    await asyncio.wait_for(heard.gap.wait(), WAIT_S)
    await one.follow()
    other.tell(b"after")
    assert await heard.next() == b"after"


async def test_a_first_connection_is_no_gap(redis: Service, heard: Heard) -> None:
    await Bus(redis.url).follow()
    assert not heard.gap.is_set()


async def test_who_cannot_hear_the_others_is_told_so_in_time(heard: Heard) -> None:
    with pytest.raises(TimeoutError):
        await Bus("redis://127.0.0.1:1/0").follow()


async def test_words_without_a_redis_are_dropped_and_block_nobody(heard: Heard) -> None:
    one = Bus("redis://127.0.0.1:1/0")
    for _ in range(buses.QUEUED + 10):
        one.tell(b"word")
    assert one._telling is not None
    await asyncio.wait_for(one._telling, WAIT_S)
    assert heard.words.empty()
