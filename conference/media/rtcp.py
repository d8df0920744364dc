"""RTCP (RFC 3550, 4585, 5104): read what subscribers and publishers say, write what the forwarder says."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace

from aiortc.rtp import (
    RTCP_PSFB_APP,
    RTCP_PSFB_FIR,
    RTCP_PSFB_PLI,
    RTCP_RTPFB,
    RTCP_RTPFB_NACK,
    AnyRtcpPacket,
    RtcpPacket,
    RtcpPsfbPacket,
    RtcpReceiverInfo,
    RtcpRrPacket,
    RtcpRtpfbPacket,
    RtcpSdesPacket,
    RtcpSourceInfo,
    RtcpSrPacket,
    pack_remb_fci,
    unpack_remb_fci,
)

from conference.media.rtp import Reception

OUR_SSRC = 1
"""The forwarder sends no media; receivers only want a sender there."""
_CNAME = 1
_FEEDBACK = struct.Struct("!BBHLL")
_ENTRY = struct.Struct("!HH")


def parse(data: bytes) -> list[AnyRtcpPacket] | None:
    """The packets of a compound, or None if it is malformed."""
    try:
        return RtcpPacket.parse(data)
    except (ValueError, struct.error, IndexError):
        return None


def keyframe_wanted(packet: RtcpPsfbPacket) -> list[int]:
    """The media SSRCs for which a PLI or FIR asks a keyframe."""
    if packet.fmt == RTCP_PSFB_PLI:
        return [packet.media_ssrc]
    if packet.fmt == RTCP_PSFB_FIR:
        return [int.from_bytes(packet.fci[at : at + 4], "big") for at in range(0, min(len(packet.fci), 64) - 7, 8)]
    return []


def bitrate_wanted(packet: RtcpPsfbPacket) -> int | None:
    """The bits a second of a REMB, or None if the packet is something else."""
    if packet.fmt != RTCP_PSFB_APP:
        return None
    try:
        return int(unpack_remb_fci(packet.fci)[0])
    except (ValueError, struct.error):
        return None


def nacked(packet: RtcpRtpfbPacket) -> tuple[int, list[int]]:
    """(media SSRC, sequence numbers asked for); nothing for other feedback."""
    if packet.fmt != RTCP_RTPFB_NACK:
        return packet.media_ssrc, []
    return packet.media_ssrc, [seq & 0xFFFF for seq in packet.lost]


def keyframe_request(ssrc: int) -> bytes:
    return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_PLI, ssrc=OUR_SSRC, media_ssrc=ssrc))


def nack(ssrc: int, missing: Sequence[int]) -> bytes:
    """A generic NACK (RFC 4585 section 6.2.1) for numbers in the order of sending.

    Written by hand: aiortc's raises where the numbers wrap from 65535 to 0.
    """
    entries: list[tuple[int, int]] = []
    for seq in missing:
        after = seq - entries[-1][0] - 1 & 0xFFFF if entries else 1 << 16
        if after < 16:
            first, others = entries[-1]
            entries[-1] = first, others | 1 << after
        else:
            entries.append((seq, 0))
    head = _FEEDBACK.pack(0x80 | RTCP_RTPFB_NACK, RTCP_RTPFB, 2 + len(entries), OUR_SSRC, ssrc)
    return head + b"".join(_ENTRY.pack(*entry) for entry in entries)


def sender_report(report: RtcpSrPacket, ssrc: int, clock_shift: int, cname: str) -> bytes:
    """A publisher's sender report as a subscriber of stream `ssrc` needs it.

    The wall clock is the publisher's and the RTP clock the one that the subscriber sees, so that lips and voice
    stay together, also after the picture was changed.
    """
    info = report.sender_info
    clock = info.rtp_timestamp + clock_shift & 0xFFFFFFFF
    clean = RtcpSrPacket(ssrc=ssrc, sender_info=replace(info, rtp_timestamp=clock))
    name = RtcpSdesPacket(chunks=[RtcpSourceInfo(ssrc=ssrc, items=[(_CNAME, cname.encode())])])
    return bytes(clean) + bytes(name)


def receiver_report(streams: Sequence[tuple[int, Reception]], now: float) -> bytes:
    """Reports on up to 31 streams of one publisher; `now` is the clock that noted the sender reports."""
    reports = []
    for ssrc, seen in streams[:31]:
        fraction, lost = seen.losses()
        delay = int((now - seen.last_sr_at) * 65536) & 0xFFFFFFFF if seen.last_sr else 0
        reports.append(
            RtcpReceiverInfo(
                ssrc=ssrc,
                fraction_lost=fraction,
                packets_lost=lost,
                highest_sequence=seen.highest(),
                jitter=int(seen.jitter),
                lsr=seen.last_sr,
                dlsr=delay,
            )
        )
    return bytes(RtcpRrPacket(ssrc=OUR_SSRC, reports=reports))


def bitrate_cap(bits_per_second: int, ssrcs: Sequence[int]) -> bytes:
    """A REMB for a publisher's video streams."""
    fci = pack_remb_fci(bits_per_second, list(ssrcs))
    return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=OUR_SSRC, media_ssrc=0, fci=fci))
