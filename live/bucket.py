"""A token bucket: how many frames a device may send before it is asked to slow down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Bucket:
    """`rate` tokens a second up to `burst`; `take` says whether one was left at `now` (seconds)."""

    rate: float
    burst: float
    tokens: float
    at: float

    def take(self, now: float) -> bool:
        self.tokens = min(self.burst, self.tokens + (now - self.at) * self.rate)
        self.at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True
