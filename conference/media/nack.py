"""Which lost packets to ask a publisher for, and when to ask again. No clock of its own, no sockets."""

from __future__ import annotations

from typing import NamedTuple

from conference.media.rtp import newer

MAX_GAP = 128
"""A jump of more packets than this is an outage: ask for a keyframe instead of every packet."""
MAX_MISSING = 256
"""Half a ring: what is older would not be found there. A stream that is all gaps costs this much and no more."""
TRIES = 5
FIRST_ROUND_TRIP_S = 0.05
MAX_ROUND_TRIP_S = 0.5
MARGIN_S = 0.02
"""A retransmission that is this much later than one round trip is lost."""


class _Asked(NamedTuple):
    tries: int
    first: float
    again: float


class Missing:
    """The gaps of one stream.

    aiortc's generator asks once; a lost retransmission would then cost a keyframe, so each packet is asked for up
    to TRIES times, a round trip and MARGIN_S apart. The round trip is learned from packets that were asked for
    once: of others nobody knows which request was answered (Karn).
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._waiting: dict[int, _Asked] = {}
        self.round_trip = FIRST_ROUND_TRIP_S
        self.outage = False

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def pause(self) -> float:
        """Seconds from one request for a packet to the next."""
        return self.round_trip + MARGIN_S

    def arrived(self, seq: int, now: float) -> list[int]:
        """Note a packet; the sequence numbers that it shows to be missing and that are to be asked for now."""
        if self._newest is None:
            self._newest = seq
            return []
        if not newer(seq, self._newest):
            self._repaired(seq, now)
            return []
        gap = (seq - self._newest) & 0xFFFF
        first, self._newest = self._newest + 1, seq
        if gap > MAX_GAP or len(self._waiting) + gap > MAX_MISSING:
            self._waiting.clear()
            self.outage = True
            return []
        fresh = [n & 0xFFFF for n in range(first, first + gap - 1)]
        for n in fresh:
            self._waiting[n] = _Asked(1, now, now + self.pause)
        return fresh

    def _repaired(self, seq: int, now: float) -> None:
        asked = self._waiting.pop(seq, None)
        if asked is not None and asked.tries == 1:
            took = min(MAX_ROUND_TRIP_S, max(0.0, now - asked.first))
            self.round_trip += (took - self.round_trip) / 8

    def due(self, now: float) -> list[int]:
        """What to ask for again at `now`; what was asked for TRIES times is given up and sets `outage`."""
        again: list[int] = []
        for seq, asked in list(self._waiting.items()):
            if asked.again > now:
                continue
            if asked.tries >= TRIES:
                del self._waiting[seq]
                self.outage = True
                continue
            self._waiting[seq] = _Asked(asked.tries + 1, asked.first, now + self.pause)
            again.append(seq)
        return again
