"""What hostile and broken clients send, over real sockets: refused with a code, counted, and felt by nobody else."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conference.media import rtp
from conference.media.messages import Offered
from conference.media.peer import MAX_ADDRESSES
from conference.media.sdp import MAX_CANDIDATES, BadSdp, read_answer
from conference.media.streams import streams_of
from conference.media.stun import make_check
from conference.media.udp import MAX_STRANGERS, Ration
from tests.conference import noise
from tests.conference.call import CHIDI, ELENA, ROOM, SAMUEL, Call, call, quiet, ticket
from tests.conference.peer import Leg, Peer, until


def stranger() -> socket.socket:
    return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


async def counted(room: Call, code: str, least: int) -> None:
    for _ in range(500):
        if await room.refused(code) >= least:
            return
        await asyncio.sleep(0.02)
    raise AssertionError(f"{code}: {await room.refused(code)} and not {least}")


async def two(room: Call) -> tuple[Peer, Peer, Leg, Leg]:
    """Elena and Samuel, who hear each other; her publish connection and his subscribe connection."""
    elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
    await room.talk(elena, samuel)
    assert elena.pub is not None and samuel.sub is not None
    return elena, samuel, elena.pub, samuel.sub


async def still_heard(elena: Peer, samuel: Peer) -> None:
    before = samuel.heard(elena)

    def hears() -> bool:
        elena.send("audio", b"still here")
        return samuel.heard(elena) > before

    await until(hears, "media still flows")


async def test_datagrams_of_no_use_are_counted_each_by_its_reason(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, pub, _ = await two(room)
        with stranger() as out:
            for data in (
                b"short",
                bytes(1600),
                b"\x80" * 200,
                b"\x16\xfe\xfd" + bytes(60),
                bytes([0, 1, 0, 200]) + bytes(40),
                make_check("nobody-at-all", "x", nominate=True),
                make_check(pub.ufrag, "wrong", nominate=True),
            ):
                out.sendto(data, pub.server)
        for code in (
            "datagram_short", "datagram_huge", "datagram_unknown", "check_malformed", "check_unknown", "check_unsigned"
        ):  # fmt: skip
            await counted(room, code, 1)
        pub.send(b"\x80" + bytes(60))
        pub.send(b"\x80" + bytes(1499))
        await counted(room, "srtp_refused", 2)
        await still_heard(elena, samuel)


async def test_packets_that_are_too_long_to_pass_on_are_refused(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, pub, _ = await two(room)
        packet = rtp.Packet(rtp.VIDEO_PT, elena.seq["video"] + 1 & 0xFFFF, 1, elena.ssrcs["video"], bytes(1340))
        pub.send_rtp(rtp.build(packet, None))
        await counted(room, "rtp_malformed", 1)
        await still_heard(elena, samuel)


async def test_forged_streams_and_types_are_refused(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _, _ = await two(room)
        elena.send("audio", b"in another's name", ssrc=samuel.ssrcs["audio"])
        elena.send("audio", b"of another kind", pt=96)
        await counted(room, "rtp_stranger", 1)
        await counted(room, "rtp_payload", 1)
        await still_heard(elena, samuel)


async def test_a_flood_of_dtls_is_rationed(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, pub, _ = await two(room)
        for _ in range(500):
            pub.send(b"\x16\xfe\xfd" + bytes(60))
        await counted(room, "dtls_flood", 300)
        await still_heard(elena, samuel)


async def test_a_flood_of_checks_from_a_stranger_is_rationed(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, pub, _ = await two(room)
        with stranger() as out:
            for number in range(400):
                out.sendto(make_check(f"guess{number}", "x", nominate=True), pub.server)
        await counted(room, "check_rationed", 200)
        await still_heard(elena, samuel)


async def test_an_address_in_use_cannot_be_taken_by_another_in_the_room(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, pub, sub = await two(room)
        sub.send(make_check(pub.ufrag, pub.password, nominate=True))
        await counted(room, "address_taken", 1)
        await still_heard(elena, samuel)


async def test_a_telephone_that_changes_networks_all_day_is_followed(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _, sub = await two(room)
        for _ in range(2 * MAX_ADDRESSES):
            old = sub.sock
            asyncio.get_running_loop().remove_reader(old.fileno())
            sub.listen()
            sub.send(make_check(sub.ufrag, sub.password, nominate=True))
            old.close()
            await still_heard(elena, samuel)


async def test_a_fingerprint_that_is_not_the_senders_ends_the_join(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena = await room.join(ELENA)
        chidi = room.peers[CHIDI] = Foreign(CHIDI, ROOM, room.line)
        await room.line.ask("join", ticket=ticket(CHIDI))
        await until(lambda: chidi.lost is not None, "the join is given up", 30)
        assert chidi.lost is not None and chidi.lost.reason == "handshake"
        assert await room.refused("handshake_failed") == 1
        assert not elena.heard(chidi)


class Foreign(Peer):
    """Answers with the fingerprint of a certificate that it does not hold."""

    def write_answer(self, offer: Offered) -> str:
        lines = super().write_answer(offer).split("\r\n")
        return "\r\n".join("a=fingerprint:sha-256 " + ":".join(["AB"] * 32) if "fingerprint" in x else x for x in lines)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sdp: sdp + "a=candidate:1 1 udp 1 192.0.2.1 9 typ host\r\n" * (MAX_CANDIDATES + 1),
        lambda sdp: sdp.replace("a=mid:1", "a=mid:9"),
        lambda sdp: sdp.replace("a=mid:3", "a=mid:1"),
        lambda sdp: sdp.replace("a=mid:1", "a=mid:2"),
        lambda sdp: sdp.replace("a=ssrc:4 ", "a=ssrc:2 ").replace("FID 4 5", "FID 2 3"),
        lambda sdp: sdp.replace("FID 4 5", "FID 4 3"),
    ],
    ids=["candidates", "not offered", "twice", "small alone", "one name", "one repair name"],
)
def test_an_answer_that_does_not_fit_is_refused(spoil: object) -> None:
    assert callable(spoil)
    assert len(streams_of(read_answer(noise.ANSWER))) == 3
    with pytest.raises(BadSdp):
        streams_of(read_answer(spoil(noise.ANSWER)))


def test_spoiled_answers_are_good_or_refused_and_nothing_else() -> None:
    assert sum(1 for _ in noise.answers(3000, 20261201)) > 0


async def test_a_bad_answer_is_refused_with_a_code_and_may_be_given_again(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena = Peer(ELENA, ROOM, room.line)
        await room.line.ask("join", ticket=ticket(ELENA))
        await until(lambda: bool(room.line.events), "the offer")
        offer = room.line.events[0]
        assert isinstance(offer, Offered)
        fields = {"room": ROOM, "user": ELENA, "pc": "pub", "offer": offer.offer}
        reply = await room.line.ask("answer", sdp="v=0", **fields)
        assert reply.error == "bad_answer"
        assert await room.refused("answer_bad") == 1
        assert (await room.line.ask("answer", sdp=elena.write_answer(offer), **fields)).error == ""


async def test_twenty_thousand_hostile_datagrams_break_nothing_and_fill_nothing() -> None:
    target = await noise.attack(20_000, 20261201)
    assert target.bounded()
    refused = {code for code, count in target.refusals.counts.items() if count}
    assert {"datagram_short", "datagram_huge", "check_malformed", "check_unknown", "rtp_malformed", "rtp_stranger",
            "rtp_payload", "rtcp_malformed", "rtcp_foreign"} <= refused  # fmt: skip
    assert target.link.tally.packets > 0, "and some were good"


def test_forged_sources_push_each_other_out_of_the_ration() -> None:
    ration = Ration()
    for number in range(3 * MAX_STRANGERS):
        ration.allows(f"host {number}", 0.0)
    assert len(ration._buckets) == MAX_STRANGERS


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=1600), st.binary(max_size=64))
def test_no_bytes_are_a_crash(data: bytes, tail: bytes) -> None:
    async def take() -> None:
        target = noise.make_target()
        for one in (data, bytes([0x80, 96]) + data, bytes([0x81, 205]) + data, bytes([0, 1]) + data + tail):
            target.port._take(one, ("192.0.2.1", 9))
            target.forwarder.from_publisher(target.publisher, one)
            target.forwarder.publisher_rtcp(target.publisher, one)
            target.forwarder.subscriber_rtcp(noise.SINK, one)
        target.port.stop()
        target.peer.close()
        await asyncio.sleep(0)

    asyncio.run(take())


async def test_noise_in_the_middle_of_a_call_changes_nothing(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, pub, sub = await two(room)
        for leg in (pub, sub):
            for size in range(300):
                leg.send(bytes([(0, 1, 20, 22, 63, 64, 128, 144, 191, 255)[size % 10]]) + bytes(size % 90))
        await quiet()
        await room.talk(elena, samuel)
        await still_heard(elena, samuel)
