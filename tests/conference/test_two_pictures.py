"""The small and the full picture of a publisher over real sockets, real DTLS and real SRTP."""

from __future__ import annotations

import asyncio
import math
import time
from pathlib import Path

from aiortc.rtp import RTCP_PSFB_APP, RtcpPsfbPacket, RtcpReceiverInfo, RtcpRrPacket, RtcpSenderInfo, RtcpSrPacket
from aiortc.rtp import pack_remb_fci as pack_estimate

from conference.media import rtcp
from conference.media.keyframes import SUBSCRIBER_BURST, SWITCH_BURST, SWITCH_RATE
from tests.conference.call import ELENA, MAYA, ROOM, SAMUEL, Call, call, quiet
from tests.conference.peer import Peer, until
from wire.base import b64


async def want(room: Call, who: bytes, whose: bytes, size: str) -> None:
    tiles = [{"user": b64(whose), "kind": "video", "size": size}]
    assert (await room.line.ask("want", room=ROOM, user=who, tiles=tiles)).error == ""


async def two_pictures(room: Call) -> tuple[Peer, Peer, Peer]:
    """Elena sends both pictures, Samuel and Maya watch."""
    elena = await room.join(ELENA, low=True)
    samuel, maya = await room.join(SAMUEL), await room.join(MAYA)
    await room.talk(samuel, maya)

    def all_see() -> bool:
        film(elena)
        return bool(samuel.heard(elena, "video") and maya.heard(elena, "video"))

    await until(all_see, "both see Elena")
    return elena, samuel, maya


def film(person: Peer) -> None:
    person.send("video", b"the full picture")
    person.send("low", b"the small picture")
    person.send("audio", b"a voice")


def seen(viewer: Peer, person: Peer) -> set[bytes]:
    got = viewer.got[person.ssrcs["video"]]
    return {got.payloads[seq] for seq in list(got.payloads)[-3:]}


async def sees(viewer: Peer, person: Peer, payload: bytes) -> None:
    def holds() -> bool:
        film(person)
        return seen(viewer, person) == {payload}

    await until(holds, f"only {payload!r} arrives")


