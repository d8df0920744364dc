"""A headless participant with real sockets and real DTLS: raw RTP out, counted RTP in, loss by a set pattern."""

from __future__ import annotations

import asyncio
import itertools
import re
import socket
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from aiortc.rtcdtlstransport import RTCCertificate
from aiortc.rtp import RtcpPsfbPacket, RtcpRtpfbPacket
from pydantic_core import to_json

from conference.media import rtcp, rtp
from conference.media.dtls import DatagramLine, ForwarderDtls, sha256_fingerprint
from conference.media.messages import LINES, Event, Lost, Offered, Publishing, Reply
from conference.media.stun import Address, answer_check, make_check, read_check
from wire.base import b64

TIMEOUT_S = 30.0
CHECK_S = 2.0
PASSWORD = "a-password-of-24-letters"
"""Of a client's end, for servers that check it."""
KEYFRAME = b"\x10\x00 a keyframe"
"""A VP8 payload that begins one; any payload that does not begin like this is in the middle of something."""
CERTIFICATE = RTCCertificate.generateCertificate()
_ssrcs = itertools.count(1000)


async def until(condition: Callable[[], bool], what: str, seconds: float = TIMEOUT_S) -> None:
    """Wait until the condition holds; AssertionError naming `what` after `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, f"timed out: {what}"
        await asyncio.sleep(0.005)


class Signalling(Protocol):
    """A peer's way to give its answers."""

    async def ask(self, do: str, **fields: object) -> Reply: ...


