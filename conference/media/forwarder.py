"""The hot path of a room: packets of publishers to their hearers, repairs and keyframe requests both ways.

It sees sealed payloads and cannot open them. It looks at headers alone, and takes only the streams that a
publisher's answer named, with the payload type of their kind.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket, RtcpSrPacket

from conference.media import rtcp, rtp
from conference.media.routes import Link, Routes, Sink
from conference.media.sdp import Kind

PUBLISHER_KEYFRAME_S = 0.5
SUBSCRIBER_KEYFRAME_S = 1.0
"""A person without the key asks for keyframes without end; everybody else would pay for them."""
REPAIRS_PER_SECOND = 200.0
MIN_BITRATE = 200_000
"""Below this a bad downlink loses its video rather than drag everyone down: there is no simulcast."""

Later = Callable[[float, Callable[[], None]], object]


@dataclass(eq=False)
class Stream:
    """One kind of media of one publisher, as announced in the answer; `rtx_ssrc` is 0 without retransmission."""

    kind: Kind
    ssrc: int
    rtx_ssrc: int
    live: bool = False
    packets: int = 0
    ring: rtp.Ring = field(default_factory=rtp.Ring)
    missing: rtp.Missing = field(default_factory=rtp.Missing)
    reception: rtp.Reception = field(init=False)
    keyframe_at: float = float("-inf")
    keyframe_pending: bool = False
    retry_pending: bool = False

    def __post_init__(self) -> None:
        self.reception = rtp.Reception(48_000 if self.kind == "audio" else 90_000)

    @property
    def is_video(self) -> bool:
        return self.kind != "audio"

    @property
    def payload_type(self) -> int:
        return rtp.VIDEO_PT if self.is_video else rtp.AUDIO_PT


@dataclass(eq=False)
class Publisher:
    """One person's sending side: streams by SSRC, and by the SSRC of their retransmissions."""

    user: bytes
    connection: Sink
    may_send: bool
    streams: dict[int, Stream] = field(default_factory=dict)
    repairs: dict[int, Stream] = field(default_factory=dict)
    strangers: int = 0


