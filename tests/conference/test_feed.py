"""One subscriber's view of a publisher's two pictures: nothing shows that there are two."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given, settings
from hypothesis import strategies as st

from conference.media import rtp
from conference.media.feed import Feed, Size, starts_keyframe

HIGH, LOW = 11, 22
KEY, DELTA = b"\x10\x00key", b"\x10\x01delta"


@dataclass
class Camera:
    """A publisher that films with both encoders; clocks and numbers of the two have nothing in common."""

    seqs: dict[bool, int]
    clocks: dict[bool, int]
    now: float = 0.0

    def packet(self, *, low: bool, key: bool = False) -> rtp.Packet:
        self.seqs[low] = self.seqs[low] + 1 & 0xFFFF
        clock = self.clocks[low] + int(self.now * rtp.VIDEO_RATE) & 0xFFFFFFFF
        return rtp.Packet(rtp.VIDEO_PT, self.seqs[low], clock, LOW if low else HIGH, KEY if key else DELTA)

    @property
    def skew(self) -> int:
        return self.clocks[False] - self.clocks[True]


def camera(high: int = 100, low: int = 65_000) -> Camera:
    return Camera({False: high, True: low}, {False: 4_000_000_000, True: 17})


def shown(feed: Feed, camera: Camera, packet: rtp.Packet, *, skew: int | None = None) -> rtp.Packet | None:
    return feed.place(
        packet,
        low=packet.ssrc == LOW,
        starts_keyframe=starts_keyframe(packet.payload),
        now=camera.now,
        skew=skew,
    )


def test_it_works() -> None:
    feed, film = Feed(HIGH, HIGH + 1, is_video=True), camera()
    first = film.packet(low=False)
    assert shown(feed, film, first) is first, "nothing is changed where nothing was switched"
    assert shown(feed, film, film.packet(low=True, key=True)) is None
    feed.want("low", 0.0)
    film.now = 0.04
    assert shown(feed, film, film.packet(low=True)) is None, "a delta frame is no place to switch"
    kept = shown(feed, film, film.packet(low=False))
    assert kept is not None, "the old picture goes on until the new one can be shown"
    film.now = 0.08
    switched = shown(feed, film, film.packet(low=True, key=True), skew=film.skew)
    assert switched is not None
    assert (switched.seq, switched.ssrc) == (kept.seq + 1, HIGH)
    assert switched.timestamp == kept.timestamp + int(0.04 * rtp.VIDEO_RATE)
    assert shown(feed, film, film.packet(low=False)) is None, "the old picture ended"


def test_without_reports_the_clock_goes_on_by_the_time_that_passed() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    before = shown(feed, film, film.packet(low=False))
    feed.want("low", 0.0)
    film.now = 1.0
    after = shown(feed, film, film.packet(low=True, key=True), skew=None)
    assert before is not None and after is not None
    assert after.timestamp - before.timestamp & 0xFFFFFFFF == rtp.VIDEO_RATE


def test_a_report_that_cannot_be_true_is_not_believed() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    before = shown(feed, film, film.packet(low=False))
    feed.want("low", 0.0)
    film.now = 1.0
    after = shown(feed, film, film.packet(low=True, key=True), skew=film.skew + 90_000 * 3600)
    assert before is not None and after is not None
    assert after.timestamp - before.timestamp & 0xFFFFFFFF == rtp.VIDEO_RATE


def test_off_is_at_once_and_back_is_at_a_keyframe() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    before = shown(feed, film, film.packet(low=False))
    feed.want("off", 0.0)
    hidden = [shown(feed, film, film.packet(low=False, key=at == 3)) for at in range(50)]
    assert hidden == [None] * 50
    feed.want("high", 0.0)
    assert feed.waits()
    film.now = 2.0
    after = shown(feed, film, film.packet(low=False, key=True))
    assert before is not None and after is not None
    assert after.seq == before.seq + 1, "no gap that a subscriber would ask to be repaired"


def test_what_was_hidden_cannot_be_had_as_a_repair() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    shown(feed, film, film.packet(low=False))
    feed.want("off", 0.0)
    hidden = {film.packet(low=False).seq for _ in range(20)}
    feed.want("high", 0.0)
    shown(feed, film, film.packet(low=False, key=True))
    origins = [feed.origin(number, film.now) for number in range(1 << 16)]
    assert not hidden & {origin.seq for origin in origins if origin is not None}


def test_what_is_hidden_stays_hidden_when_numbers_wrap() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    seen = [shown(feed, film, film.packet(low=False)) for _ in range(500)]
    feed.want("off", 0.0)
    film.now = 1200.0
    assert not [1 for _ in range(1 << 16) if shown(feed, film, film.packet(low=False)) is not None]
    assert seen[7] is not None and feed.origin(seen[7].seq, film.now) is None, "nor is it had as a repair"


def test_a_late_packet_of_the_old_picture_takes_its_own_place() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    shown(feed, film, film.packet(low=False))
    late = film.packet(low=False)
    newest = shown(feed, film, film.packet(low=False))
    feed.want("low", 0.0)
    switched = shown(feed, film, film.packet(low=True, key=True))
    placed = shown(feed, film, late)
    assert newest is not None and switched is not None and placed is not None
    assert [placed.seq, newest.seq, switched.seq] == [late.seq, late.seq + 1, late.seq + 2]


def test_a_subscriber_asks_by_its_own_numbers() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    shown(feed, film, film.packet(low=False))
    feed.want("low", 0.0)
    sent = film.packet(low=True, key=True)
    placed = shown(feed, film, sent)
    assert placed is not None
    origin = feed.origin(placed.seq, film.now)
    assert origin is not None
    assert (origin.low, origin.seq) == (True, sent.seq)
    assert feed.origin(placed.seq + 1, film.now) is None, "nothing was sent under this number yet"


def test_a_long_call_outlives_its_numbers() -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera()
    for _ in range(200_000):
        assert shown(feed, film, film.packet(low=False)) is not None


Step = tuple[bool, bool, Size | None, bool, float]
STEPS = st.lists(
    st.tuples(st.booleans(), st.booleans(), st.sampled_from([None, None, None, "off", "low", "high"]), st.booleans(),
              st.floats(0.001, 0.3)),
    max_size=120,
)  # fmt: skip


@settings(max_examples=300)
@given(STEPS, st.integers(0, 65_535), st.integers(0, 65_535))
def test_numbers_are_never_used_twice_and_time_never_goes_back(steps: list[Step], high: int, low: int) -> None:
    feed, film = Feed(HIGH, 0, is_video=True), camera(high, low)
    sent: dict[int, rtp.Packet] = {}
    newest: rtp.Packet | None = None
    for is_low, is_key, size, reported, pause in steps:
        if size is not None:
            feed.want(size, film.now)
        film.now += pause
        packet = film.packet(low=is_low, key=is_key)
        placed = shown(feed, film, packet, skew=film.skew if reported else None)
        if placed is None:
            continue
        assert placed.ssrc == HIGH
        assert placed.seq not in sent, "SRTP and the subscriber know a number once"
        sent[placed.seq] = packet
        assert feed.size != "off"
        if newest is not None:
            assert rtp.newer(placed.seq, newest.seq)
            assert 0 < (placed.timestamp - newest.timestamp) & 0xFFFFFFFF < 1 << 31
        newest = placed
        origin = feed.origin(placed.seq, film.now)
        assert origin is not None and (origin.low, origin.seq) == (is_low, packet.seq)


def test_a_keyframe_is_told_by_its_first_bytes() -> None:
    assert starts_keyframe(b"\x10\x00")
    assert starts_keyframe(b"\x90\x80\x81\x23\x10"), "a picture number of two bytes"
    assert starts_keyframe(b"\x90\xe0\x01\x02\x03\x10"), "with a layer index"
    assert not starts_keyframe(b"\x10\x01"), "a delta frame"
    assert not starts_keyframe(b"\x00\x00"), "in the middle of a frame"
    assert not starts_keyframe(b"\x11\x00"), "a later partition"


@given(st.binary(max_size=12))
def test_noise_is_no_keyframe_or_is_one_and_no_error(noise: bytes) -> None:
    assert starts_keyframe(noise) in (True, False)
