"""What a publisher sends: its streams as their answer named them, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field

from conference.media import rtp
from conference.media.keyframes import Throttle
from conference.media.nack import Missing
from conference.media.routes import Sink
from conference.media.sdp import Answer, BadSdp, Kind

SECTIONS: tuple[tuple[Kind, bool], ...] = (("audio", False), ("video", False), ("screen", False), ("video", True))
"""The m-lines of a publish offer in order: the kind, and whether it is the small picture of that kind."""
QUIET_S = 1.5
"""A stream without a packet for this long has stopped."""


@dataclass(eq=False)
class Stream:
    """One stream of one publisher; `rtx_ssrc` is 0 without retransmission, `low` the small picture of its kind.

    `head` is the SSRC under which subscribers know it: the full picture's. `rate` is in bits a second.
    """

    kind: Kind
    ssrc: int
    rtx_ssrc: int
    low: bool = False
    head: int = 0
    live: bool = False
    packets: int = 0
    octets: int = 0
    rate: float = 0.0
    last_at: float = float("-inf")
    ring: rtp.Ring = field(default_factory=rtp.Ring)
    missing: Missing = field(default_factory=Missing)
    reception: rtp.Reception = field(init=False)
    throttle: Throttle = field(default_factory=Throttle)
    retry_pending: bool = False
    _measured: tuple[float, int] | None = None

    def __post_init__(self) -> None:
        self.head = self.head or self.ssrc
        self.reception = rtp.Reception(48_000 if self.kind == "audio" else rtp.VIDEO_RATE)

    @property
    def is_video(self) -> bool:
        return self.kind != "audio"

    @property
    def payload_type(self) -> int:
        return rtp.VIDEO_PT if self.is_video else rtp.AUDIO_PT

    def measure(self, now: float) -> None:
        """Bring `rate` up to date; called twice a second."""
        if self._measured is not None:
            at, octets = self._measured
            fresh = (self.octets - octets) * 8 / max(0.001, now - at)
            self.rate += (fresh - self.rate) / 2
        self._measured = now, self.octets

    def flows(self, now: float) -> bool:
        return now - self.last_at < QUIET_S


@dataclass(eq=False)
class Publisher:
    """One person's sending side: streams by SSRC, and by the SSRC of their retransmissions."""

    user: bytes
    connection: Sink
    may_send: bool
    streams: dict[int, Stream] = field(default_factory=dict)
    repairs: dict[int, Stream] = field(default_factory=dict)
    small: dict[int, Stream] = field(default_factory=dict)
    """The small picture by the SSRC of the full one."""
    strangers: int = 0

    def add(self, stream: Stream) -> None:
        self.streams[stream.ssrc] = stream
        if stream.rtx_ssrc:
            self.repairs[stream.rtx_ssrc] = stream
        if stream.low:
            self.small[stream.head] = stream

    def picture(self, head: int, *, low: bool) -> Stream | None:
        """The full or the small picture that subscribers know as `head`."""
        return self.small.get(head) if low else self.streams.get(head)

    def skew(self, head: int) -> int | None:
        """The RTP clock of the full picture less that of the small one, or None until both have reported."""
        full, small = self.streams.get(head), self.small.get(head)
        if full is None or small is None or full.reception.report is None or small.reception.report is None:
            return None
        (full_wall, full_clock), (small_wall, small_clock) = full.reception.report, small.reception.report
        apart = (small_wall - full_wall) * rtp.VIDEO_RATE >> 32
        return full_clock - small_clock + apart


def streams_of(answer: Answer) -> list[Stream]:
    """The streams that an answer to a publish offer names; raises BadSdp when they do not fit what was offered."""
    found: dict[tuple[Kind, bool], Stream] = {}
    for section in answer.sections:
        if section.direction not in ("sendonly", "sendrecv") or not section.ssrcs:
            continue
        if not section.mid.isdecimal() or int(section.mid) >= len(SECTIONS):
            raise BadSdp("the answer has a section that was not offered")
        kind, low = place = SECTIONS[int(section.mid)]
        if place in found:
            raise BadSdp("the answer has a section twice")
        primary = next(iter(section.repairs), section.ssrcs[0])
        rtx = section.repairs.get(primary, 0) if kind != "audio" else 0
        found[place] = Stream(kind, primary, rtx, low)
    for (kind, low), stream in found.items():
        if not low:
            continue
        if (kind, False) not in found:
            raise BadSdp("a small picture without the full one")
        stream.head = found[kind, False].ssrc
    names = [ssrc for stream in found.values() for ssrc in (stream.ssrc, stream.rtx_ssrc) if ssrc]
    if len(names) != len(set(names)):
        raise BadSdp("two streams have one name")
    return list(found.values())
