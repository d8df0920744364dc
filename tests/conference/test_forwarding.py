"""The forwarder with real sockets, real DTLS and real SRTP on loopback."""

from __future__ import annotations

import asyncio
import math
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from conference.media import rtcp
from conference.media.messages import Event, Lost
from conference.media.peer import CONSENT_TIMEOUT_S
from conference.media.room import MAX_PEOPLE, Plane, Room, RoomFull
from conference.media.stun import make_check
from conference.media.udp import UdpPort
from tests.conference.call import CHIDI, ELENA, MAYA, ROOM, SAMUEL, call, now_ms, pump, quiet, ticket
from tests.conference.peer import CERTIFICATE, Peer, until


async def test_it_works(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        before = samuel.heard(elena, "video")
        payload = os.urandom(500)
        seq = elena.send("video", payload)
        await until(lambda: samuel.heard(elena, "video") > before, "the packet arrives")
        assert samuel.got[elena.ssrcs["video"]].payloads[seq] == payload
        assert set(elena.kinds) == {"audio", "video"}
        assert elena.keyframes >= 1, "a new subscriber needs a keyframe"
        stats = await room.stats(SAMUEL)
        assert stats["forwarded"] == sum(len(g.payloads) + g.repaired for g in samuel.got.values())
        assert abs(now_ms() - int(str(stats["last_forwarded"]))) < 2000


async def test_nothing_is_forwarded_after_a_cut(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, maya = [await room.join(user) for user in (ELENA, SAMUEL, MAYA)]
        await room.talk(elena, samuel, maya)
        assert samuel.sub is not None
        await room.cut(SAMUEL)
        at_cut = (await room.stats(SAMUEL))["forwarded"]
        await quiet()
        raw, maya_heard, elena_heard = samuel.sub.raw_in, maya.heard(elena), elena.heard(samuel)
        for _ in range(50):
            elena.send("audio", b"secret")
            samuel.send("audio", b"still talking")
        await until(lambda: maya.heard(elena) == maya_heard + 50, "those who remain still hear")
        assert samuel.sub.raw_in == raw
        assert elena.heard(samuel) == elena_heard
        after = await room.stats(SAMUEL)
        assert after["forwarded"] == at_cut and after["present"] is False


async def test_a_person_who_was_cut_gets_no_repairs_either(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        seqs = pump(elena, 5)
        await quiet()
        assert samuel.sub is not None
        await room.line.ask("hold", room=ROOM, user=SAMUEL, on=True)
        await quiet()
        raw = samuel.sub.raw_in
        samuel.sub.send_rtcp(rtcp.nack(elena.ssrcs["video"], seqs))
        await quiet()
        assert samuel.sub.raw_in == raw


async def test_a_person_on_hold_neither_sends_nor_receives(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        maya = await room.join(MAYA, hold=True)
        await room.talk(elena, samuel)
        for _ in range(10):
            maya.send("audio", b"can you hear me")
            elena.send("audio", b"about the patient")
        await quiet()
        assert not maya.got and not elena.heard(maya) and not samuel.heard(maya)
        await room.line.ask("hold", room=ROOM, user=MAYA, on=False)
        await room.talk(elena, samuel, maya)
        await room.line.ask("hold", room=ROOM, user=MAYA, on=True)
        await quiet()
        counts = (elena.heard(maya), maya.heard(elena))
        maya.send("audio", b"hello?")
        elena.send("audio", b"about the patient again")
        await quiet()
        assert (elena.heard(maya), maya.heard(elena)) == counts


async def test_loss_is_repaired_in_both_directions(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        await quiet()
        assert elena.pub is not None and samuel.sub is not None
        counter = iter(range(10_000))
        elena.pub.lose = lambda packet: next(counter) % 7 == 3
        seqs: list[int] = []
        for _ in range(120):
            seqs += pump(elena, 1)
            await asyncio.sleep(0.002)
        elena.pub.lose = lambda packet: False
        seqs += pump(elena, 1)
        got = samuel.got[elena.ssrcs["video"]]
        await until(lambda: set(seqs) <= got.payloads.keys(), "every lost packet is repaired")
        assert elena.nacks
        for seq in seqs[-20:-10]:
            del got.payloads[seq]
        samuel.sub.send_rtcp(rtcp.nack(elena.ssrcs["video"], seqs[-20:-10]))
        await until(lambda: set(seqs) <= got.payloads.keys(), "a subscriber's loss is repaired from the ring")
        assert got.repaired >= 10


async def test_a_retransmission_that_is_lost_is_asked_for_again(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        await quiet()
        assert elena.pub is not None
        elena.repair_nacks = False
        elena.pub.lose = lambda packet: True
        lost = pump(elena, 1)[0]
        elena.pub.lose = lambda packet: False
        pump(elena, 1)
        await until(lambda: elena.nacks.count(lost) >= 2, "asked twice")
        elena.repair_nacks = True
        await until(lambda: lost in samuel.got[elena.ssrcs["video"]].payloads, "repaired at the second try")


async def test_only_streams_of_the_answer_are_taken(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel, maya = [await room.join(user) for user in (ELENA, SAMUEL, MAYA)]
        await room.talk(elena, samuel, maya)
        await quiet()
        before = maya.heard(samuel), maya.heard(elena)
        elena.send("audio", b"in another's name", ssrc=samuel.ssrcs["audio"])
        elena.send("audio", b"from nowhere", ssrc=424242)
        elena.send("audio", b"of another kind", pt=96)
        await quiet()
        assert (maya.heard(samuel), maya.heard(elena)) == before
        assert (await room.stats(ELENA))["strangers"] == 3


async def test_a_stream_that_has_an_owner_is_refused_to_the_next(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena = await room.join(ELENA)
        thief = room.peers[CHIDI] = Peer(CHIDI, ROOM, room.line)
        thief.ssrcs = dict(elena.ssrcs)
        await room.line.ask("join", ticket=ticket(CHIDI))
        await until(lambda: thief.lost is not None, "the thief is put out")
        assert thief.lost is not None and thief.lost.reason == "stream_taken"
        assert (await room.stats(ELENA))["present"] is True


async def test_rooms_do_not_hear_each_other(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        chidi = await room.join(CHIDI, room=b"X" * 16)
        await room.talk(elena, samuel)
        chidi.send("audio", b"hello")
        await quiet()
        assert chidi.sub is None and not chidi.got


async def test_leaving_and_coming_back_uses_the_slots_again(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        await room.cut(SAMUEL)
        samuel.close()
        maya = await room.join(MAYA)
        await room.talk(elena, maya)
        sections = [o.sdp.count("\r\nm=") for o in elena.offers if o.pc == "sub"]
        assert max(sections) == 2, "the empty m-lines were used again"


@pytest.mark.parametrize(
    "make",
    [
        lambda: ticket(ELENA, key=b"x" * 32),
        lambda: ticket(ELENA, age_ms=61_000),
        lambda: ticket(ELENA)[:-2] + "AA",
        lambda: "nonsense",
        lambda: "",
    ],
    ids=["forged", "expired", "changed", "nonsense", "empty"],
)
async def test_a_bad_ticket_opens_nothing(tmp_path: Path, make: Callable[[], str]) -> None:
    async with call(tmp_path) as room:
        reply = await room.line.ask("join", ticket=make())
        assert reply.error == "bad_ticket"
        assert not room.line.events and not (await room.line.ask("stats")).rooms


async def test_a_ticket_is_good_once_and_not_after_a_cut(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        used = ticket(ELENA)
        kept = ticket(ELENA)
        assert (await room.line.ask("join", ticket=used)).error == ""
        assert (await room.line.ask("join", ticket=used)).error == "bad_ticket"
        await room.cut(ELENA)
        assert (await room.line.ask("join", ticket=kept)).message == "void"
        # A cut of long ago, which another process had to try again.
        await room.line.ask("cut", room=ROOM, user=ELENA, not_before=now_ms() - 50_000)
        assert (await room.line.ask("join", ticket=kept)).message == "void"


async def test_a_broken_line_is_refused_and_the_socket_is_private(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        assert (await room.line.raw(b"{}")).error == "bad_command"
        assert (await room.line.raw(b"\xff\xfe")).error == "bad_command"
        assert (tmp_path / "sfu.sock").stat().st_mode & 0o777 == 0o600


async def test_media_follows_a_client_that_roams(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        assert samuel.sub is not None
        old = samuel.sub.sock
        asyncio.get_running_loop().remove_reader(old.fileno())
        samuel.sub.listen()
        samuel.sub.send(make_check(samuel.sub.ufrag, samuel.sub.password, nominate=True))
        old.close()
        await quiet()
        before = samuel.heard(elena)
        elena.send("audio", b"on the other network")
        await until(lambda: samuel.heard(elena) > before, "media at the new address")


async def test_a_check_without_the_password_moves_nothing(tmp_path: Path) -> None:
    async with call(tmp_path) as room:
        elena, samuel = await room.join(ELENA), await room.join(SAMUEL)
        await room.talk(elena, samuel)
        assert samuel.sub is not None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as thief:
            thief.setblocking(False)
            thief.sendto(make_check(samuel.sub.ufrag, "not the password", nominate=True), samuel.sub.server)
            await quiet()
            before = samuel.heard(elena)
            elena.send("audio", b"for samuel")
            await until(lambda: samuel.heard(elena) > before, "media stays where it was")
            with pytest.raises(BlockingIOError):
                thief.recv(2048)


async def test_a_client_that_stops_checking_is_given_up() -> None:
    now = [0.0]
    port = UdpPort("127.0.0.1", 0)
    events: list[Event] = []
    plane = Plane(port, CERTIFICATE, [("127.0.0.1", port.number)], lambda: now[0], 1_000_000, math.inf)
    room = Room(ROOM, plane, events.append)
    room.join(ELENA, 1, hold=False)
    now[0] = CONSENT_TIMEOUT_S - 1
    room.tick()
    assert [event.kind for event in events] == ["offered"]
    now[0] = CONSENT_TIMEOUT_S + 1
    room.tick()
    lost = events[-1]
    assert isinstance(lost, Lost)
    assert lost.reason == "consent"
    assert not port.peers
    port.stop()


async def test_a_room_takes_so_many_and_no_more() -> None:
    port = UdpPort("127.0.0.1", 0)
    room = Room(ROOM, Plane(port, CERTIFICATE, [("127.0.0.1", 1)], lambda: 0.0, 1_000_000, 10.0), lambda event: None)
    for number in range(MAX_PEOPLE):
        room.join(number.to_bytes(16, "big"), number, hold=False)
    with pytest.raises(RoomFull):
        room.join(b"x" * 16, 99, hold=False)
    for user in list(room.people):
        room.cut(user)
    port.stop()


async def test_nobody_is_forwarded_of_whom_consent_was_not_confirmed() -> None:
    now = [0.0]
    port = UdpPort("127.0.0.1", 0)
    events: list[Event] = []
    plane = Plane(port, CERTIFICATE, [("127.0.0.1", port.number)], lambda: now[0], 1_000_000, 10.0)
    room = Room(ROOM, plane, events.append)
    room.join(ELENA, 1, hold=False)
    room.join(SAMUEL, 2, hold=False)
    now[0] = 9.0
    room.confirm([ELENA])
    now[0] = 11.0
    room.tick()
    assert list(room.people) == [ELENA]
    assert [event.reason for event in events if isinstance(event, Lost)] == ["unchecked"]
