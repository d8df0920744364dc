"""Malformed and hostile datagrams from a seed: what a peer or a stranger could send, and a forwarder to send it to.

The long run is `python -m tests.conference.noise` (part of `make fuzz`): CONSILIUM_FUZZ_DATAGRAMS of them, after which
no table and no memory may have grown.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from aiortc.rtp import RtcpReceiverInfo, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket

from conference.media import rtcp, rtp
from conference.media.feed import Feed
from conference.media.forwarder import Forwarder
from conference.media.nack import MAX_MISSING
from conference.media.peer import MAX_ADDRESSES, Peer
from conference.media.refusals import Refusals
from conference.media.routes import Link, Routes, Tally
from conference.media.sdp import BadSdp, read_answer
from conference.media.streams import Publisher, Stream, streams_of
from conference.media.stun import make_check
from conference.media.udp import MAX_STRANGERS, UdpPort
from tests.conference.peer import CERTIFICATE

AUDIO, HIGH, HIGH_RTX, LOW, LOW_RTX, FOREIGN = 1, 2, 3, 4, 5, 99
SOURCE, SINK = b"s" * 16, b"k" * 16
ANSWER = "\r\n".join([
    "v=0", "m=audio 9 UDP/TLS/RTP/SAVPF 111", "a=mid:0", "a=sendonly", "a=setup:active",
    "a=fingerprint:sha-256 " + ":".join(["AB"] * 32), "a=ssrc:1 cname:x",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=mid:1", "a=sendonly", "a=ssrc-group:FID 2 3", "a=ssrc:2 cname:x",
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97", "a=mid:3", "a=sendonly", "a=ssrc-group:FID 4 5", "a=ssrc:4 cname:x",
])  # fmt: skip


class Sink:
    """A connection that protects nothing and remembers nothing."""

    def send_rtp(self, packet: bytes) -> bool:
        return len(packet) <= 1356

    def send_rtcp(self, packet: bytes) -> None:
        assert len(packet) <= 1350, "it would not fit libsrtp's buffer"


@dataclass
class Target:
    """One publisher with two pictures, one subscriber, one UDP port with a peer, and a clock that is told the time."""

    port: UdpPort
    peer: Peer
    publisher: Publisher
    link: Link
    forwarder: Forwarder
    refusals: Refusals
    timers: list[Callable[[], None]]
    clock: list[float] = field(default_factory=lambda: [0.0])

    def bounded(self) -> bool:
        """Whether every table is within its bound."""
        streams = self.publisher.streams.values()
        return (
            len(self.port._ration._buckets) <= MAX_STRANGERS
            and len(self.port._by_address) <= MAX_ADDRESSES
            and len(self.peer.addresses) <= MAX_ADDRESSES
            and all(len(stream.missing) <= MAX_MISSING for stream in streams)
            and all(len(feed._stretches) < 200 for feed in self.link.feeds.values())
            and len(self.timers) <= 2 * len(streams)
            and len(self.publisher.streams) == 3
        )


def make_target() -> Target:
    """Needs a running loop; nothing is sent anywhere."""
    clock, refusals, timers = [0.0], Refusals(), list[Callable[[], None]]()
    forwarder = Forwarder(
        Routes(),
        later=lambda seconds, act: timers.append(act),
        on_live=lambda: None,
        refusals=refusals,
        clock=lambda: clock[0],
    )
    publisher = Publisher(SOURCE, Sink(), may_send=True)
    for stream in streams_of(read_answer(ANSWER)):
        publisher.add(stream)
        forwarder.owners[stream.ssrc] = publisher
    feeds = {AUDIO: Feed(AUDIO, 0, is_video=False), HIGH: Feed(HIGH, HIGH_RTX, is_video=True)}
    link = Link(SOURCE, SINK, Sink(), Tally(), feeds)
    forwarder.routes.connect(link)
    port = UdpPort("127.0.0.1", 0, clock=lambda: clock[0], refusals=refusals)
    peer = Peer(
        port, CERTIFICATE, now=0.0, on_rtp=lambda data: None, on_rtcp=lambda data: None,
        on_ready=lambda: None, on_failed=lambda: None, on_hung_up=lambda: None,
    )  # fmt: skip
    return Target(port, peer, publisher, link, forwarder, refusals, timers, clock)


def seeds(target: Target, chance: random.Random) -> list[bytes]:
    """Good datagrams of every kind, from which the bad ones are made."""
    seq = chance.randrange(1 << 16)
    pick = chance.choice([AUDIO, HIGH, HIGH_RTX, LOW, LOW_RTX, FOREIGN])
    kind = {AUDIO: rtp.AUDIO_PT, HIGH_RTX: rtp.RTX_PT, LOW_RTX: rtp.RTX_PT}.get(pick, rtp.VIDEO_PT)
    payload = chance.choice([b"\x10\x00key", b"\x10\x01delta", b"\x90\xe0\x01\x02\x03\x10", b""]) + chance.randbytes(8)
    info = RtcpSenderInfo(chance.getrandbits(64), chance.getrandbits(32), 1, 1)
    report = RtcpReceiverInfo(HIGH, chance.randrange(256), 1, 1, 1, 0, 0)
    return [
        rtp.build(rtp.Packet(kind, seq, chance.getrandbits(32), pick, payload), 7),
        rtcp.nack(pick, [seq + at & 0xFFFF for at in range(0, 200, chance.randrange(1, 20))]),
        rtcp.keyframe_request(pick),
        rtcp.bitrate_cap(chance.getrandbits(40), [pick]),
        bytes(RtcpSrPacket(ssrc=pick, sender_info=info)),
        bytes(RtcpRrPacket(ssrc=1, reports=[report])),
        make_check(target.peer.ufrag, target.peer.password, nominate=chance.random() < 0.5),
        make_check("nobody", "nothing", nominate=True),
        b"\x16\xfe\xfd" + chance.randbytes(60),
    ]


def spoiled(good: bytes, chance: random.Random) -> bytes:
    """A datagram with bytes changed, cut out, doubled, cut off or added; now and then as it was."""
    data = bytearray(good)
    for _ in range(chance.choice([0, 1, 1, 2, 5, 20])):
        at = chance.randrange(len(data)) if data else 0
        match chance.randrange(6):
            case 0 | 1 if data:
                data[at] = chance.choice([0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)])
            case 2:
                del data[at : at + chance.randrange(1, 8)]
            case 3:
                data[at:at] = data[at : at + chance.randrange(64)]
            case 4:
                del data[at:]
            case _:
                data += chance.randbytes(chance.choice([1, 3, 1400]))
    return bytes(data)


def throw(target: Target, chance: random.Random) -> None:
    """One hostile datagram, at every door that it could come in by."""
    target.clock[0] += chance.choice([0.0, 0.001, 0.02, 1.0])
    data = spoiled(chance.choice(seeds(target, chance)), chance)
    source = (f"192.0.2.{chance.randrange(1, 255)}", chance.randrange(1, 1 << 16))
    refusal = target.port._take(data, chance.choice([source, target.peer.address or source]))
    if refusal is not None:
        target.refusals.count(refusal)
    target.forwarder.from_publisher(target.publisher, data)
    target.forwarder.publisher_rtcp(target.publisher, data)
    target.forwarder.subscriber_rtcp(SINK, data)
    if chance.random() < 0.02:
        feed = target.link.feeds[HIGH]
        target.forwarder.show(target.publisher, feed, chance.choice(["off", "low", "high"]))
    if chance.random() < 0.1:
        due, target.timers[:] = list(target.timers), []
        for act in due:
            act()


def spoiled_answer(chance: random.Random) -> str:
    lines = ANSWER.split("\r\n")
    for _ in range(chance.randrange(1, 6)):
        at = chance.randrange(len(lines))
        match chance.randrange(4):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, chance.choice(lines))
            case 2:
                lines[at] = spoiled(lines[at].encode(), chance).decode("latin-1")
            case _:
                lines += lines[at:]
        lines = lines[:400] or [""]
    return "\r\n".join(lines)


def answers(count: int, seed: int) -> Iterator[list[Stream]]:
    """The streams of the spoiled answers that are still good ones."""
    chance = random.Random(seed)
    for _ in range(count):
        try:
            yield streams_of(read_answer(spoiled_answer(chance)))
        except BadSdp:
            continue


async def attack(count: int, seed: int) -> Target:
    """Throw so many datagrams; AssertionError when a table outgrows its bound, any other exception is a crash."""
    target, chance = make_target(), random.Random(seed)
    try:
        for number in range(count):
            throw(target, chance)
            if number % 1000 == 0:
                assert target.bounded(), f"a table grew, seed {seed}, datagram {number}"
                await asyncio.sleep(0)
    finally:
        target.peer.close()
        target.port.stop()
    return target


def main() -> int:
    """The long run: memory at the end may not exceed that of the first tenth by more than 16 MB."""
    total = int(os.environ.get("CONSILIUM_FUZZ_DATAGRAMS", "2000000"))
    first = int(os.environ.get("CONSILIUM_FUZZ_FIRST", "0"))
    step, after_a_tenth = max(1, total // 10), 0
    for part in range(10):
        target = asyncio.run(attack(step, first + part))
        for _ in answers(step // 10, first + part):
            pass
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        after_a_tenth = after_a_tenth or peak
        refused = sum(target.refusals.counts.values())
        print(f"seed {first + part}: {step} datagrams, {refused} refused, {peak // 1024} MB", flush=True)
    grown = peak - after_a_tenth
    print(f"memory grew by {grown} kB")
    return 0 if grown < 16 * 1024 else 1


if __name__ == "__main__":
    sys.exit(main())
