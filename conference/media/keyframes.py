"""When a keyframe may be asked of a publisher, and how often on behalf of one subscriber. No clock of its own."""

from __future__ import annotations

from dataclasses import dataclass, field

from live.bucket import Bucket

PUBLISHER_PAUSE_S = 0.5
SUBSCRIBER_PAUSE_S = 1.0
SUBSCRIBER_BURST = 4.0
SUBSCRIBER_RATE = 0.1
"""A person without the key asks for keyframes without end, and everybody else pays for each with a worse picture.
Four at once cover a join, a re-keying and two unlucky losses; then one in ten seconds."""
SWITCH_BURST, SWITCH_RATE = 8.0, 0.25
"""For a change of picture, which a subscriber can wish as well: enough for who scrolls through a full call."""


@dataclass(slots=True)
class Throttle:
    """The requests to one stream of a publisher: at most one every PUBLISHER_PAUSE_S, however many ask."""

    at: float = float("-inf")
    is_pending: bool = False

    def wait(self, now: float) -> float:
        """Seconds until the next request may leave, 0 when it leaves now."""
        left = max(0.0, self.at + PUBLISHER_PAUSE_S - now)
        if not left:
            self.at = now
        return left


@dataclass(slots=True)
class Ration:
    """What one subscriber may ask of one stream: `burst` at once, and `rate` a second."""

    burst: float = SUBSCRIBER_BURST
    rate: float = SUBSCRIBER_RATE
    at: float = float("-inf")
    bucket: Bucket = field(init=False)

    def __post_init__(self) -> None:
        self.bucket = Bucket(self.rate, self.burst, self.burst, float("-inf"))

    def allows(self, now: float) -> bool:
        if now - self.at < SUBSCRIBER_PAUSE_S or not self.bucket.take(now):
            return False
        self.at = now
        return True
