"""One stream as one subscriber sees it: which of its two pictures, and the numbers that make a switch invisible.

A publisher may send a small picture (`low`) beside the full one. The subscriber knows one stream: when the picture
changes, at a keyframe, sequence numbers go on without a gap and timestamps go on in time. No clock, no sockets.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from conference.media.keyframes import SWITCH_BURST, SWITCH_RATE, Ration
from conference.media.rtp import VIDEO_RATE, Packet, newer

Size = Literal["off", "low", "high"]
SEQS, CLOCKS = 0xFFFF, 0xFFFFFFFF
MAX_LATE = 1024
"""Packets behind the newest that are still placed; twice what a ring repairs."""
REMEMBERED_S = 2.0
"""How long a stretch that ended can still be repaired."""
BELIEVED_S = 1.0
"""A sender report that puts a switch further than this from when it happened is not believed."""


@dataclass(slots=True)
class Stretch:
    """A run of packets of one picture: what the subscriber gets is `seq + shift` and `timestamp + clock_shift`."""

    low: bool
    first: int
    shift: int
    clock_shift: int
    end: int | None = None
    """The number that the subscriber sees first after the last of this run; None while it runs."""
    ended_at: float = 0.0

    def covers(self, seq: int) -> bool:
        return not newer(self.first, seq) and (self.end is None or newer(self.end, seq + self.shift & SEQS))


class Origin(NamedTuple):
    """The publisher's packet behind a number that a subscriber asks for."""

    low: bool
    seq: int
    clock_shift: int


@dataclass(slots=True, eq=False)
class Feed:
    """State of one subscriber's stream `ssrc`; `size` is what it is to get, `repair_number` counts retransmissions."""

    ssrc: int
    rtx_ssrc: int
    is_video: bool
    size: Size = "high"
    repair_number: int = 0
    keyframes: Ration = field(default_factory=Ration)
    switches: Ration = field(default_factory=lambda: Ration(SWITCH_BURST, SWITCH_RATE))
    _stretches: list[Stretch] = field(default_factory=list)
    _newest: int | None = None
    _newest_clock: int = 0
    _newest_at: float = 0.0

    @property
    def shows(self) -> Size:
        """The picture that flows at this moment."""
        running = self._running()
        return "off" if running is None else "low" if running.low else "high"

    @property
    def clock_shift(self) -> int:
        return self._stretches[-1].clock_shift if self._stretches else 0

    def want(self, size: Size, now: float) -> None:
        """Change what is to be shown: off at once, another picture from its next keyframe on."""
        self.size = size
        if size == "off":
            self._end(now)

    def waits(self) -> bool:
        """Whether a keyframe of the picture in `size` must come before it can be shown."""
        return self.size != "off" and self.shows != self.size

    def place(self, packet: Packet, *, low: bool, starts_keyframe: bool, now: float, skew: int | None) -> Packet | None:
        """The packet as this subscriber is to see it, or None if it is not for them.

        `skew` is the full picture's RTP clock less the small one's, where sender reports have told.
        """
        if self._begins(low, starts_keyframe):
            self._begin(packet, low, now, skew)
        for stretch in self._remembered(now):
            if stretch.low == low and stretch.covers(packet.seq):
                return self._numbered(packet, stretch, now)
        return None

    def origin(self, number: int, now: float) -> Origin | None:
        """Which of the publisher's packets the subscriber saw, or should have seen, under this number."""
        if self._newest is None or newer(number, self._newest):
            return None
        for stretch in self._remembered(now):
            seq = number - stretch.shift & SEQS
            if stretch.covers(seq):
                return Origin(stretch.low, seq, stretch.clock_shift)
        return None

    def _remembered(self, now: float) -> list[Stretch]:
        """The stretches that still count, newest first: numbers wrap, and one long over would seem to begin again."""
        return [old for old in reversed(self._stretches) if old.end is None or now - old.ended_at < REMEMBERED_S]

    def _running(self) -> Stretch | None:
        last = self._stretches[-1] if self._stretches else None
        return last if last is not None and last.end is None else None

    def _begins(self, low: bool, starts_keyframe: bool) -> bool:
        if self.size == "off" or low != (self.size == "low"):
            return False
        if not self._stretches:
            # Nothing was shown yet that could break; the keyframe that follows is asked for when the link is made.
            return True
        running = self._running()
        return starts_keyframe and (running is None or running.low != low)

    def _begin(self, packet: Packet, low: bool, now: float, skew: int | None) -> None:
        self._end(now)
        self._stretches = [old for old in self._stretches if now - old.ended_at < REMEMBERED_S] or self._stretches[-1:]
        shift = clock_shift = 0
        if self._newest is not None:
            shift = self._newest + 1 - packet.seq & SEQS
            clock_shift = self._clock_shift(packet, self._stretches[-1], low, now, skew)
        self._stretches.append(Stretch(low, packet.seq, shift, clock_shift))

    def _clock_shift(self, packet: Packet, before: Stretch, low: bool, now: float, skew: int | None) -> int:
        passed = max(1, int((now - self._newest_at) * VIDEO_RATE))
        if before.low == low or skew is not None:
            step = 0 if before.low == low else (skew or 0) * (1 if low else -1)
            told = before.clock_shift + step & CLOCKS
            ahead = packet.timestamp + told - self._newest_clock & CLOCKS
            if 0 < ahead < 1 << 31 and abs(ahead - passed) < BELIEVED_S * VIDEO_RATE:
                return told
        return self._newest_clock + passed - packet.timestamp & CLOCKS

    def _end(self, now: float) -> None:
        running = self._running()
        if running is not None and self._newest is not None:
            running.end, running.ended_at = self._newest + 1 & SEQS, now

    def _numbered(self, packet: Packet, stretch: Stretch, now: float) -> Packet:
        seq, clock = packet.seq + stretch.shift & SEQS, packet.timestamp + stretch.clock_shift & CLOCKS
        if self._newest is None or newer(seq, self._newest):
            self._newest, self._newest_clock, self._newest_at = seq, clock, now
            if packet.seq - stretch.first & SEQS > 2 * MAX_LATE:
                # Numbers wrap: a first one too far behind would look like one ahead.
                stretch.first = packet.seq - MAX_LATE & SEQS
        if packet.ssrc == self.ssrc and seq == packet.seq and clock == packet.timestamp:
            return packet
        return Packet(packet.marker_type, seq, clock, self.ssrc, packet.payload)


def starts_keyframe(payload: bytes) -> bool:
    """Whether a VP8 payload (RFC 7741 section 4) begins a keyframe; of a sealed frame these bytes are clear."""
    if len(payload) < 2 or payload[0] & 0x1F != 0x10:
        return False
    at = 1
    if payload[0] & 0x80:
        extension = payload[1]
        at = 2
        if extension & 0x80:
            at += 2 if len(payload) > at and payload[at] & 0x80 else 1
        at += (extension >> 6 & 1) + (1 if extension & 0x30 else 0)
    return len(payload) > at and not payload[at] & 1
