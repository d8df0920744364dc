"""One person in a room of the forwarder: a connection to publish, one to subscribe, and the offers of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from conference.media.feed import Feed, Size
from conference.media.layers import Line
from conference.media.messages import Connection, Offered, Track
from conference.media.peer import Peer
from conference.media.routes import Tally
from conference.media.sdp import Kind, MediaKind, Section, Transport, write_offer
from conference.media.streams import SECTIONS, Publisher
from wire.base import b64

ANSWER_TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Source:
    """A stream that a subscriber may be offered."""

    user: bytes
    kind: Kind
    ssrc: int
    rtx_ssrc: int


@dataclass(slots=True)
class Slot:
    """One m-line of a subscribe connection; m-lines are never removed, only emptied and used again."""

    media: MediaKind
    source: Source | None
    accepted: bool = False


def media_of(kind: Kind) -> MediaKind:
    return "audio" if kind == "audio" else "video"


class Offers:
    """The offers of one connection: one outstanding at a time, changes meanwhile are folded into the next."""

    def __init__(self, later: Callable[[float, Callable[[], None]], object], on_timeout: Callable[[], None]) -> None:
        self.number = 0
        self.outstanding = False
        self.dirty = False
        self._later = later
        self._on_timeout = on_timeout

    def made(self) -> int:
        self.number += 1
        self.outstanding, self.dirty = True, False
        number = self.number
        self._later(ANSWER_TIMEOUT_S, lambda: self._check(number))
        return number

    def answered(self, number: int) -> bool:
        """Whether this answer is the one awaited; a late or repeated one changes nothing."""
        if not self.outstanding or number != self.number:
            return False
        self.outstanding = False
        return True

    def _check(self, number: int) -> None:
        if self.outstanding and self.number == number:
            self._on_timeout()


@dataclass(eq=False)
class Participant:
    """State of one join. `call` is its number in this forwarder's life; a new join is a new Participant.

    `feeds` live as long as the connection: SRTP would refuse numbers that began anew. `wants` is what the person
    asked to see of whom, everything large where nothing is said; `bitrate` and `lost` what their line reports.
    `confirmed_at` is when the web side last said that consent covers the person, on the forwarder's clock.
    """

    room: bytes
    user: bytes
    call: int
    confirmed_at: float
    on_hold: bool
    pub: Peer
    sub: Peer
    publisher: Publisher
    tally: Tally
    pub_offers: Offers
    sub_offers: Offers
    fingerprint: str
    candidates: Sequence[tuple[str, int]]
    slots: list[Slot] = field(default_factory=list)
    feeds: dict[int, Feed] = field(default_factory=dict)
    wants: dict[tuple[bytes, Kind], Size] = field(default_factory=dict)
    line: Line = field(default_factory=Line)
    bitrate: int | None = None
    lost: float | None = None
    gone: bool = False

    @property
    def may_send(self) -> bool:
        return not self.on_hold and not self.gone

    @property
    def may_receive(self) -> bool:
        return not self.on_hold and not self.gone and self.sub.ready

    def sources(self) -> list[Source]:
        """What others may be offered of this person: the streams that have begun."""
        return [
            Source(self.user, stream.kind, stream.ssrc, stream.rtx_ssrc)
            for stream in self.publisher.streams.values()
            if stream.live and not stream.low
        ]

    def kinds(self) -> list[Kind]:
        return [stream.kind for stream in self.publisher.streams.values() if stream.live and not stream.low]

    def feed(self, source: Source) -> Feed:
        """This person's view of a stream, the same one however often links are made anew."""
        return self.feeds.setdefault(source.ssrc, Feed(source.ssrc, source.rtx_ssrc, source.kind != "audio"))

    def assign(self, wanted: Sequence[Source]) -> bool:
        """Fit the slots to what there is to receive; whether anything changed."""
        changed = False
        for slot in self.slots:
            if slot.source is not None and slot.source not in wanted:
                slot.source, slot.accepted, changed = None, False, True
        held = {slot.source for slot in self.slots}
        for source in wanted:
            if source in held:
                continue
            media = media_of(source.kind)
            free = next((s for s in self.slots if s.source is None and s.media == media), None)
            if free is None:
                self.slots.append(Slot(media, source))
            else:
                free.source, free.accepted = source, False
            changed = True
        return changed

    def pub_offer(self) -> Offered:
        """The offer of the publish connection: one m-line a stream, never negotiated again."""
        sections = [Section(str(at), media_of(kind), "recvonly") for at, (kind, _) in enumerate(SECTIONS)]
        tracks = [Track(mid=str(at), user=self.user, kind=kind, low=low) for at, (kind, low) in enumerate(SECTIONS)]
        return self._offered("pub", self.pub, self.pub_offers.made(), sections, tracks)

    def sub_offer(self) -> Offered:
        """The offer of the subscribe connection as the slots stand."""
        sections: list[Section] = []
        tracks: list[Track] = []
        for at, slot in enumerate(self.slots):
            source = slot.source
            if source is None:
                sections.append(Section(str(at), slot.media, "inactive"))
                continue
            stream = f"{b64(source.user)}{'-screen' if source.kind == 'screen' else ''}"
            sections.append(Section(str(at), slot.media, "sendonly", stream, source.ssrc, source.rtx_ssrc))
            tracks.append(Track(mid=str(at), user=source.user, kind=source.kind))
        return self._offered("sub", self.sub, self.sub_offers.made(), sections, tracks)

    def _offered(
        self, pc: Connection, peer: Peer, number: int, sections: list[Section], tracks: list[Track]
    ) -> Offered:
        transport = Transport(peer.ufrag, peer.password, self.fingerprint, self.candidates)
        return Offered(
            room=self.room,
            user=self.user,
            call=self.call,
            pc=pc,
            offer=number,
            sdp=write_offer(self.call, number, transport, sections),
            tracks=tracks,
        )

    def close(self) -> None:
        """Close both connections at once; the goodbyes follow."""
        self.gone = True
        self.publisher.may_send = False
        self.pub.close()
        self.sub.close()


def later(seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
    return asyncio.get_running_loop().call_later(seconds, act)
