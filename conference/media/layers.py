"""Who gets which picture, and how much a publisher may send: sound first, and one bad line is no burden to the others.

Pure rules; the clock is passed in. Rates are bits a second.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from conference.media.feed import Size

MIN_BITRATE = 200_000
"""What a publisher is never asked to go below: under this a line loses the picture and keeps the sound."""
SCARCE = 0.9
"""A line whose estimate is below this share of the pictures that it is sent is overloaded. Browsers estimate up to half
above the pictures that arrive, so a line that is merely sent little never looks so."""
FALLEN = 0.97
CLIMB_S = 3.0
"""An estimate that fell is slow to come back, by a twelfth a second, and only while pictures arrive: one that has risen
in this time is no sign of trouble, or a line that was overloaded once would be dark for good."""
HICCUP_S = 1.0
"""A browser answers every hiccup of its line, or of its own, with a seventh less, and climbs with its next report."""
LOSSY = 0.1
LOSSY_SHARE = 0.7
"""What a line that loses a tenth of everything may be sent of what it was sent."""
FIRST_PATIENCE_S, LONGEST_PATIENCE_S = 5.0, 80.0
STRIKES = 2
"""Reports in a row that must say so: one may be older than what changed meanwhile."""
TRUSTED = 6
"""After so many times its patience without trouble a line's past is forgotten: more than the steps of one attempt."""
GROWTH = 1.5


@dataclass(frozen=True, slots=True)
class Tile:
    """One picture that a subscriber may get.

    `want` is what the person asked for, `low` and `high` what each picture costs, None for one that is not sent.
    `adapts`: this subscriber is the only one, so the publisher sends what their line carries.
    """

    head: int
    want: Size
    high: float | None
    low: float | None
    adapts: bool = False


@dataclass(frozen=True, slots=True)
class Measured:
    """What a subscriber's line reports: its estimate (None before the first), the share lost, and what it is sent.

    Both rates are of pictures alone: browsers leave voices, which always go first, out of their estimate. `lost` is
    None when no report has come since the last look: of a voice there is one in five seconds, and each counts once.
    """

    estimate: float | None
    lost: float | None
    sent: float


@dataclass(slots=True)
class Line:
    """The memory of one subscriber's line: what its pictures may cost, unknown until it was overloaded once."""

    allowed: float | None = None
    patience: float = FIRST_PATIENCE_S
    _strikes: int = 0
    _bad_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _top: float = float("inf")
    """The highest estimate since it last fell."""
    _rose_at: float = float("-inf")
    _well_at: float = float("-inf")

    def observe(self, seen: Measured, now: float) -> None:
        """Take the newest report: trouble narrows the line at once, patience widens it step by step."""
        self._follow(seen, now)
        left = self._left(seen, now)
        if left is not None:
            self._strikes += 1
            if self._strikes >= STRIKES:
                self._narrow(left, now)
            return
        if seen.lost is not None:
            self._strikes = 0
        if _is_behind(seen):
            # Still on its way up to what it is sent already.
            return
        if self.allowed is not None and now - max(self._bad_at, self._tried_at) >= self.patience:
            self.allowed = max(self.allowed, seen.sent, MIN_BITRATE / 2) * GROWTH
            # The estimate is of what was sent before: it gets the time to rise.
            self._tried_at = self._rose_at = now
            if now - self._bad_at > TRUSTED * self.patience:
                self.patience = FIRST_PATIENCE_S

    def _follow(self, seen: Measured, now: float) -> None:
        if not _is_behind(seen):
            self._well_at = now
        if (estimate := seen.estimate) is None:
            return
        if estimate < FALLEN * self._top:
            self._top, self._rose_at = estimate, float("-inf")
        elif estimate > self._top:
            self._top, self._rose_at = estimate, now

    def _left(self, seen: Measured, now: float) -> float | None:
        """What an overloaded line can carry of pictures; None when it is not overloaded."""
        climbs = now - self._rose_at <= CLIMB_S
        if seen.estimate is not None and _is_behind(seen) and not climbs and now - self._well_at >= HICCUP_S:
            return seen.estimate
        if seen.lost is not None and seen.lost > LOSSY and seen.sent > 0:
            return seen.sent * LOSSY_SHARE
        return None

    def _narrow(self, left: float, now: float) -> None:
        if now - self._tried_at < FIRST_PATIENCE_S:
            # The attempt to send more is what overloaded it: the next one waits twice as long.
            self.patience = min(LONGEST_PATIENCE_S, self.patience * 2)
            self._tried_at = float("-inf")
        self.allowed = left if self.allowed is None else min(self.allowed, left)
        self._bad_at = now

    def choose(self, tiles: Sequence[Tile]) -> dict[int, Size]:
        """The picture of each tile: small ones for all that fit first, in order, then full ones for those that may."""
        left = float("inf") if self.allowed is None else self.allowed
        chosen: dict[int, Size] = {}
        for tile in tiles:
            size, cost = _least(tile)
            if cost > left:
                size, cost = "off", 0.0
            chosen[tile.head] = size
            left -= cost
        for tile in tiles:
            if tile.want != "high" or chosen[tile.head] != "low" or tile.high is None:
                continue
            more = tile.high - (tile.low or 0.0)
            if more <= left:
                chosen[tile.head] = "high"
                left -= more
        return chosen


def _is_behind(seen: Measured) -> bool:
    return seen.estimate is not None and seen.estimate < SCARCE * seen.sent


def _least(tile: Tile) -> tuple[Size, float]:
    """The cheapest picture that is sent, and its price; `off` where none is wanted."""
    if tile.want == "off":
        return "off", 0.0
    if tile.low is not None:
        return "low", tile.low
    high = tile.high or 0.0
    return "high", min(high, MIN_BITRATE / 2) if tile.adapts else high


@dataclass(slots=True)
class Demand:
    """What the hearers of one publisher's full picture can take; None for a line of which nothing is known."""

    shares: list[float | None] = field(default_factory=list)

    def bitrate(self, most: int) -> int:
        """What the publisher is asked for: as much as the better half of those who get the full picture can take.

        The worse half gets the small picture or none; a single hearer gets what their line carries.
        """
        known = sorted((most if share is None else share for share in self.shares), reverse=True)
        if not known:
            return most
        return int(min(most, max(MIN_BITRATE, known[(len(known) - 1) // 2])))
