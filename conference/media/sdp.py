"""Session descriptions (RFC 8829) written by hand: the server writes every offer, so payload types never differ."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from conference.media.rtp import ABS_SEND_TIME_ID, AUDIO_PT, RTX_PT, VIDEO_PT

Kind = Literal["audio", "video", "screen"]
MediaKind = Literal["audio", "video"]
MAX_SDP = 32_000
MAX_SECTIONS = 64
MAX_SSRCS = 4
MAX_CANDIDATES = 256
"""None is used, since the forwarder learns a client's address from its checks; a browser with all its networks and
relays writes some thirty."""

_FINGERPRINT = re.compile(r"sha-(?:256|384|512) (?:[0-9A-F]{2}:){31,63}[0-9A-F]{2}", re.IGNORECASE)
_AUDIO = (
    f"a=rtpmap:{AUDIO_PT} opus/48000/2",
    f"a=fmtp:{AUDIO_PT} minptime=10;useinbandfec=1",
)
_VIDEO = (
    f"a=rtpmap:{VIDEO_PT} VP8/90000",
    f"a=rtcp-fb:{VIDEO_PT} goog-remb",
    f"a=rtcp-fb:{VIDEO_PT} ccm fir",
    f"a=rtcp-fb:{VIDEO_PT} nack",
    f"a=rtcp-fb:{VIDEO_PT} nack pli",
    f"a=rtpmap:{RTX_PT} rtx/90000",
    f"a=fmtp:{RTX_PT} apt={VIDEO_PT}",
    f"a=extmap:{ABS_SEND_TIME_ID} http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
)


@dataclass(frozen=True, slots=True)
class Transport:
    """The forwarder's end of a connection; `candidates` are (address, port) that a client can reach."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class Section:
    """One m-line of an offer; `ssrc` when it is sent; `stream` is the name that groups lips and voice."""

    mid: str
    media: MediaKind
    direction: Literal["recvonly", "sendonly", "inactive"]
    stream: str = ""
    ssrc: int = 0
    rtx_ssrc: int = 0


@dataclass(frozen=True, slots=True)
class AnswerSection:
    mid: str
    direction: str
    ssrcs: tuple[int, ...]
    repairs: dict[int, int]
    """primary SSRC → the SSRC of its retransmissions"""


@dataclass(slots=True)
class Answer:
    """What the forwarder needs of an answer; `fingerprint` is (algorithm, value)."""

    fingerprint: tuple[str, str]
    sections: list[AnswerSection]


@dataclass(slots=True)
class _Draft:
    mid: str = ""
    direction: str = "sendrecv"
    ssrcs: list[int] = field(default_factory=list)
    repairs: dict[int, int] = field(default_factory=dict)


class BadSdp(ValueError):
    """The answer cannot be used; the text says why."""


def write_offer(session: int, version: int, transport: Transport, sections: Sequence[Section]) -> str:
    """The offer text: ICE-lite, one bundle, DTLS role left to the client (which takes the active one)."""
    lines = [
        "v=0",
        f"o=- {session} {version} IN IP4 0.0.0.0",
        "s=-",
        "t=0 0",
        "a=ice-lite",
        "a=group:BUNDLE " + " ".join(section.mid for section in sections),
        "a=msid-semantic: WMS *",
    ]
    for section in sections:
        lines += _section_lines(section, transport)
    return "\r\n".join(lines) + "\r\n"


def _section_lines(section: Section, transport: Transport) -> list[str]:
    host, port = transport.candidates[0]
    types = f"{AUDIO_PT}" if section.media == "audio" else f"{VIDEO_PT} {RTX_PT}"
    lines = [
        f"m={section.media} {port} UDP/TLS/RTP/SAVPF {types}",
        f"c=IN IP4 {host}",
        f"a=mid:{section.mid}",
        f"a={section.direction}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
        "a=setup:actpass",
        f"a=ice-ufrag:{transport.ufrag}",
        f"a=ice-pwd:{transport.password}",
        f"a=fingerprint:sha-256 {transport.fingerprint}",
    ]
    for number, (address, at) in enumerate(transport.candidates, start=1):
        lines.append(f"a=candidate:{number} 1 udp {2130706432 - number} {address} {at} typ host")
    lines.append("a=end-of-candidates")
    lines += _AUDIO if section.media == "audio" else _VIDEO
    if section.direction == "sendonly":
        lines.append(f"a=msid:{section.stream} {section.stream}-{section.mid}")
        if section.rtx_ssrc:
            lines.append(f"a=ssrc-group:FID {section.ssrc} {section.rtx_ssrc}")
        lines.append(f"a=ssrc:{section.ssrc} cname:{section.stream}")
        if section.rtx_ssrc:
            lines.append(f"a=ssrc:{section.rtx_ssrc} cname:{section.stream}")
    return lines


def read_answer(text: str) -> Answer:
    """What an answer says; raises BadSdp when it is too long, malformed, or does not take the active DTLS role."""
    if len(text) > MAX_SDP:
        raise BadSdp("the answer is too long")
    fingerprints: set[tuple[str, str]] = set()
    drafts: list[_Draft] = []
    if text.count("a=candidate:") > MAX_CANDIDATES:
        raise BadSdp("too many candidates")
    for line in text.splitlines():
        if line.startswith("m="):
            drafts.append(_Draft())
        elif line.startswith("a=fingerprint:"):
            value = line[14:].strip()
            if not _FINGERPRINT.fullmatch(value):
                raise BadSdp("the fingerprint is malformed")
            algorithm, digest = value.split(" ")
            fingerprints.add((algorithm.lower(), digest.upper()))
        elif line.startswith("a=setup:") and line[8:].strip() != "active":
            raise BadSdp("the client must take the active DTLS role")
        elif drafts:
            _read_line(drafts[-1], line)
    if len(drafts) > MAX_SECTIONS or len(fingerprints) != 1:
        raise BadSdp("too many sections, or not one fingerprint")
    return Answer(
        fingerprint=fingerprints.pop(),
        sections=[AnswerSection(d.mid, d.direction, tuple(d.ssrcs), d.repairs) for d in drafts],
    )


def _read_line(draft: _Draft, line: str) -> None:
    if line.startswith("a=mid:"):
        draft.mid = line[6:].strip()
    elif line[2:] in ("sendonly", "recvonly", "sendrecv", "inactive"):
        draft.direction = line[2:]
    elif line.startswith("a=ssrc-group:FID "):
        pair = [_ssrc(word) for word in line[17:].split()]
        if len(pair) == 2:
            draft.repairs[pair[0]] = pair[1]
    elif line.startswith("a=ssrc:"):
        ssrc = _ssrc(line[7:].split(" ", 1)[0])
        if ssrc not in draft.ssrcs:
            draft.ssrcs.append(ssrc)
        if len(draft.ssrcs) > MAX_SSRCS:
            raise BadSdp("too many streams in one section")


def _ssrc(word: str) -> int:
    if not word.isdecimal() or not 0 < int(word) < 1 << 32:
        raise BadSdp("an SSRC is malformed")
    return int(word)
