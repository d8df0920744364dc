"""The pure parts of the forwarder: packets, gaps, session descriptions, checks, the table of routes."""

from __future__ import annotations

import random

import pytest
from aiortc.rtp import RtcpRtpfbPacket
from hypothesis import given
from hypothesis import strategies as st

from conference.media import rtcp, rtp, sdp
from conference.media.feed import Feed
from conference.media.routes import Link, Routes, Tally
from conference.media.stun import answer_check, make_check, read_check
from conference.media.udp import STRANGER_BURST, Ration


class Sink:
    def __init__(self) -> None:
        self.packets: list[bytes] = []

    def send_rtp(self, packet: bytes) -> bool:
        self.packets.append(packet)
        return True

    def send_rtcp(self, packet: bytes) -> None:
        self.packets.append(packet)


def link(source: bytes, sink: bytes) -> Link:
    return Link(source, sink, Sink(), Tally(), {1: Feed(1, 0, is_video=False)})


def test_it_works() -> None:
    packet = rtp.Packet(0x80 | rtp.VIDEO_PT, 7, 9000, 42, b"sealed")
    assert rtp.parse(rtp.build(packet, None)) == packet
    assert rtp.parse(rtp.build(packet, 0xABCDEF)) == packet


def test_what_publishers_add_is_stripped() -> None:
    packet = rtp.Packet(rtp.AUDIO_PT, 7, 9000, 42, b"sealed")
    plain = rtp.build(packet, None)
    csrcs_and_padding = bytes([0x80 | 0x20 | 2]) + plain[1:12] + bytes(8) + b"sealed" + b"\x00\x00\x03"
    assert rtp.parse(csrcs_and_padding) == packet


def test_noise_is_no_packet_and_no_error() -> None:
    chance = random.Random(7)
    for _ in range(2000):
        noise = chance.randbytes(chance.randrange(0, 60))
        rtp.parse(noise)
        rtcp.parse(noise)
        read_check(noise)
        read_check(bytes([0, 1]) + noise)


def test_a_retransmission_wraps_and_unwraps() -> None:
    packet = rtp.Packet(0x80 | rtp.VIDEO_PT, 65_535, 9000, 42, b"sealed")
    wrapped = rtp.wrap_rtx(packet, 43, 5)
    assert (wrapped.ssrc, wrapped.seq, wrapped.payload_type) == (43, 5, rtp.RTX_PT)
    assert rtp.unwrap_rtx(wrapped, 42) == packet
    assert rtp.unwrap_rtx(wrapped._replace(payload=b"\x00\x01"), 42) is None, "a padding probe"


@given(st.integers(0, 65_535), st.sets(st.integers(0, 400), min_size=1, max_size=200))
def test_a_nack_says_what_is_missing_wherever_the_numbers_wrap(first: int, offsets: set[int]) -> None:
    missing = [first + offset & 0xFFFF for offset in sorted(offsets)]
    packets = rtcp.parse(rtcp.nack(7, missing))
    assert packets is not None and isinstance(packets[0], RtcpRtpfbPacket)
    ssrc, asked = rtcp.nacked(packets[0])
    assert ssrc == 7
    assert {seq & 0xFFFF for seq in asked} == set(missing)


def test_a_receiver_report_counts_losses() -> None:
    seen = rtp.Reception(90_000)
    for seq in (65_534, 65_535, 1, 2):
        seen.arrived(rtp.Packet(96, seq, seq * 3000, 1, b""), seq / 30)
    assert seen.losses() == (256 // 5, 1)
    assert seen.highest() == (1 << 16) + 2


def test_a_cut_takes_a_person_out_of_the_table_on_both_sides() -> None:
    routes = Routes()
    for source in (b"a", b"b", b"c"):
        for sink in (b"a", b"b", b"c"):
            routes.connect(link(source, sink))
    assert routes.link(b"a", b"a") is None, "nobody hears themselves"
    routes.cut(b"b")
    assert not routes.hearers(b"b")
    assert [x.sink for x in routes.hearers(b"a")] == [b"c"]
    assert [x.sink for x in routes.hearers(b"c")] == [b"a"]


def test_a_check_is_answered_only_when_it_is_signed() -> None:
    check = read_check(make_check("ufrag", "password", nominate=True))
    assert check is not None
    assert check.ufrag == "ufrag"
    assert check.nominated
    assert answer_check(check, "another", ("127.0.0.1", 9)) is None
    assert answer_check(check, "password", ("127.0.0.1", 9)) is not None
    unsigned = read_check(make_check("ufrag", "password", nominate=True)[:20] + b"")
    assert unsigned is None


def test_strangers_are_rationed_each_by_itself() -> None:
    ration = Ration()
    allowed = sum(ration.allows("192.0.2.1", 0.0) for _ in range(1000))
    assert allowed == STRANGER_BURST
    assert ration.allows("192.0.2.2", 0.0)
    assert ration.allows("192.0.2.1", 1.0), "patience is rewarded"


ANSWER = "\r\n".join(
    [
        "v=0",
        "m=video 9 UDP/TLS/RTP/SAVPF 96 97",
        "a=mid:1",
        "a=sendonly",
        "a=setup:active",
        "a=fingerprint:sha-256 " + ":".join(["AB"] * 32),
        "a=ssrc-group:FID 11 12",
        "a=ssrc:11 cname:x",
        "a=ssrc:12 cname:x",
    ]
)


def test_an_answer_is_read() -> None:
    answer = sdp.read_answer(ANSWER)
    assert answer.fingerprint == ("sha-256", ":".join(["AB"] * 32))
    assert answer.sections == [sdp.AnswerSection("1", "sendonly", (11, 12), {11: 12})]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("setup:active", "setup:passive"),
        ("AB:AB", "AB:"),
        ("a=ssrc:11 ", "a=ssrc:-1 "),
        ("a=ssrc:11 ", "a=ssrc:99999999999 "),
        ("a=ssrc-group:FID 11 12", "a=ssrc-group:FID eleven twelve"),
        ("a=fingerprint:sha-256", "a=fingerprint:md5"),
        ("v=0", "v=0" + "x" * sdp.MAX_SDP),
        ("a=mid:1", "a=mid:1\r\n" + "\r\n".join(f"a=ssrc:{n} x" for n in range(50, 60))),
        ("a=sendonly", "a=fingerprint:sha-256 " + ":".join(["CD"] * 32)),
    ],
)
def test_a_bad_answer_is_refused(old: str, new: str) -> None:
    with pytest.raises(sdp.BadSdp):
        sdp.read_answer(ANSWER.replace(old, new, 1))
