"""Who receives whom in a room: one table, so that a cut is one synchronous removal. No sockets, no clock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Protocol

from conference.media.feed import Feed
from live.bucket import Bucket


class Sink(Protocol):
    """A subscriber's connection."""

    def send_rtp(self, packet: bytes) -> bool: ...

    def send_rtcp(self, packet: bytes) -> None: ...


@dataclass(slots=True)
class Tally:
    """What was forwarded to one person: packets, octets, and when the last one left (ms since the epoch)."""

    packets: int = 0
    octets: int = 0
    last_ms: int = 0


REPAIRS_PER_SECOND = 200.0


def _repair_bucket() -> Bucket:
    return Bucket(REPAIRS_PER_SECOND, REPAIRS_PER_SECOND, REPAIRS_PER_SECOND, float("-inf"))


@dataclass(slots=True, eq=False)
class Link:
    """The right of `sink` to hear `source`: the streams it asked for, by the SSRC that it knows them under."""

    source: bytes
    sink: bytes
    connection: Sink
    tally: Tally
    feeds: dict[int, Feed] = field(default_factory=dict)
    repairs: Bucket = field(default_factory=_repair_bucket)

    def forward(self, packet: bytes, now_ms: int) -> None:
        if self.connection.send_rtp(packet):
            self.tally.packets += 1
            self.tally.octets += len(packet)
            self.tally.last_ms = now_ms


class Routes:
    """The links of a room, by source and then by sink. What is not here is not forwarded, by any path."""

    def __init__(self) -> None:
        self._hearers: dict[bytes, dict[bytes, Link]] = {}

    def connect(self, link: Link) -> None:
        """Let `sink` hear `source`; nobody hears themselves."""
        if link.source != link.sink:
            self._hearers.setdefault(link.source, {})[link.sink] = link

    def cut(self, user: bytes) -> None:
        """From the return of this call nothing from or to this person is forwarded."""
        self._hearers.pop(user, None)
        for hearers in self._hearers.values():
            hearers.pop(user, None)

    def hearers(self, source: bytes) -> Collection[Link]:
        return self._hearers.get(source, {}).values()

    def link(self, source: bytes, sink: bytes) -> Link | None:
        return self._hearers.get(source, {}).get(sink)
