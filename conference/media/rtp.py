"""RTP as bytes (RFC 3550, 4588): strip, build, remember, and notice what is missing. No clock, no sockets."""

from __future__ import annotations

import struct
from typing import NamedTuple

AUDIO_PT = 111
VIDEO_PT = 96
RTX_PT = 97
ABS_SEND_TIME_ID = 3
VIDEO_RATE = 90_000
RING_SIZE = 512
MAX_PACKET = 1340
"""libsrtp's buffer (1500) less its longest trailer (144) less what we add: 8 of an extension, 2 of a retransmission."""

_HEADER = struct.Struct("!BBHLL")
_EXTENSION = struct.pack("!HHB", 0xBEDE, 1, ABS_SEND_TIME_ID << 4 | 2)


class Packet(NamedTuple):
    """One RTP packet without extensions, CSRCs or padding; `marker_type` is the second octet (M bit and PT)."""

    marker_type: int
    seq: int
    timestamp: int
    ssrc: int
    payload: bytes

    @property
    def payload_type(self) -> int:
        return self.marker_type & 0x7F


def parse(data: bytes) -> Packet | None:
    """The packet in these bytes, or None if they are not well-formed RTP.

    Extensions are dropped, not passed on: a publisher's `mid` would mis-route at the subscriber, and audio
    levels would tell an onlooker who speaks.
    """
    if not 12 <= len(data) <= MAX_PACKET:
        return None
    first, marker_type, seq, timestamp, ssrc = _HEADER.unpack_from(data)
    if first >> 6 != 2:
        return None
    start = 12 + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data)
    if first & 0x20:
        if data[-1] == 0:
            return None
        end -= data[-1]
    if start > end:
        return None
    return Packet(marker_type, seq, timestamp, ssrc, data[start:end])


def abs_send_time(seconds: float) -> int:
    """Seconds as the 6.18 fixed-point number of the abs-send-time extension."""
    return int(seconds * (1 << 18)) & 0xFFFFFF


def build(packet: Packet, send_time: int | None) -> bytes:
    """The bytes to send, with an abs-send-time extension when `send_time` is given: built once, shared by all."""
    if send_time is None:
        return _HEADER.pack(0x80, *packet[:4]) + packet.payload
    return _HEADER.pack(0x90, *packet[:4]) + _EXTENSION + send_time.to_bytes(3, "big") + packet.payload


def unwrap_rtx(packet: Packet, ssrc: int) -> Packet | None:
    """The original packet inside a retransmission; None for padding-only probes."""
    if len(packet.payload) <= 2:
        return None
    return Packet(
        packet.marker_type & 0x80 | VIDEO_PT,
        int.from_bytes(packet.payload[:2], "big"),
        packet.timestamp,
        ssrc,
        packet.payload[2:],
    )


def wrap_rtx(packet: Packet, ssrc: int, seq: int) -> Packet:
    """The retransmission of a packet on the stream `ssrc`, numbered `seq` there."""
    payload = packet.seq.to_bytes(2, "big") + packet.payload
    return Packet(packet.marker_type & 0x80 | RTX_PT, seq, packet.timestamp, ssrc, payload)


def newer(a: int, b: int) -> bool:
    """Whether sequence number `a` comes after `b`, modulo 2^16."""
    return a != b and (a - b) & 0xFFFF < 0x8000


class Ring:
    """The last RING_SIZE packets of a stream, by sequence number."""

    def __init__(self) -> None:
        self._slots: list[Packet | None] = [None] * RING_SIZE

    def keep(self, packet: Packet) -> None:
        self._slots[packet.seq % RING_SIZE] = packet

    def find(self, seq: int) -> Packet | None:
        packet = self._slots[seq % RING_SIZE]
        return packet if packet is not None and packet.seq == seq else None


class Reception:
    """What a receiver report says about one stream (RFC 3550 appendix A.3 and A.8)."""

    def __init__(self, clock_rate: int) -> None:
        self._rate = clock_rate
        self._base: int | None = None
        self._cycles = 0
        self._newest = 0
        self._prior_expected = 0
        self._prior_received = 0
        self._transit: float | None = None
        self.received = 0
        self.jitter = 0.0
        self.last_sr_at = 0.0
        self.report: tuple[int, int] | None = None
        """The newest sender report: wall clock (NTP, 64 bits) and RTP timestamp of one instant."""

    @property
    def last_sr(self) -> int:
        """The middle 32 bits of the newest report's wall clock, 0 without one (RFC 3550 section 6.4.1)."""
        return self.report[0] >> 16 & 0xFFFFFFFF if self.report is not None else 0

    def arrived(self, packet: Packet, now: float) -> None:
        if self._base is None:
            self._base = self._newest = packet.seq
        elif newer(packet.seq, self._newest):
            if packet.seq < self._newest:
                self._cycles += 1 << 16
            self._newest = packet.seq
        self.received += 1
        transit = now * self._rate - packet.timestamp
        if self._transit is not None:
            jump = abs(transit - self._transit)
            # A timestamp that wraps or restarts is no jitter.
            if jump < self._rate:
                self.jitter += (jump - self.jitter) / 16
        self._transit = transit

    def highest(self) -> int:
        return self._cycles + self._newest & 0xFFFFFFFF

    def losses(self) -> tuple[int, int]:
        """(fraction lost since the last call in 1/256, packets lost since the start)."""
        if self._base is None:
            return 0, 0
        expected = self._cycles + self._newest - self._base + 1
        interval = expected - self._prior_expected
        lost = interval - (self.received - self._prior_received)
        self._prior_expected, self._prior_received = expected, self.received
        fraction = min(255, (lost << 8) // interval) if interval > 0 and lost > 0 else 0
        return fraction, max(-(1 << 23), min((1 << 23) - 1, expected - self.received))
