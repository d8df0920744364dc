"""The people of a measured call: they send as browsers do, listen by headers alone, and ask for what they lose.

All with real DTLS and SRTP. What arrives is counted and not decrypted: the server is measured, not its listeners.
"""

from __future__ import annotations

import asyncio
import os
import random
import socket
import struct
import time
from dataclasses import dataclass, field

import pylibsrtp

from conference.media import rtcp, rtp
from tests.conference.peer import Leg, Peer, Signalling

PACKETS_A_SECOND, PAYLOAD = 90, 700
"""For each person: about 500 kbit/s of video and a voice."""
CHECK_S, NACK_S, ESTIMATE_S = 2.5, 0.05, 1.0
PLENTY = 50_000_000
PAUSE_S = 0.1
_NUMBERS = struct.Struct("!2xH4xL")
_NAME = struct.Struct("!LH")


@dataclass
class Crowd:
    """What a run came to. `loss` is the share of packets lost on every line, in both directions."""

    loss: float
    chance: random.Random = field(default_factory=lambda: random.Random(7))
    guests: list[Guest] = field(default_factory=list)
    sent_at: dict[tuple[int, int], float] = field(default_factory=dict)
    delays: list[float] = field(default_factory=list)
    sent: int = 0
    received: int = 0
    heard: set[tuple[int, int, int]] = field(default_factory=set)
    silences: list[float] = field(default_factory=list)
    """Every pause of a stream at a listener that was longer than PAUSE_S."""
    _arrived: dict[tuple[int, int], float] = field(default_factory=dict)

    def arrived(self, listener: int, name: int, now: float) -> None:
        """Note a packet of a stream at a listener, and the pause before it."""
        pause = now - self._arrived.get((listener, name), now)
        if pause > PAUSE_S:
            self.silences.append(pause)
        self._arrived[listener, name] = now

    def begin(self) -> None:
        """Forget what was counted while people came in."""
        self.sent = self.received = 0
        self.sent_at.clear()
        self.delays.clear()
        self.heard.clear()
        self.silences.clear()
        self._arrived.clear()

    @property
    def longest_silence(self) -> float:
        """Seconds of the longest pause between two packets of one stream at one listener."""
        return max(self.silences, default=0.0)

    def silences_over(self, seconds: float) -> int:
        return sum(1 for silence in self.silences if silence > seconds)

    def loses(self) -> bool:
        return self.loss > 0 and self.chance.random() < self.loss

    def delivered(self) -> float:
        """The share of what was to be heard that was heard, repairs included."""
        return len(self.heard) / max(1, self.sent * (len(self.guests) - 1))


class Ear(Leg):
    """A subscribe connection. Each payload begins with the SSRC and number that it was sent under: the first packet of
    a stream and the repairs are opened to learn them, since servers may number anew; all others are known by headers.
    """

    def __init__(self, sdp: str, crowd: Crowd, number: int) -> None:
        super().__init__(sdp, lambda data: None, lambda data: None)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.crowd, self.number = crowd, number
        self.streams: dict[int, tuple[int, int]] = {}
        self.missing: dict[int, dict[int, None]] = {}

    def media(self, data: bytes) -> None:
        if 192 <= data[1] <= 223 or len(data) < 12:
            return
        crowd = self.crowd
        crowd.received += 1
        if data[1] & 0x7F == rtp.RTX_PT:
            if not crowd.loses():
                self._repaired(data)
            return
        seq, ssrc = _NUMBERS.unpack_from(data)
        if ssrc not in self.streams:
            name, sent = self._opened(data)
            self.streams[ssrc] = name, sent - seq
        elif crowd.loses():
            self.missing.setdefault(ssrc, {})[seq] = None
            return
        name, shift = self.streams[ssrc]
        self.missing.get(ssrc, {}).pop(seq, None)
        sent = seq + shift & 0xFFFF
        at = crowd.sent_at.get((name, sent))
        if at is not None:
            now = time.perf_counter()
            crowd.delays.append(now - at)
            crowd.arrived(self.number, name, now)
            crowd.heard.add((self.number, name, sent))

    def _opened(self, data: bytes, skip: int = 0) -> tuple[int, int]:
        packet = rtp.parse(self.dtls._rx_srtp.unprotect(data))
        assert packet is not None
        name, sent = _NAME.unpack_from(packet.payload, skip)
        return name, sent

    def _repaired(self, data: bytes) -> None:
        try:
            name, sent = self._opened(data, 2)
        except (struct.error, pylibsrtp.Error):
            # Janus pads now and then.
            return
        for ssrc, (known, shift) in self.streams.items():
            if known == name:
                self.missing.get(ssrc, {}).pop(sent - shift & 0xFFFF, None)
        if (name, sent) in self.crowd.sent_at:
            self.crowd.heard.add((self.number, name, sent))

    def ask_again(self) -> None:
        for ssrc, waiting in self.missing.items():
            while len(waiting) > 200:
                del waiting[next(iter(waiting))]
            if waiting:
                self.send_rtcp(rtcp.nack(ssrc, list(waiting)))


