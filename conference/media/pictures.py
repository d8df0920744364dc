"""Which pictures each person of a room gets: the rules of `layers` applied to who is there and what they send."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conference.media.feed import Feed
from conference.media.forwarder import Forwarder
from conference.media.layers import Demand, Measured, Tile
from conference.media.participant import Participant
from conference.media.streams import Publisher, Stream

SMALL_PICTURE = 150_000
"""Room in a publisher's bitrate for the small picture beside the full one."""


def choose(person: Participant, people: Mapping[bytes, Participant], forwarder: Forwarder, now: float) -> None:
    """Decide what this person is shown and switch what differs; called twice a second and at every wish."""
    tiles, sent = [], 0.0
    shown: list[tuple[Publisher, Feed]] = []
    for other in people.values():
        link = forwarder.routes.link(other.user, person.user)
        if link is None:
            continue
        alone = len(forwarder.routes.hearers(other.user)) == 1
        for head, feed in link.feeds.items():
            stream = other.publisher.streams.get(head)
            if stream is None or not feed.is_video:
                continue
            small = other.publisher.small.get(head)
            tiles.append(_tile(person, other, stream, small, now, adapts=alone))
            sent += _rate_shown(feed, stream, small)
            shown.append((other.publisher, feed))
    person.line.observe(Measured(person.bitrate, person.lost, sent), now)
    person.lost = None
    chosen = person.line.choose([tile for _, tile in sorted(tiles, key=lambda placed: placed[0])])
    for publisher, feed in shown:
        if chosen[feed.ssrc] != feed.size or feed.waits():
            forwarder.show(publisher, feed, chosen[feed.ssrc])


def _tile(
    person: Participant, other: Participant, stream: Stream, small: Stream | None, now: float, *, adapts: bool
) -> tuple[int, Tile]:
    """The tile and its rank: a shared screen first, then what the person asked to see large."""
    want = person.wants.get((other.user, stream.kind), "high")
    low = small.rate if small is not None and small.flows(now) else None
    rank = 0 if stream.kind == "screen" else 1 if want == "high" else 2
    high = stream.rate if stream.flows(now) else None
    return rank, Tile(stream.head, want, high, low, adapts)


def _rate_shown(feed: Feed, stream: Stream, small: Stream | None) -> float:
    if feed.shows == "high":
        return stream.rate
    return small.rate if feed.shows == "low" and small is not None else 0.0


def bitrate_for(person: Participant, people: Iterable[Participant], forwarder: Forwarder, most: int) -> int:
    """What a publisher is asked for, from what the lines of those carry who get their full pictures."""
    demands = {head: Demand() for head, s in person.publisher.streams.items() if s.is_video and not s.low and s.live}
    for other in people:
        link = forwarder.routes.link(person.user, other.user)
        if link is None or other.on_hold:
            continue
        for head, feed in link.feeds.items():
            if head in demands and feed.size == "high":
                demands[head].shares.append(_share(other))
    if not demands:
        return most
    wanted = sum(demand.bitrate(most) for demand in demands.values())
    return min(most, wanted + (SMALL_PICTURE if person.publisher.small else 0))


def _share(person: Participant) -> float | None:
    """What this person's line leaves for each of the pictures that it is sent, None when nothing is known."""
    if person.bitrate is None:
        return None
    return person.bitrate / max(1, sum(1 for feed in person.feeds.values() if feed.is_video and feed.size != "off"))
