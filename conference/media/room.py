"""A room of the forwarder: who is in it, what is offered to whom, and the cut."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import assert_never

from aiortc.rtcdtlstransport import RTCCertificate

from conference.media.dtls import sha256_fingerprint
from conference.media.feed import Size
from conference.media.forwarder import Forwarder
from conference.media.messages import (
    Connection,
    Event,
    Lost,
    LostReason,
    PersonStats,
    Publishing,
    RoomStats,
)
from conference.media.participant import Offers, Participant, Source, later
from conference.media.peer import CONSENT_TIMEOUT_S, Peer, Port
from conference.media.pictures import bitrate_for, choose
from conference.media.refusals import Refusals
from conference.media.routes import Link, Routes, Tally
from conference.media.sdp import Answer, BadSdp, Kind
from conference.media.streams import Publisher, Stream, streams_of

MAX_PEOPLE = 16
MAX_REMEMBERED = 128


@dataclass(frozen=True)
class Plane:
    """What all rooms of a forwarder share. `candidates` are the addresses told to browsers."""

    port: Port
    certificate: RTCCertificate
    candidates: Sequence[tuple[str, int]]
    clock: Callable[[], float]
    bitrate_cap: int
    unchecked_s: float
    refusals: Refusals = field(default_factory=Refusals)
    max_people: int = MAX_PEOPLE


class RoomFull(Exception):
    """More people than a room takes."""


class Room:
    """The people of one call; `emit` gets every event, in order."""

    def __init__(self, room: bytes, plane: Plane, emit: Callable[[Event], None]) -> None:
        self.id = room
        self.people: dict[bytes, Participant] = {}
        self.forwarder = Forwarder(
            Routes(), later=later, on_live=self._changed, refusals=plane.refusals, clock=plane.clock
        )
        self._plane = plane
        self._emit = emit
        self._tallies: dict[bytes, Tally] = {}
        self._refresh_pending = False
        self._told: dict[bytes, list[str]] = {}

    def join(self, user: bytes, call: int, *, hold: bool) -> Participant:
        """Take a person in and offer the publish connection; raises RoomFull. An earlier join of theirs ends."""
        self.cut(user)
        if len(self.people) >= self._plane.max_people:
            raise RoomFull
        person = self._make(user, call, hold=hold)
        self.people[user] = person
        self._emit(person.pub_offer())
        self._changed()
        return person

    def _make(self, user: bytes, call: int, *, hold: bool) -> Participant:
        plane, forwarder = self._plane, self.forwarder

        def peer(on_rtp: Callable[[bytes], None], on_rtcp: Callable[[bytes], None]) -> Peer:
            return Peer(
                plane.port,
                plane.certificate,
                now=plane.clock(),
                on_rtp=on_rtp,
                on_rtcp=on_rtcp,
                on_ready=lambda: self._link(person),
                on_failed=lambda: self._handshake_failed(person),
                on_hung_up=lambda: self._lose(person, "hung_up"),
            )

        pub = peer(
            lambda data: forwarder.from_publisher(person.publisher, data),
            lambda data: forwarder.publisher_rtcp(person.publisher, data),
        )
        if len(self._tallies) >= MAX_REMEMBERED:
            self._tallies.pop(next(iter(self._tallies)))
        person = Participant(
            room=self.id,
            user=user,
            call=call,
            confirmed_at=plane.clock(),
            on_hold=hold,
            pub=pub,
            sub=peer(lambda data: None, lambda data: self._feedback(person, data)),
            publisher=Publisher(user, pub, may_send=not hold),
            tally=self._tallies.setdefault(user, Tally()),
            pub_offers=Offers(later, lambda: self._lose(person, "unanswered")),
            sub_offers=Offers(later, lambda: self._lose(person, "unanswered")),
            fingerprint=sha256_fingerprint(plane.certificate),
            candidates=plane.candidates,
        )
        return person

    def answer(self, user: bytes, pc: Connection, number: int, answer: Answer) -> None:
        """Take the client's answer; raises BadSdp when it names a stream that is somebody else's."""
        person = self.people.get(user)
        if person is None:
            return
        if pc == "pub":
            streams = streams_of(answer)
            if person.pub_offers.answered(number):
                self._take_streams(person, streams)
                person.pub.start(answer.fingerprint)
        elif pc == "sub":
            if person.sub_offers.answered(number):
                self._take_slots(person, answer)
                person.sub.start(answer.fingerprint)
        else:
            assert_never(pc)

    def _take_streams(self, person: Participant, streams: Sequence[Stream]) -> None:
        for stream in streams:
            for ssrc in filter(None, (stream.ssrc, stream.rtx_ssrc)):
                # Passing SSRCs through makes a name of them: whoever comes first has it.
                if ssrc in self.forwarder.owners:
                    self._lose(person, "stream_taken")
                    raise BadSdp("the stream belongs to somebody else")
                self.forwarder.owners[ssrc] = person.publisher
            person.publisher.add(stream)

    def _take_slots(self, person: Participant, answer: Answer) -> None:
        taken = {s.mid for s in answer.sections if s.direction in ("recvonly", "sendrecv")}
        # Slots that changed while the offer was out wait for the next one.
        if not person.sub_offers.dirty:
            for at, slot in enumerate(person.slots):
                slot.accepted = slot.source is not None and str(at) in taken
            self._link(person)
        else:
            self._emit(person.sub_offer())

    def _feedback(self, person: Participant, data: bytes) -> None:
        told = self.forwarder.subscriber_rtcp(person.user, data)
        person.bitrate = told.bitrate or person.bitrate
        if told.lost is not None:
            person.lost = max(told.lost, person.lost or 0.0)

    def _link(self, person: Participant) -> None:
        """Rebuild the links to this person from what they accepted, once their connection can carry them."""
        if self.people.get(person.user) is not person or not person.may_receive:
            return
        person.feeds = {ssrc: feed for ssrc, feed in person.feeds.items() if ssrc in self.forwarder.owners}
        accepted = [slot.source for slot in person.slots if slot.accepted and slot.source is not None]
        for source in self.people.values():
            heard = {wanted.ssrc: person.feed(wanted) for wanted in accepted if wanted.user == source.user}
            if not source.may_send or not heard or source is person:
                continue
            old = self.forwarder.routes.link(source.user, person.user)
            if old is not None and old.feeds.keys() == heard.keys():
                continue
            self.forwarder.routes.connect(Link(source.user, person.user, person.sub, person.tally, heard))
            self._ask_keyframes(source, heard)
        choose(person, self.people, self.forwarder, self._plane.clock())

    def _ask_keyframes(self, source: Participant, ssrcs: Iterable[int]) -> None:
        for ssrc in ssrcs:
            stream = source.publisher.streams.get(ssrc)
            if stream is not None and stream.is_video:
                self.forwarder.want_keyframe(source.publisher, stream)

    def want(self, user: bytes, wants: Mapping[tuple[bytes, Kind], Size]) -> None:
        """What a person wants to see of whom; what is not named is wanted large."""
        person = self.people.get(user)
        if person is not None:
            person.wants = dict(wants)
            choose(person, self.people, self.forwarder, self._plane.clock())

    def hold(self, user: bytes, *, on: bool) -> None:
        """Stop both directions at once, or let them flow again."""
        person = self.people.get(user)
        if person is None or person.on_hold == on:
            return
        person.on_hold = on
        person.publisher.may_send = not on
        if on:
            self.forwarder.routes.cut(user)
            self._blank(person)
        else:
            for other in self.people.values():
                self._link(other)

    def _blank(self, person: Participant) -> None:
        """End what is shown to and of a person, so that nothing that was sent meanwhile can be had as a repair."""
        now = self._plane.clock()
        for feed in person.feeds.values():
            feed.want("off", now)
        for other in self.people.values():
            for ssrc in person.publisher.streams.keys() & other.feeds.keys():
                other.feeds[ssrc].want("off", now)

    def confirm(self, users: Sequence[bytes]) -> None:
        """Consent was asked just now and covers these people."""
        for user in users:
            if user in self.people:
                self.people[user].confirmed_at = self._plane.clock()

    def cut(self, user: bytes) -> None:
        """Put a person out: at the return nothing from or to them is forwarded, by packet, repair or report."""
        self.forwarder.routes.cut(user)
        person = self.people.pop(user, None)
        if person is None:
            return
        for ssrc in [s for s, owner in self.forwarder.owners.items() if owner is person.publisher]:
            del self.forwarder.owners[ssrc]
        self._told.pop(user, None)
        person.close()
        self._changed()

    def dismiss(self) -> None:
        """Give everybody up, who may then join again wherever the room is next."""
        for person in list(self.people.values()):
            self._lose(person, "drained")

    def _handshake_failed(self, person: Participant) -> None:
        self._plane.refusals.count("handshake_failed")
        self._lose(person, "handshake")

    def _lose(self, person: Participant, reason: LostReason) -> None:
        if self.people.get(person.user) is not person:
            return
        self.cut(person.user)
        self._emit(Lost(room=self.id, user=person.user, call=person.call, reason=reason))

    def _changed(self) -> None:
        """Offer what changed in the next turn of the loop, so that many joins make one offer."""
        if not self._refresh_pending:
            self._refresh_pending = True
            later(0, self._refresh)

    def _refresh(self) -> None:
        self._refresh_pending = False
        for person in list(self.people.values()):
            self._tell_publishing(person)
            wanted: list[Source] = []
            for other in self.people.values():
                if other is not person:
                    wanted += other.sources()
            if not person.assign(wanted):
                continue
            if person.sub_offers.outstanding:
                person.sub_offers.dirty = True
            else:
                self._emit(person.sub_offer())

    def _tell_publishing(self, person: Participant) -> None:
        kinds = person.kinds()
        if kinds != self._told.get(person.user, []):
            self._told[person.user] = list(kinds)
            self._emit(Publishing(room=self.id, user=person.user, call=person.call, kinds=kinds))

    def tick(self) -> None:
        """Twice a second: give up those who stopped checking, choose pictures, report to publishers."""
        now = self._plane.clock()
        for person in list(self.people.values()):
            if now - person.confirmed_at > self._plane.unchecked_s:
                # Whoever decides is away: silence is no consent.
                self._lose(person, "unchecked")
                continue
            peers = [person.pub] + ([person.sub] if person.sub_offers.number else [])
            if any(now - peer.last_check > CONSENT_TIMEOUT_S for peer in peers):
                self._lose(person, "consent")
                continue
            for stream in person.publisher.streams.values():
                stream.measure(now)
        for person in self.people.values():
            choose(person, self.people, self.forwarder, now)
            bitrate = bitrate_for(person, self.people.values(), self.forwarder, self._plane.bitrate_cap)
            self.forwarder.report(person.publisher, bitrate)

    def stats(self) -> RoomStats:
        """Counters of everybody who was ever in this room, those who were put out included."""
        people = [self._person_stats(user, tally) for user, tally in self._tallies.items()]
        return RoomStats(room=self.id, people=people)

    def _person_stats(self, user: bytes, tally: Tally) -> PersonStats:
        person = self.people.get(user)
        return PersonStats(
            user=user,
            present=person is not None,
            on_hold=person is not None and person.on_hold,
            pub_ready=person is not None and person.pub.ready,
            sub_ready=person is not None and person.sub.ready,
            received=_received(person.publisher) if person else {},
            forwarded=tally.packets,
            octets=tally.octets,
            last_forwarded=tally.last_ms,
            strangers=person.publisher.strangers if person else 0,
        )


def _received(publisher: Publisher) -> dict[Kind, int]:
    received: dict[Kind, int] = {}
    for stream in publisher.streams.values():
        received[stream.kind] = received.get(stream.kind, 0) + stream.packets
    return received