class Guest(Peer):
    """One person: everything that a Peer does, with an Ear for what arrives."""

    def __init__(self, user: bytes, room: bytes, line: Signalling, crowd: Crowd) -> None:
        super().__init__(user, room, line, video=True)
        self.crowd = crowd
        self.ear: Ear | None = None
        crowd.guests.append(self)

    def listen(self, sdp: str) -> Leg:
        self.ear = Ear(sdp, self.crowd, self.crowd.guests.index(self))
        return self.ear

    def speak(self) -> None:
        """Send one packet of video."""
        assert self.pub is not None
        self.keyframes_due.clear()
        self.sent.pop((self.ssrcs["video"], self.seq["video"] - 1000 & 0xFFFF), None)
        name = self.ssrcs["video"], self.seq["video"] + 1 & 0xFFFF
        self.crowd.sent_at[name] = time.perf_counter()
        self.crowd.sent += 1
        self.send("video", _NAME.pack(*name) + os.urandom(PAYLOAD - _NAME.size))

    def keep(self, second: float) -> None:
        """Checks and reports, as a browser sends them; called every NACK_S."""
        for leg in (self.pub, self.sub):
            if leg is not None and second % CHECK_S < NACK_S:
                leg.check()
        if self.ear is not None and self.ear.dtls.connected:
            self.ear.ask_again()
            if second % ESTIMATE_S < NACK_S:
                self.ear.send_rtcp(rtcp.bitrate_cap(PLENTY, [self.ssrcs["video"]]))


async def all_hear_all(crowd: Crowd, seconds: float = 30.0) -> None:
    """Talk until everybody has heard everybody; RuntimeError when that does not come about."""
    deadline = time.monotonic() + seconds
    pairs = len(crowd.guests) * (len(crowd.guests) - 1)
    while len({(ear, ssrc) for ear, ssrc, _ in crowd.heard}) < pairs:
        if time.monotonic() > deadline:
            raise RuntimeError("not everybody could hear everybody")
        for guest in crowd.guests:
            guest.speak()
        await asyncio.sleep(0.05)


async def talk(crowd: Crowd, seconds: float) -> float:
    """Everybody sends for so long; the seconds that it took."""
    for guest in crowd.guests:
        assert guest.pub is not None
        guest.pub.lose = lambda packet: crowd.loses()
    crowd.begin()
    began, kept, rounds = time.monotonic(), 0.0, 0
    while (passed := time.monotonic() - began) < seconds:
        while rounds < passed * PACKETS_A_SECOND:
            rounds += 1
            for guest in crowd.guests:
                guest.speak()
        if passed - kept >= NACK_S:
            kept = passed
            for guest in crowd.guests:
                guest.keep(passed)
        await asyncio.sleep(0.002)
    for _ in range(4):
        await asyncio.sleep(NACK_S)
        for guest in crowd.guests:
            guest.keep(1.0)
    await asyncio.sleep(NACK_S)
    return time.monotonic() - began
