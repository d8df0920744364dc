"""What a network does to frames, decided by a seed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any


@dataclass(frozen=True)
class Weather:
    """Chances by frame, and the longest delay in seconds; frames that are delayed by different times change places."""

    drop: float = 0.0
    repeat: float = 0.0
    cut: float = 0.0
    delay: float = 0.05
    in_order: bool = True
    """As over TCP, where nothing overtakes within one connection."""

    @property
    def calm(self) -> Weather:
        return replace(self, drop=0.0, repeat=0.0, cut=0.0, delay=0.01, in_order=True)


def forecast(chance: Random) -> Weather:
    """Fair, foul, or foul in one way only, so that each fault is also met alone."""
    kind = chance.randrange(6)
    whole = Weather(
        chance.uniform(0, 0.25), chance.uniform(0, 0.25), chance.uniform(0, 0.1), chance.uniform(0, 3), False
    )
    calm = Weather()
    if kind == 0:
        return replace(calm, drop=whole.drop)
    if kind == 1:
        return replace(calm, repeat=whole.repeat, delay=whole.delay)
    if kind == 2:
        return replace(calm, cut=2 * whole.cut)
    if kind == 3:
        return replace(calm, delay=4 * whole.delay, in_order=False)
    if kind == 4:
        # What was sent before a cut comes in long after it, when the next connection has been answered.
        return replace(calm, cut=2 * whole.cut, delay=4 * whole.delay, in_order=False)
    return whole


class Road:
    """One direction of one connection: what goes in comes out late, twice, out of order, or never."""

    def __init__(
        self,
        later: Callable[..., Any],
        clock: Callable[[], float],
        chance: Random,
        weather: Callable[[], Weather],
        out: Callable[[str], None],
        cut: Callable[[], None],
    ) -> None:
        self._later, self._clock, self._chance, self._weather = later, clock, chance, weather
        self._out, self._cut, self._last = out, cut, 0.0

    def put(self, frame: str) -> None:
        now, chance = self._weather(), self._chance
        if chance.random() < now.cut:
            # Before the frame, or after: what was sent may have arrived although the connection is gone.
            if chance.random() < 0.5:
                self._pass(frame, now)
            self._cut()
            return
        if chance.random() < now.drop:
            return
        self._pass(frame, now)
        if chance.random() < now.repeat:
            self._pass(frame, now)

    def _pass(self, frame: str, now: Weather) -> None:
        at = self._clock() + self._chance.uniform(0.0005, 0.001 + now.delay)
        if now.in_order:
            at = self._last = max(at, self._last + 1e-6)
        self._later(at - self._clock(), self._out, frame)