async def test_it_works(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, maya = await two_pictures(room)
        await sees(samuel, elena, b"the full picture")
        await want(room, SAMUEL, ELENA, "low")
        await sees(samuel, elena, b"the small picture")
        assert seen(maya, elena) == {b"the full picture"}, "each chooses for themselves"
        assert elena.ssrcs["low"] not in samuel.got, "under the name that is known"
        await want(room, SAMUEL, ELENA, "high")
        await sees(samuel, elena, b"the full picture")
        await quiet()
        got = samuel.got[elena.ssrcs["video"]].payloads
        numbers = [seq - min(got) & 0xFFFF for seq in got]
        assert elena.nacks == [], "nothing was missed"
        assert len(numbers) == len(set(numbers))


async def test_a_tile_that_is_off_is_sent_no_picture_and_still_a_voice(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        await want(room, SAMUEL, ELENA, "off")
        await quiet()
        pictures, voices = samuel.heard(elena, "video"), samuel.heard(elena, "audio")
        for _ in range(20):
            film(elena)
        await until(lambda: samuel.heard(elena, "audio") == voices + 20, "the voice goes on")
        assert samuel.heard(elena, "video") == pictures
        await want(room, SAMUEL, ELENA, "high")
        await sees(samuel, elena, b"the full picture")


async def test_a_bad_line_gets_the_small_picture_and_is_no_burden_to_the_others(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, maya = await two_pictures(room)
        assert samuel.sub is not None and maya.sub is not None

        def narrow() -> bool:
            for _ in range(8):
                elena.send("video", bytes(1000))
            elena.send("low", bytes(100))
            assert samuel.sub is not None and maya.sub is not None
            samuel.sub.send_rtcp(estimate(1_000_000))
            maya.sub.send_rtcp(estimate(5_000_000))
            payloads = list(samuel.got[elena.ssrcs["video"]].payloads.values())[-3:]
            return all(len(payload) == 100 for payload in payloads)

        await until(narrow, "the small picture on the bad line")
        payloads = list(maya.got[elena.ssrcs["video"]].payloads.values())[-3:]
        assert any(len(payload) == 1000 for payload in payloads)
        assert elena.bitrate is not None and elena.bitrate > 1_000_000, "Elena is not asked for a worse picture"


def estimate(bits: int) -> bytes:
    return bytes(RtcpPsfbPacket(fmt=RTCP_PSFB_APP, ssrc=1, media_ssrc=0, fci=pack_estimate(bits, [1])))


async def test_a_repair_is_asked_for_by_the_numbers_after_the_switch(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        await want(room, SAMUEL, ELENA, "low")
        await sees(samuel, elena, b"the small picture")
        await quiet()
        got = samuel.got[elena.ssrcs["video"]]
        lost = list(got.payloads)[-2:]
        for seq in lost:
            del got.payloads[seq]
        assert samuel.sub is not None
        samuel.sub.send_rtcp(rtcp.nack(elena.ssrcs["video"], lost))
        await until(lambda: set(lost) <= got.payloads.keys(), "both are repaired")
        assert {got.payloads[seq] for seq in lost} == {b"the small picture"}


async def test_lips_and_voice_stay_together_after_a_switch(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        assert elena.pub is not None
        wall = 1 << 40
        for kind in ("video", "low"):
            info = RtcpSenderInfo(wall, 90 * elena.seq[kind], 1, 1)
            elena.pub.send_rtcp(bytes(RtcpSrPacket(ssrc=elena.ssrcs[kind], sender_info=info)))
        await want(room, SAMUEL, ELENA, "low")
        await sees(samuel, elena, b"the small picture")
        samuel.rtcp_in.clear()
        elena.send("low", b"one more")
        clock = 90 * elena.seq["low"]
        elena.pub.send_rtcp(bytes(RtcpSrPacket(ssrc=elena.ssrcs["low"], sender_info=RtcpSenderInfo(wall, clock, 2, 2))))
        await until(lambda: bool(reports(samuel)), "the report of the picture that is shown")
        await until(lambda: b"one more" in seen(samuel, elena), "the packet of that moment")
        report = reports(samuel)[-1]
        assert report.ssrc == elena.ssrcs["video"]
        assert report.sender_info.ntp_timestamp == wall
        got = samuel.got[elena.ssrcs["video"]]
        at = next(seq for seq, payload in got.payloads.items() if payload == b"one more")
        assert report.sender_info.rtp_timestamp == got.clocks[at]


def reports(viewer: Peer) -> list[RtcpSrPacket]:
    packets = [packet for data in viewer.rtcp_in for packet in rtcp.parse(data) or []]
    return [packet for packet in packets if isinstance(packet, RtcpSrPacket)]


async def test_what_was_sent_while_on_hold_cannot_be_had_afterwards(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        await room.line.ask("hold", room=ROOM, user=SAMUEL, on=True)
        hidden = [elena.send("video", b"not for Samuel") for _ in range(20)]
        await room.line.ask("hold", room=ROOM, user=SAMUEL, on=False)
        await sees(samuel, elena, b"the full picture")
        assert samuel.sub is not None
        numbers = sorted({seq + shift & 0xFFFF for seq in hidden for shift in range(-60, 61)})
        for start in range(0, len(numbers), 60):
            samuel.sub.send_rtcp(rtcp.nack(elena.ssrcs["video"], numbers[start : start + 60]))
            await asyncio.sleep(0.3)
        await quiet()
        assert b"not for Samuel" not in samuel.got[elena.ssrcs["video"]].payloads.values()


async def test_a_person_without_the_key_costs_the_others_no_pictures(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        await quiet()
        assert samuel.sub is not None
        before = elena.keyframes
        ask = rtcp.keyframe_request(elena.ssrcs["video"])
        for _ in range(60):
            samuel.sub.send_rtcp(ask)
            await asyncio.sleep(0.05)
        await quiet()
        assert elena.keyframes - before <= math.ceil(SUBSCRIBER_BURST)
        assert await room.refused("keyframe_rationed") > 50


async def test_a_person_who_changes_their_mind_without_end_costs_the_others_no_pictures(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, _, _ = await two_pictures(room)
        await quiet()
        before, end = elena.keyframes, time.monotonic() + 8
        while time.monotonic() < end:
            await want(room, SAMUEL, ELENA, "off")
            await want(room, SAMUEL, ELENA, "high")
            film(elena)
            await asyncio.sleep(0.02)
        await quiet()
        assert elena.keyframes - before <= math.ceil(SWITCH_BURST + 9 * SWITCH_RATE)


async def test_a_wish_of_somebody_who_is_not_there_changes_nothing(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        await want(room, b"x" * 16, ELENA, "off")
        await want(room, SAMUEL, b"x" * 16, "off")
        await sees(samuel, elena, b"the full picture")


async def test_one_report_of_loss_takes_no_picture_away(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        assert samuel.sub is not None
        info = RtcpReceiverInfo(elena.ssrcs["video"], 100, 1, 1, 1, 0, 0)
        samuel.sub.send_rtcp(bytes(RtcpRrPacket(ssrc=1, reports=[info])))
        end = time.monotonic() + 3
        while time.monotonic() < end:
            film(elena)
            await asyncio.sleep(0.05)
        await quiet()
        before = samuel.heard(elena, "video")
        for _ in range(20):
            film(elena)
        await until(lambda: samuel.heard(elena, "video") == before + 20, "the picture goes on")
        assert seen(samuel, elena) == {b"the full picture"}


async def test_a_line_that_loses_much_is_sent_less(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, _ = await two_pictures(room)
        assert samuel.sub is not None
        info = RtcpReceiverInfo(elena.ssrcs["video"], 100, 1, 1, 1, 0, 0)
        report = bytes(RtcpRrPacket(ssrc=1, reports=[info]))

        def narrow() -> bool:
            for _ in range(8):
                elena.send("video", bytes(1000))
                elena.send("low", bytes(100))
            assert samuel.sub is not None
            samuel.sub.send_rtcp(report)
            payloads = list(samuel.got[elena.ssrcs["video"]].payloads.values())[-3:]
            return all(len(payload) == 100 for payload in payloads)

        await until(narrow, "the small picture", 15)
