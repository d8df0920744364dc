"""A call from the knock to the receipt, over real sockets and real media."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from audit.models import Entry
from conference.actions import door, open_room
from conference.actions.recheck import recheck_running_calls
from conference.media.server import Config, Forwarder
from conference.models import Attendance, Room
from conference.plane import forwarder_key
from live.threads import in_database_thread
from tests.conference.cast import Cast
from tests.conference.peer import until
from tests.conference.stage import room_of, rows, seated, stage, state_of
from tests.messaging.cast import Desk
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]


async def test_it_works(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await act.talk(elena, samuel)
        await elena.sees(samuel, "connected")
        assert await act.forwarded(samuel) > 0
        assert (await samuel.say("room.leave"))["type"] == "room.done"
        await elena.sees(samuel, "left")
        receipts = await in_database_thread(lambda: {a.user.name: a for a in Attendance.objects.select_related("user")})
        assert receipts["Samuel"].ended_by == "left"
        assert receipts["Samuel"].left_at is not None
        assert receipts["Elena"].left_at is None


async def test_one_who_was_not_asked_finds_nothing_and_moves_nothing(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, chidi = await seated(act, cast, "elena", "chidi")
        await elena.enter(elena)
        before, heard = await rows(), len(elena.frames)
        commands: list[tuple[str, dict[str, Any]]] = [
            ("room.knock", {"device": chidi.device}),
            ("room.admit", {"user": chidi.id}),
            ("room.hold", {"user": elena.id, "on": True}),
            ("room.remove", {"user": elena.id}),
            ("room.leave", {}),
            ("room.close", {}),
            ("room.answer", {"pc": "sub", "offer": 1, "sdp": "v=0"}),
            ("room.show", {"sending": {}}),
            ("room.key", {"epoch": 1, "n": 1, "commitment": b"c", "seals": []}),
            ("room.admit_all", {}),
            ("room.lock", {"on": True}),
            ("room.host", {"user": chidi.id}),
            ("room.resume", {"device": chidi.device, "seq": -1, "call": 0}),
            ("room.want", {"tiles": []}),
        ]
        for kind, fields in commands:
            answer = await chidi.say(kind, **fields)
            assert (answer["type"], answer["code"]) == ("error", "not_found"), kind
        stolen = elena.of("room.admitted")[-1]["ticket"]
        answer = await chidi.say("room.connect", device=chidi.device, ticket=stolen, join=b"j")
        assert answer["code"] == "ticket"
        assert await rows() == before
        assert len(elena.frames) == heard
        assert {f["type"] for f in chidi.frames} == {"welcome", "error"}


async def test_one_without_consent_is_told_nothing_and_the_host_sees_the_wait(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await in_database_thread(cast.withdraw, cast.samuel)
        assert (await samuel.knock())["code"] == "not_found"
        await elena.sees(samuel, "waiting_consent")
        assert (await elena.say("room.admit", user=samuel.id))["code"] == "not_now"
        assert not samuel.of("room.state")
        await in_database_thread(cast.permit, cast.samuel)
        await elena.sees(samuel, "invited")
        await samuel.enter(elena)


async def test_only_the_host_admits(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, tom = await seated(act, cast, "elena", "samuel", "tom")
        await elena.enter(elena)
        await samuel.enter(elena)
        await tom.knock()
        orders: list[tuple[str, dict[str, Any]]] = [
            ("room.admit", {}),
            ("room.hold", {"on": True}),
            ("room.remove", {}),
            ("room.host", {}),
        ]
        for kind, fields in orders:
            assert (await samuel.say(kind, user=tom.id, **fields))["code"] == "refused"
        for kind, fields in [("room.admit_all", {}), ("room.lock", {"on": True}), ("room.close", {})]:
            assert (await samuel.say(kind, **fields))["code"] == "refused"
        assert ("tom", "knocking") in await rows()


async def test_a_withdrawal_stops_every_packet_and_voids_the_way_back(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, tom = await seated(act, cast, "elena", "samuel", "tom")
        for seat in (elena, samuel, tom):
            await seat.enter(elena)
        await act.talk(elena, samuel, tom)
        assert (await samuel.knock())["type"] == "room.done"
        kept = samuel.of("room.admitted")[-1]["ticket"]
        await in_database_thread(cast.withdraw, cast.samuel)
        at_cut = await act.forwarded(samuel)
        speaker, listener = elena.peer, tom.peer
        assert speaker is not None
        assert listener is not None
        heard = listener.heard(speaker)
        for _ in range(50):
            speaker.send("audio", b"no longer for samuel")
        await until(lambda: listener.heard(speaker) == heard + 50, "tom still hears")
        assert await act.forwarded(samuel) == at_cut
        bye = await samuel.hears("room.bye")
        assert (bye["action"], bye["reason"]) == ("stop", "consent_withdrawn")
        evicted = await tom.hears("room.evicted")
        assert evicted["user"] == b64(samuel.id)
        await elena.sees(samuel, "waiting_consent")
        again = await samuel.say("room.connect", device=samuel.device, ticket=kept, join=b"j")
        assert again["code"] == "not_found"
        assert (await samuel.knock())["code"] == "not_found"
        seen = len(samuel.of("room.state"))
        await tom.say("room.leave")
        await elena.sees(tom, "left")
        assert len(samuel.of("room.state")) == seen, "no more of the roster either"


async def test_one_who_was_put_out_cannot_come_back_until_the_host_opens(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        done = await elena.say("room.remove", user=samuel.id, reason="conflict_of_interest")
        assert done["type"] == "room.done"
        assert (await samuel.hears("room.bye"))["reason"] == "conflict_of_interest"
        assert (await samuel.knock())["code"] == "shut_out"
        assert (await elena.say("room.remove", user=samuel.id))["type"] == "room.done", "twice is once"
        await elena.say("room.admit", user=samuel.id)
        await samuel.enter(elena)


async def test_the_patient_may_put_a_clinician_out_and_nobody_the_patient(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, maya = await seated(act, cast, "elena", "samuel", "maya")
        for seat in (elena, samuel, maya):
            await seat.enter(elena)
        assert (await elena.say("room.remove", user=maya.id))["code"] == "refused"
        assert (await maya.say("room.remove", user=elena.id))["code"] == "refused"
        assert (await maya.say("room.remove", user=samuel.id))["type"] == "room.done"
        await elena.sees(samuel, "removed")


async def test_in_a_case_conference_the_clinicians_meet_first(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast, patient_waits=True)) as act:
        elena, samuel, maya = await seated(act, cast, "elena", "samuel", "maya")
        await elena.enter(elena)
        await samuel.enter(elena)
        await maya.knock()
        await elena.say("room.admit", user=maya.id)
        await maya.sees(maya, "on_hold")
        assert not maya.of("room.admitted"), "no ticket while on hold"
        await elena.say("room.hold", user=maya.id, on=False)
        await maya.hears("room.admitted")
        await maya.connect()
        await act.talk(elena, samuel, maya)
        await elena.say("room.hold", user=maya.id, on=True)
        await asyncio.sleep(0.1)
        count = await act.forwarded(maya)
        assert elena.peer is not None
        for _ in range(20):
            elena.peer.send("audio", b"among clinicians")
        await asyncio.sleep(0.1)
        assert await act.forwarded(maya) == count
        await elena.say("room.hold", user=maya.id, on=False)
        await act.talk(elena, samuel, maya)


async def test_sealed_keys_reach_the_connected_devices_alone(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, tom = await seated(act, cast, "elena", "samuel", "tom")
        await elena.enter(elena)
        await samuel.enter(elena)
        await tom.knock()
        seals = [
            {"user": b64(seat.id), "device": b64(seat.device), "sealed": b64(b"for " + seat.id)}
            for seat in (samuel, tom)
        ]
        epoch = elena.of("room.state")[-1]["epoch"]
        done = await elena.say("room.key", epoch=epoch, n=1, commitment=b"signed", seals=seals)
        assert done["type"] == "room.done"
        keys = await samuel.hears("room.keys")
        assert keys["sealed"] == seals[0]["sealed"]
        assert (keys["n"], keys["leader"], keys["device"]) == (1, b64(elena.id), b64(samuel.device))
        await elena.say("room.admit", user=tom.id)
        await tom.hears("room.admitted")
        assert not tom.of("room.keys")
        assert elena.of("room.state")[-1]["epoch"] == epoch, "whoever is not connected holds no key"
        await tom.connect()
        await elena.sees(tom, "connected")
        late = await elena.say("room.key", epoch=epoch, n=2, commitment=b"signed", seals=seals)
        assert late["code"] == "stale_epoch"


async def test_a_closed_tab_ends_the_knock(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, tom = await seated(act, cast, "elena", "tom")
        await elena.enter(elena)
        await tom.knock()
        await elena.sees(tom, "knocking")
        await tom.close()
        await elena.sees(tom, "left")


async def test_the_lobby_is_shut_before_its_hour(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast, minutes=60)) as act:
        (elena,) = await seated(act, cast, "elena")
        assert (await elena.knock())["code"] == "room_closed"


async def test_the_end_is_the_end(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        assert (await elena.say("room.close"))["type"] == "room.done"
        assert (await samuel.hears("room.bye"))["reason"] == "closed"
        state = await elena.hears("room.state", lambda frame: frame["phase"] == "closed")
        assert state_of(state, samuel) == "left"
        assert (await samuel.knock())["code"] == "room_closed"


async def test_without_the_forwarder_the_refusal_says_so(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        (elena,) = await seated(act, cast, "elena")
        await elena.knock()
        ticket = (await elena.hears("room.admitted"))["ticket"]
        await act.forwarder.stop()
        answer = await elena.say("room.connect", device=elena.device, ticket=ticket, join=b"j")
        assert answer["code"] == "media_unavailable"
        await elena.sees(elena, "admitted")


async def test_a_forwarder_that_began_anew_is_noticed(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await act.forwarder.stop()
        act.forwarder = Forwarder(Config(control=tmp_path / "sfu.sock", key=forwarder_key()))
        await act.forwarder.start()
        await in_database_thread(recheck_running_calls)
        for seat in (elena, samuel):
            assert (await seat.hears("room.bye"))["action"] == "rejoin"
            await seat.enter(elena)
        await act.talk(elena, samuel)


async def test_a_call_ends_with_its_hour(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await in_database_thread(lambda: Room.objects.update(ends_at=timezone.now() - timedelta(hours=3)))
        await in_database_thread(recheck_running_calls)
        assert (await samuel.hears("room.bye"))["reason"] == "closed"


async def test_one_taken_off_the_session_is_put_out(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await act.talk(elena, samuel)

        def without_samuel() -> None:
            room = act.room
            open_room(
                session_id=room.pk,
                patient_id=room.patient_id,
                thread_id=room.thread_id,
                host_id=room.host_id,
                participants=[(cast.elena.user.pk, "organiser"), (cast.maya.user.pk, "patient")],
                starts_at=room.starts_at,
                ends_at=room.ends_at,
            )

        await in_database_thread(without_samuel)
        at_cut = await act.forwarded(samuel)
        assert elena.peer is not None
        elena.peer.send("audio", b"not for samuel")
        assert (await samuel.hears("room.bye"))["action"] == "stop"
        assert await act.forwarded(samuel) == at_cut
        assert (await samuel.knock())["code"] == "not_found"


async def test_the_lobby_is_for_those_who_may_come_and_no_one_else(tmp_path: Path, cast: Cast) -> None:
    room = await room_of(cast)

    def look() -> None:
        path = f"/rooms/{b64(room.pk.bytes)}"
        status, view = Desk(cast.elena).get(path)
        assert status == 200
        assert view["you_host"] is True
        assert view["thread"] == room.thread_id
        names = [person["name"] for person in view["state"]["people"]]
        assert names == ["Elena", "Samuel", "Tom", "Maya"]
        forbidden = Desk(cast.chidi).get(path)
        absent = Desk(cast.chidi).get(f"/rooms/{b64(bytes(16))}")
        assert forbidden == absent
        assert forbidden[0] == 404
        assert Desk(cast.elena).get("/rooms/nonsense")[0] == 404
        cast.withdraw(cast.samuel)
        assert Desk(cast.samuel).get(path) == absent

    await in_database_thread(look)


async def test_the_roster_says_by_whose_permission(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, maya = await seated(act, cast, "elena", "samuel", "maya")
        for seat in (elena, samuel, maya):
            await seat.enter(elena)
        state = await maya.hears("room.state", lambda frame: state_of(frame, maya) == "connected")
        by_name = {person["name"]: person for person in state["people"]}
        assert [p["granted_by"] for p in by_name["Samuel"]["permission"]] == ["Maya"]
        assert by_name["Samuel"]["organisation"] == "Northgate Psychiatry"
        assert by_name["Samuel"]["role"] == cast.samuel.role
        assert by_name["Maya"]["permission"] == []
        assert by_name["Maya"]["is_patient"] is True
        assert by_name["Elena"]["is_host"] is True


async def test_what_happens_at_the_door_is_in_the_ledger(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await in_database_thread(cast.withdraw, cast.samuel)
        await samuel.knock()

        def verbs() -> list[tuple[str, str]]:
            entries = Entry.objects.filter(patient=cast.patient.pk, actor=cast.samuel.user.pk).order_by("pk")
            return [(e.verb, e.outcome) for e in entries]

        seen = await in_database_thread(verbs)
        assert seen == [
            ("room.knock", "done"),
            ("room.join", "done"),
            ("room.remove", "done"),
            ("room.join", "deny"),
        ]


async def test_the_last_packet_leaves_within_a_quarter_of_a_second_of_the_withdrawal(
    tmp_path: Path, cast: Cast
) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        seats = await seated(act, cast, "elena", "samuel", "tom", "maya")
        for seat in seats:
            await seat.enter(seats[0])
        await act.talk(*seats)
        speakers = [seat.peer for seat in seats if seat.peer is not None]
        talking = True

        async def speak() -> None:
            while talking:
                for peer in speakers:
                    peer.send("audio", b"sealed")
                await asyncio.sleep(0.005)

        speaking = asyncio.ensure_future(speak())
        await asyncio.sleep(0.2)
        asked = time.time() * 1000
        await in_database_thread(cast.withdraw, cast.samuel)
        await asyncio.sleep(0.5)
        talking = False
        await speaking
        rooms = await in_database_thread(act.plane.stats, act.room.pk.bytes)
        last = next(p.last_forwarded for p in rooms[0].people if p.user == cast.samuel.id)
        others = [p.last_forwarded for p in rooms[0].people if p.user != cast.samuel.id]
        assert asked - 50 <= last <= asked + 250
        assert min(others) > asked + 400, "everybody else still hears"


async def test_a_closed_tab_in_the_call_is_seen_at_once_and_has_left_after_the_silence(
    tmp_path: Path, cast: Cast
) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, tom = await seated(act, cast, "elena", "samuel", "tom")
        for seat in (elena, samuel, tom):
            await seat.enter(elena)
        await act.talk(elena, samuel, tom)
        assert tom.peer is not None
        await tom.peer.hang_up()
        await elena.sees(tom, "admitted")
        closed_at = timezone.now()
        await in_database_thread(door.device_silent, tom.person.user.pk, tom.device, closed_at)
        await elena.sees(tom, "left")
        await samuel.knock()
        await in_database_thread(door.device_silent, samuel.person.user.pk, samuel.device, closed_at)
        assert ("samuel", "connected") in await rows(), "one who came back stays"
