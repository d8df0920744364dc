"""The hot path of a room: packets of publishers to their hearers, repairs and keyframe requests both ways.

It sees sealed payloads and cannot open them. It looks at headers alone, and takes only the streams that a
publisher's answer named, with the payload type of their kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from aiortc.rtp import AnyRtcpPacket, RtcpPsfbPacket, RtcpRrPacket, RtcpRtpfbPacket, RtcpSrPacket

from conference.media import rtcp, rtp
from conference.media.feed import Feed, Size, starts_keyframe
from conference.media.refusals import Refusals
from conference.media.routes import Link, Routes
from conference.media.streams import Publisher, Stream

Later = Callable[[float, Callable[[], None]], object]


@dataclass(slots=True)
class Feedback:
    """What a subscriber's RTCP said of their line: the bits a second it carries, and the share it loses."""

    bitrate: int | None = None
    lost: float | None = None


class Forwarder:
    """The media of one room. `on_live` is called when a stream sends its first packet."""

    def __init__(
        self,
        routes: Routes,
        *,
        later: Later,
        on_live: Callable[[], None],
        refusals: Refusals,
        clock: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.routes = routes
        self.owners: dict[int, Publisher] = {}
        self._later = later
        self._on_live = on_live
        self._refusals = refusals
        self._clock = clock
        self._wall_ms = wall_ms

    def from_publisher(self, publisher: Publisher, data: bytes) -> None:
        """One decrypted RTP packet from a publisher."""
        packet = rtp.parse(data)
        if packet is None:
            self._refusals.count("rtp_malformed")
            return
        if not publisher.may_send:
            return
        stream = publisher.streams.get(packet.ssrc)
        if stream is None:
            stream = publisher.repairs.get(packet.ssrc)
            if stream is None or packet.payload_type != rtp.RTX_PT:
                publisher.strangers += 1
                self._refusals.count("rtp_stranger")
                return
            packet = rtp.unwrap_rtx(packet, stream.ssrc)
            if packet is None:
                return
        elif packet.payload_type != stream.payload_type:
            publisher.strangers += 1
            self._refusals.count("rtp_payload")
            return
        else:
            stream.reception.arrived(packet, self._clock())
        self._forward(publisher, stream, packet)

    def _forward(self, publisher: Publisher, stream: Stream, packet: rtp.Packet) -> None:
        now = self._clock()
        if stream.is_video:
            if stream.ring.find(packet.seq) is not None:
                # Browsers probe for bandwidth with packets they already sent.
                return
            stream.ring.keep(packet)
            self._note_gaps(publisher, stream, packet.seq, now)
        stream.packets += 1
        stream.octets += len(packet.payload)
        stream.last_at = now
        if stream.is_video:
            self._forward_picture(publisher, stream, packet, now)
        else:
            out, wall = rtp.build(packet, None), self._wall_ms()
            for link in self.routes.hearers(publisher.user):
                if stream.ssrc in link.feeds:
                    link.forward(out, wall)
        if not stream.live:
            stream.live = True
            self._on_live()

    def _forward_picture(self, publisher: Publisher, stream: Stream, packet: rtp.Packet, now: float) -> None:
        send_time, wall = rtp.abs_send_time(now), self._wall_ms()
        begins = starts_keyframe(packet.payload)
        skew = publisher.skew(stream.head) if begins else None
        shared: bytes | None = None
        for link in self.routes.hearers(publisher.user):
            feed = link.feeds.get(stream.head)
            if feed is None:
                continue
            placed = feed.place(packet, low=stream.low, starts_keyframe=begins, now=now, skew=skew)
            if placed is packet:
                # Most subscribers never changed pictures: the same bytes serve them all.
                shared = shared or rtp.build(packet, send_time)
                link.forward(shared, wall)
            elif placed is not None:
                link.forward(rtp.build(placed, send_time), wall)

    def _note_gaps(self, publisher: Publisher, stream: Stream, seq: int, now: float) -> None:
        fresh = stream.missing.arrived(seq, now)
        if fresh:
            publisher.connection.send_rtcp(rtcp.nack(stream.ssrc, fresh))
        self._after_gaps(publisher, stream)

    def _after_gaps(self, publisher: Publisher, stream: Stream) -> None:
        if stream.missing.outage:
            stream.missing.outage = False
            self.want_keyframe(publisher, stream)
        if stream.missing and not stream.retry_pending:
            stream.retry_pending = True
            self._later(stream.missing.pause, lambda: self._retry(publisher, stream))

    def _retry(self, publisher: Publisher, stream: Stream) -> None:
        stream.retry_pending = False
        again = stream.missing.due(self._clock())
        if again:
            publisher.connection.send_rtcp(rtcp.nack(stream.ssrc, again))
        self._after_gaps(publisher, stream)

    def want_keyframe(self, publisher: Publisher, stream: Stream) -> None:
        """Ask for a keyframe; what comes too early is asked when it may be."""
        if stream.throttle.is_pending:
            return
        wait = stream.throttle.wait(self._clock())
        if wait:
            stream.throttle.is_pending = True
            self._later(wait, lambda: self._late_keyframe(publisher, stream))
        else:
            publisher.connection.send_rtcp(rtcp.keyframe_request(stream.ssrc))

    def _late_keyframe(self, publisher: Publisher, stream: Stream) -> None:
        stream.throttle.is_pending = False
        self.want_keyframe(publisher, stream)

    def show(self, publisher: Publisher, feed: Feed, size: Size) -> None:
        """Give a subscriber another picture of a publisher, or none; a switch waits for its keyframe."""
        feed.want(size, self._clock())
        if feed.waits():
            picture = publisher.picture(feed.ssrc, low=size == "low")
            if picture is not None and feed.switches.allows(self._clock()):
                self.want_keyframe(publisher, picture)

    def publisher_rtcp(self, publisher: Publisher, data: bytes) -> None:
        """RTCP from a publisher: sender reports go on to the hearers, the rest ends here."""
        for packet in self._parsed(data):
            if not isinstance(packet, RtcpSrPacket) or not publisher.may_send:
                continue
            stream = publisher.streams.get(packet.ssrc)
            if stream is None:
                self._refusals.count("rtcp_foreign")
                continue
            stream.reception.report = packet.sender_info.ntp_timestamp, packet.sender_info.rtp_timestamp
            stream.reception.last_sr_at = self._clock()
            self._pass_report_on(publisher, stream, packet)

    def _pass_report_on(self, publisher: Publisher, stream: Stream, report: RtcpSrPacket) -> None:
        for link in self.routes.hearers(publisher.user):
            feed = link.feeds.get(stream.head)
            if feed is None or (feed.is_video and feed.shows != ("low" if stream.low else "high")):
                continue
            out = rtcp.sender_report(report, feed.ssrc, feed.clock_shift, publisher.user.hex())
            link.connection.send_rtcp(out)

    def _parsed(self, data: bytes) -> list[AnyRtcpPacket]:
        packets = rtcp.parse(data)
        if packets is None:
            self._refusals.count("rtcp_malformed")
        return packets or []

    def subscriber_rtcp(self, sink: bytes, data: bytes) -> Feedback:
        """Keyframe requests and NACKs of a subscriber, for what they may hear, and what they say of their line."""
        told = Feedback()
        for packet in self._parsed(data):
            if isinstance(packet, RtcpPsfbPacket):
                told.bitrate = rtcp.bitrate_wanted(packet) or told.bitrate
                for ssrc in rtcp.keyframe_wanted(packet):
                    self._subscriber_wants_keyframe(sink, ssrc)
            elif isinstance(packet, RtcpRtpfbPacket):
                ssrc, missing = rtcp.nacked(packet)
                self._repair(sink, ssrc, missing)
            elif isinstance(packet, RtcpRrPacket) and packet.reports:
                told.lost = max(report.fraction_lost for report in packet.reports) / 256
        return told

    def _heard(self, sink: bytes, ssrc: int) -> tuple[Publisher, Link, Feed] | None:
        """The feed behind an SSRC if this subscriber hears it at this moment."""
        publisher = self.owners.get(ssrc)
        link = None if publisher is None else self.routes.link(publisher.user, sink)
        feed = None if link is None else link.feeds.get(ssrc)
        if publisher is None or link is None or feed is None:
            self._refusals.count("rtcp_foreign")
            return None
        return publisher, link, feed

    def _subscriber_wants_keyframe(self, sink: bytes, ssrc: int) -> None:
        heard = self._heard(sink, ssrc)
        if heard is None or not heard[2].is_video:
            return
        publisher, _, feed = heard
        picture = publisher.picture(ssrc, low=feed.size == "low")
        if picture is None or feed.size == "off":
            return
        if feed.keyframes.allows(self._clock()):
            self.want_keyframe(publisher, picture)
        else:
            self._refusals.count("keyframe_rationed")

    def _repair(self, sink: bytes, ssrc: int, missing: list[int]) -> None:
        heard = self._heard(sink, ssrc) if missing else None
        if heard is None:
            return
        publisher, link, feed = heard
        now = self._clock()
        for number in missing:
            packet = self._lost(publisher, feed, number, now)
            if packet is None:
                continue
            if not link.repairs.take(now):
                self._refusals.count("repair_rationed")
                return
            if feed.rtx_ssrc:
                packet = rtp.wrap_rtx(packet, feed.rtx_ssrc, feed.repair_number)
                feed.repair_number = feed.repair_number + 1 & 0xFFFF
            link.forward(rtp.build(packet, rtp.abs_send_time(now)), self._wall_ms())

    def _lost(self, publisher: Publisher, feed: Feed, number: int, now: float) -> rtp.Packet | None:
        """The packet that a subscriber should have got under this number, numbered as they know it."""
        origin = feed.origin(number, now)
        stream = None if origin is None else publisher.picture(feed.ssrc, low=origin.low)
        packet = None if origin is None or stream is None else stream.ring.find(origin.seq)
        if origin is None or packet is None:
            return None
        clock = packet.timestamp + origin.clock_shift & 0xFFFFFFFF
        return rtp.Packet(packet.marker_type, number, clock, feed.ssrc, packet.payload)

    def report(self, publisher: Publisher, bits_per_second: int) -> None:
        """Tell a publisher how its streams arrive and how much it may send."""
        heard = [stream for stream in publisher.streams.values() if stream.packets]
        if not heard:
            return
        streams = [(stream.ssrc, stream.reception) for stream in heard]
        out = rtcp.receiver_report(streams, self._clock())
        video = [stream.ssrc for stream in heard if stream.is_video]
        if video:
            out += rtcp.bitrate_cap(bits_per_second, video)
        publisher.connection.send_rtcp(out)