class Line:
    """The web side's end of the control socket."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._ids = itertools.count(1)
        self._replies: dict[int, asyncio.Future[Reply]] = {}
        self.on_event: Callable[[Event], None] = lambda event: None

    async def open(self, path: Path) -> None:
        self._reader, self._writer = await asyncio.open_unix_connection(str(path), limit=1 << 20)
        self._task = asyncio.ensure_future(self._read())

    async def ask(self, do: str, **fields: object) -> Reply:
        number = next(self._ids)
        ready = {k: b64(v) if isinstance(v, bytes) else v for k, v in fields.items()}
        self._replies[number] = asyncio.get_running_loop().create_future()
        self._writer.write(to_json({"id": number, "do": do, **ready}) + b"\n")
        return await asyncio.wait_for(self._replies[number], TIMEOUT_S)

    async def raw(self, line: bytes) -> Reply:
        """Send a line as it is; its reply has no number."""
        self._replies[0] = asyncio.get_running_loop().create_future()
        self._writer.write(line + b"\n")
        return await asyncio.wait_for(self._replies[0], TIMEOUT_S)

    async def _read(self) -> None:
        while line := await self._reader.readline():
            message = LINES.validate_json(line)
            if isinstance(message, Reply):
                self._replies.pop(message.re).set_result(message)
            else:
                self.events.append(message)
                self.on_event(message)

    async def close(self) -> None:
        self._task.cancel()
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()


class Leg:
    """One client connection to the forwarder: checks, DTLS as the client, RTP in and out."""

    def __init__(self, sdp: str, on_rtp: Callable[[bytes], None], on_rtcp: Callable[[bytes], None]) -> None:
        self.ufrag = found(r"a=ice-ufrag:(\S+)", sdp)
        self.password = found(r"a=ice-pwd:(\S+)", sdp)
        self.fingerprint = found(r"a=fingerprint:sha-256 (\S+)", sdp)
        host, port = found(r"a=candidate:1 1 udp \d+ (\S+ \d+)", sdp).split()
        self.server = (host, int(port))
        self.lose: Callable[[bytes], bool] = lambda data: False
        self.listen()
        self.line = DatagramLine(self.send)
        self.dtls = ForwarderDtls(self.line, CERTIFICATE, role="client", on_rtp=on_rtp, on_rtcp=on_rtcp)
        self.checked = 0
        self.raw_in = 0

    def listen(self) -> None:
        """Open a socket of our own, the first or, for a client that roams, another."""
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.setblocking(False)
        self.sock.bind(("0.0.0.0", 0))
        asyncio.get_running_loop().add_reader(self.sock.fileno(), self._readable)

    def send(self, data: bytes) -> None:
        self.sock.sendto(data, self.server)

    def _readable(self) -> None:
        with suppress(BlockingIOError, ConnectionError):
            while True:
                data, address = self.sock.recvfrom(2048)
                if data[0] < 4:
                    self.checked_back(data, address)
                elif data[0] < 64:
                    self.line.push(data)
                else:
                    self.media(data)

    def checked_back(self, data: bytes, address: Address) -> None:
        """Take an answer to a check of ours; a server that is no ICE-lite agent checks too and is answered."""
        asked = read_check(data)
        response = None if asked is None else answer_check(asked, PASSWORD, address)
        if response is not None:
            self.sock.sendto(response, address)
        else:
            self.checked += 1

    def media(self, data: bytes) -> None:
        """Take an SRTP or SRTCP datagram."""
        self.raw_in += 1
        self.dtls.receive(data)

    def check(self) -> None:
        """One connectivity check, as a browser sends them every few seconds for as long as it lives."""
        if self.sock.fileno() >= 0:
            self.send(make_check(self.ufrag, self.password, nominate=True))

    def roam(self) -> None:
        """Go on from another address, as a phone does that leaves the house."""
        asyncio.get_running_loop().remove_reader(self.sock.fileno())
        self.sock.close()
        self.listen()
        self.check()

    async def connect(self) -> None:
        while not self.checked:
            self.check()
            await asyncio.sleep(0.02)
        assert await asyncio.wait_for(self.dtls.handshake("sha-256", self.fingerprint), TIMEOUT_S)

    # Straight to libsrtp: a hostile client goes on sending after the server's goodbye.
    def send_rtp(self, packet: bytes) -> None:
        sealed = self.dtls._tx_srtp.protect(packet)
        if not self.lose(packet):
            self.send(sealed)

    def send_rtcp(self, packet: bytes) -> None:
        self.send(self.dtls._tx_srtp.protect_rtcp(packet))

    def close(self) -> None:
        if self.sock.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(self.sock.fileno())
            self.sock.close()
        self.line.end()


@dataclass
class Got:
    """What arrived of one SSRC: payloads and timestamps by sequence number, and the retransmissions among them."""

    payloads: dict[int, bytes] = field(default_factory=dict)
    clocks: dict[int, int] = field(default_factory=dict)
    repaired: int = 0


class Peer:
    """One person in a room. Feed it the events of its user; it answers offers as a browser would."""

    def __init__(self, user: bytes, room: bytes, line: Signalling, *, video: bool = True, low: bool = False) -> None:
        self.user, self.room, self.line = user, room, line
        kinds = ["audio"] + ["video"] * video + ["low"] * low
        self.ssrcs = {kind: next(_ssrcs) for kind in kinds}
        self.rtx = next(_ssrcs) if video else 0
        self.rtx_low = next(_ssrcs) if low else 0
        self.pub: Leg | None = None
        self.sub: Leg | None = None
        self.got: dict[int, Got] = {}
        self.repairs: dict[int, int] = {}
        self.tracks: dict[tuple[bytes, str], int] = {}
        self.offers: list[Offered] = []
        self.kinds: list[str] = []
        self.lost: Lost | None = None
        self.keyframes = 0
        self.nacks: list[int] = []
        self.repair_nacks = True
        self.seq = dict.fromkeys(self.ssrcs, 65_500)
        self.sent: dict[tuple[int, int], rtp.Packet] = {}
        self.keyframes_due: set[int] = set()
        self.bitrate: int | None = None
        self.rtx_seq = 0
        self.rtcp_in: list[bytes] = []
        self._tasks: list[asyncio.Future[None]] = []

    def take(self, event: Event) -> None:
        if event.user != self.user or event.room != self.room:
            return
        if isinstance(event, Publishing):
            self.kinds = list(event.kinds)
        elif isinstance(event, Lost):
            self.lost = event
        else:
            self.offers.append(event)
            answering: Awaitable[None] = self._answer(event)
            self._tasks.append(asyncio.ensure_future(answering))

    async def _answer(self, offer: Offered) -> None:
        fresh: Leg | None = None
        if offer.pc == "pub" and (self.pub is None or self.pub.ufrag not in offer.sdp):
            fresh = self.pub = Leg(offer.sdp, lambda data: None, self.publisher_rtcp)
        elif offer.pc == "sub" and (self.sub is None or self.sub.ufrag not in offer.sdp):
            fresh = self.sub = self.listen(offer.sdp)
        self._read_tracks(offer)
        answer = self.write_answer(offer)
        await self.line.ask("answer", room=self.room, user=self.user, pc=offer.pc, offer=offer.offer, sdp=answer)
        if fresh is not None:
            await fresh.connect()

    def listen(self, sdp: str) -> Leg:
        """The subscribe connection of an offer."""
        return Leg(sdp, self._arrived, self.rtcp_in.append)

    def _read_tracks(self, offer: Offered) -> None:
        if offer.pc == "pub":
            return
        self.tracks = {}
        self.repairs |= {int(b): int(a) for a, b in re.findall(r"FID (\d+) (\d+)", offer.sdp)}
        for section in offer.sdp.split("\r\nm=")[1:]:
            mid = found(r"a=mid:(\d+)", section)
            track = next((t for t in offer.tracks if t.mid == mid), None)
            if track is not None:
                self.tracks[track.user, track.kind] = int(found(r"a=ssrc:(\d+)", section))

    def write_answer(self, offer: Offered) -> str:
        """A browser's answer: the active role, our streams in the publish sections, receive in the others."""
        lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0"]
        for mid, kind in section_kinds(offer):
            lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF 111", f"a=mid:{mid}", "a=setup:active"]
            lines.append(f"a=fingerprint:sha-256 {sha256_fingerprint(CERTIFICATE)}")
            name = {"0": "audio", "1": "video", "3": "low"}.get(mid, "")
            if offer.pc == "sub":
                lines.append("a=recvonly" if any(t.mid == mid for t in offer.tracks) else "a=inactive")
            elif name in self.ssrcs:
                lines.append("a=sendonly")
                if name != "audio":
                    lines.append(f"a=ssrc-group:FID {self.ssrcs[name]} {self.rtx if name == 'video' else self.rtx_low}")
                lines.append(f"a=ssrc:{self.ssrcs[name]} cname:me")
            else:
                lines.append("a=inactive")
        return "\r\n".join(lines) + "\r\n"

    @property
    def legs(self) -> list[Leg]:
        return [leg for leg in (self.pub, self.sub) if leg is not None]

    async def keep_checking(self) -> None:
        """Keep both connections alive, until cancelled: the forwarder gives up whoever is silent for half a minute."""
        while True:
            await asyncio.sleep(CHECK_S)
            for leg in self.legs:
                leg.check()

    async def ready(self) -> None:
        """Wait until the publish connection is up."""
        await until(lambda: self.pub is not None and self.pub.dtls.connected, "publish connection")

    def send(self, kind: str, payload: bytes, **odd: int) -> int:
        """Send one packet with an extension, as browsers do; its sequence number. `odd` overrides header fields.

        A keyframe that was asked for goes before it.
        """
        assert self.pub is not None
        if self.ssrcs[kind] in self.keyframes_due:
            self.keyframes_due.discard(self.ssrcs[kind])
            self.send(kind, KEYFRAME)
        seq = self.seq[kind] = (self.seq[kind] + 1) & 0xFFFF
        number = rtp.AUDIO_PT if kind == "audio" else rtp.VIDEO_PT
        packet = rtp.Packet(odd.get("pt", number), seq, 90 * seq, odd.get("ssrc", self.ssrcs[kind]), payload)
        if kind != "audio":
            self.sent[packet.ssrc, seq] = packet
        self.pub.send_rtp(rtp.build(packet, 7))
        return seq

    def publisher_rtcp(self, data: bytes) -> None:
        """Take what the forwarder says to a publisher, and do what it asks for."""
        for packet in rtcp.parse(data) or []:
            if isinstance(packet, RtcpPsfbPacket):
                self.keyframes += len(rtcp.keyframe_wanted(packet))
                self.keyframes_due |= set(rtcp.keyframe_wanted(packet))
                self.bitrate = rtcp.bitrate_wanted(packet) or self.bitrate
            elif isinstance(packet, RtcpRtpfbPacket):
                self.nacks += packet.lost
                if self.repair_nacks:
                    self._repair(packet.media_ssrc, packet.lost)

    def _repair(self, ssrc: int, missing: list[int]) -> None:
        assert self.pub is not None
        rtx = self.rtx if ssrc == self.ssrcs["video"] else self.rtx_low
        for seq in missing:
            if (ssrc, seq) in self.sent:
                self.rtx_seq += 1
                self.pub.send_rtp(rtp.build(rtp.wrap_rtx(self.sent[ssrc, seq], rtx, self.rtx_seq), None))

    def _arrived(self, data: bytes) -> None:
        packet = rtp.parse(data)
        assert packet is not None
        if packet.ssrc in self.repairs:
            original = rtp.unwrap_rtx(packet, self.repairs[packet.ssrc])
            assert original is not None
            got = self.got.setdefault(original.ssrc, Got())
            got.repaired += 1
            got.payloads[original.seq] = original.payload
            return
        got = self.got.setdefault(packet.ssrc, Got())
        got.payloads[packet.seq], got.clocks[packet.seq] = packet.payload, packet.timestamp

    def heard(self, other: Peer, kind: str = "audio") -> int:
        """How many different packets of `other` arrived."""
        ssrc = other.ssrcs.get(kind, 0)
        return len(self.got[ssrc].payloads) if ssrc in self.got else 0

    async def hang_up(self) -> None:
        """Say goodbye in DTLS, as a browser does that closes its connections."""
        for leg in self.legs:
            await leg.dtls.stop()

    def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for leg in self.legs:
            leg.close()


def section_kinds(offer: Offered) -> Iterator[tuple[str, str]]:
    for section in offer.sdp.split("\r\nm=")[1:]:
        yield found(r"a=mid:(\d+)", section), section.split(" ", 1)[0]


def found(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    assert match is not None, pattern
    return match.group(1)