class Forwarder:
    """The media of one room. `on_live` is called when a stream sends its first packet."""

    def __init__(
        self,
        routes: Routes,
        *,
        later: Later,
        on_live: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
        wall_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000,
    ) -> None:
        self.routes = routes
        self.owners: dict[int, Publisher] = {}
        self._later = later
        self._on_live = on_live
        self._clock = clock
        self._wall_ms = wall_ms

    def from_publisher(self, publisher: Publisher, data: bytes) -> None:
        """One decrypted RTP packet from a publisher."""
        packet = rtp.parse(data)
        if packet is None or not publisher.may_send:
            return
        stream = publisher.streams.get(packet.ssrc)
        if stream is None:
            stream = publisher.repairs.get(packet.ssrc)
            if stream is None or packet.payload_type != rtp.RTX_PT:
                publisher.strangers += 1
                return
            packet = rtp.unwrap_rtx(packet, stream.ssrc)
            if packet is None:
                return
        elif packet.payload_type != stream.payload_type:
            publisher.strangers += 1
            return
        else:
            stream.reception.arrived(packet, self._clock())
        self._forward(publisher, stream, packet)

    def _forward(self, publisher: Publisher, stream: Stream, packet: rtp.Packet) -> None:
        now = self._clock()
        send_time = None
        if stream.is_video:
            if stream.ring.find(packet.seq) is not None:
                # Browsers probe for bandwidth with packets they already sent.
                return
            stream.ring.keep(packet)
            self._note_gaps(publisher, stream, packet.seq, now)
            send_time = rtp.abs_send_time(now)
        stream.packets += 1
        out, wall = rtp.build(packet, send_time), self._wall_ms()
        for link in self.routes.hearers(publisher.user):
            if stream.ssrc in link.streams:
                link.forward(out, wall)
        if not stream.live:
            stream.live = True
            self._on_live()

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
            self._later(rtp.NACK_RETRY_S, lambda: self._retry(publisher, stream))

    def _retry(self, publisher: Publisher, stream: Stream) -> None:
        stream.retry_pending = False
        again = stream.missing.due(self._clock())
        if again:
            publisher.connection.send_rtcp(rtcp.nack(stream.ssrc, again))
        self._after_gaps(publisher, stream)

    def want_keyframe(self, publisher: Publisher, stream: Stream) -> None:
        """Ask for a keyframe, at most every PUBLISHER_KEYFRAME_S; what comes too early is asked when it may be."""
        now = self._clock()
        wait = stream.keyframe_at + PUBLISHER_KEYFRAME_S - now
        if wait <= 0:
            stream.keyframe_at = now
            publisher.connection.send_rtcp(rtcp.keyframe_request(stream.ssrc))
        elif not stream.keyframe_pending:
            stream.keyframe_pending = True
            self._later(wait, lambda: self._late_keyframe(publisher, stream))

    def _late_keyframe(self, publisher: Publisher, stream: Stream) -> None:
        stream.keyframe_pending = False
        self.want_keyframe(publisher, stream)

    def publisher_rtcp(self, publisher: Publisher, data: bytes) -> None:
        """RTCP from a publisher: sender reports go on to the hearers, the rest ends here."""
        for packet in rtcp.parse(data):
            if not isinstance(packet, RtcpSrPacket) or not publisher.may_send:
                continue
            stream = publisher.streams.get(packet.ssrc)
            if stream is None:
                continue
            stream.reception.last_sr = packet.sender_info.ntp_timestamp >> 16 & 0xFFFFFFFF
            stream.reception.last_sr_at = self._clock()
            out = rtcp.sender_report(packet, publisher.user.hex())
            for link in self.routes.hearers(publisher.user):
                if stream.ssrc in link.streams:
                    link.connection.send_rtcp(out)

    def subscriber_rtcp(self, sink: bytes, data: bytes) -> int | None:
        """Keyframe requests and NACKs of a subscriber, for what they may hear; the bitrate they ask for, if any."""
        bitrate: int | None = None
        for packet in rtcp.parse(data):
            if isinstance(packet, RtcpPsfbPacket):
                bitrate = rtcp.bitrate_wanted(packet) or bitrate
                for ssrc in rtcp.keyframe_wanted(packet):
                    self._subscriber_wants_keyframe(sink, ssrc)
            elif isinstance(packet, RtcpRtpfbPacket):
                ssrc, missing = rtcp.nacked(packet)
                self._repair(sink, ssrc, missing)
        return bitrate

    def _heard(self, sink: bytes, ssrc: int) -> tuple[Publisher, Stream, Link] | None:
        """The stream behind an SSRC if this subscriber hears it at this moment."""
        publisher = self.owners.get(ssrc)
        link = None if publisher is None else self.routes.link(publisher.user, sink)
        if publisher is None or link is None or ssrc not in link.streams:
            return None
        return publisher, publisher.streams[ssrc], link

    def _subscriber_wants_keyframe(self, sink: bytes, ssrc: int) -> None:
        heard = self._heard(sink, ssrc)
        if heard is None or not heard[1].is_video:
            return
        publisher, stream, link = heard
        now = self._clock()
        if now - link.asked_keyframe.get(ssrc, float("-inf")) >= SUBSCRIBER_KEYFRAME_S:
            link.asked_keyframe[ssrc] = now
            self.want_keyframe(publisher, stream)

    def _repair(self, sink: bytes, ssrc: int, missing: list[int]) -> None:
        heard = self._heard(sink, ssrc)
        if heard is None:
            return
        _, stream, link = heard
        now = self._clock()
        earned = (now - link.repair_at) * REPAIRS_PER_SECOND
        link.repair_tokens = min(REPAIRS_PER_SECOND, link.repair_tokens + earned)
        link.repair_at = now
        for seq in missing:
            packet = stream.ring.find(seq)
            if packet is None or link.repair_tokens < 1:
                continue
            link.repair_tokens -= 1
            if stream.rtx_ssrc:
                number = link.streams[ssrc]
                link.streams[ssrc] = number + 1 & 0xFFFF
                packet = rtp.wrap_rtx(packet, stream.rtx_ssrc, number)
            link.forward(rtp.build(packet, rtp.abs_send_time(now)), self._wall_ms())

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
