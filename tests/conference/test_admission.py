"""What the host decides, which device a person comes with, and that a command counts once."""

from __future__ import annotations

import secrets
from pathlib import Path

import pytest
from django.utils import timezone

from audit.models import Entry
from conference.actions import host, open_room
from conference.actions.recheck import recheck_running_calls
from conference.actions.resume import call_back
from conference.models import Admission, Carried, Room
from conference.plane import EmbeddedPlane
from conference.rules import SILENT
from live.threads import in_database_thread
from tests.conference.cast import Cast
from tests.conference.peer import until
from tests.conference.stage import Seat, Stage, room_of, rows, seated, stage
from tests.messaging.cast import Desk
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]


async def in_call(act: Stage, cast: Cast, *names: str) -> list[Seat]:
    """These people in the call; the first is the host."""
    seats = await seated(act, cast, *names)
    for seat in seats:
        await seat.enter(seats[0])
    return seats


async def has_done(seat: Seat, kind: str, **fields: object) -> None:
    answer = await seat.say(kind, **fields)
    assert answer["type"] == "room.done", answer


def update_session(room: Room, cast: Cast, *names: str) -> None:
    """The session's list is now these people; elena called it."""
    open_room(
        session_id=room.pk,
        patient_id=room.patient_id,
        thread_id=room.thread_id,
        host_id=cast.elena.user.pk,
        participants=[(getattr(cast, name).user.pk, "takes part") for name in names],
        starts_at=room.starts_at,
        ends_at=room.ends_at,
    )


async def test_the_host_lets_in_everybody_who_knocks_and_nobody_else(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast, patient_waits=True)) as act:
        elena, samuel, tom, maya = await seated(act, cast, "elena", "samuel", "tom", "maya")
        await elena.enter(elena)
        for seat in (samuel, tom, maya):
            await seat.knock()
        await has_done(elena, "room.remove", user=tom.id)
        await has_done(elena, "room.admit_all")
        await samuel.hears("room.admitted")
        await maya.sees(maya, "on_hold")
        assert ("tom", "denied") in await rows()
        assert not tom.of("room.admitted")


async def test_one_who_is_put_on_hold_while_they_connect_is_on_hold(
    tmp_path: Path, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        join = EmbeddedPlane.join

        def join_late(plane: EmbeddedPlane, ticket: str) -> int:
            host.hold(elena.person.user.pk, act.room.pk, samuel.person.user.pk, on=True)
            return join(plane, ticket)

        monkeypatch.setattr(EmbeddedPlane, "join", join_late)
        await samuel.enter(elena)
        await samuel.sees(samuel, "on_hold")
        [room] = await in_database_thread(act.plane.stats, act.room.pk.bytes)
        assert {person.user: person.on_hold for person in room.people} == {elena.id: False, samuel.id: True}


async def test_admitting_all_decides_about_each(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, tom = await seated(act, cast, "elena", "samuel", "tom")
        await elena.enter(elena)
        for seat in (samuel, tom):
            await seat.knock()
        await in_database_thread(cast.withdraw, cast.tom)
        await has_done(elena, "room.admit_all")
        await samuel.hears("room.admitted")
        assert ("tom", "waiting_consent") in await rows()
        assert not tom.of("room.admitted")


async def test_a_locked_room_takes_nobody_new_and_keeps_whoever_was_there(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        tom, maya = await seated(act, cast, "tom", "maya")
        await has_done(elena, "room.lock", on=True)
        assert (await tom.knock())["code"] == "room_locked"
        assert ("tom", "invited") in await rows()
        assert (await maya.knock())["type"] == "room.done", "nobody locks the patient out"
        await has_done(samuel, "room.leave")
        await samuel.enter(elena)
        await act.talk(elena, samuel)
        await has_done(elena, "room.lock", on=False)
        await tom.enter(elena)


async def test_a_host_who_drops_comes_back_as_host(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        assert elena.peer is not None
        await elena.peer.hang_up()
        await samuel.sees(elena, "admitted")
        await elena.close()
        await samuel.sees(elena, "left")
        assert (await samuel.say("room.lock", on=True))["code"] == "refused", "nobody inherits the door"
        (again,) = await seated(act, cast, "elena")
        await again.enter(again)
        await has_done(again, "room.remove", user=samuel.id)


async def test_the_host_hands_the_call_over_and_a_changed_session_does_not_take_it_back(
    tmp_path: Path, cast: Cast
) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, maya = await in_call(act, cast, "elena", "samuel", "maya")
        assert (await elena.say("room.host", user=maya.id))["code"] == "refused"
        assert (await elena.say("room.host", user=cast.tom.id))["code"] == "not_now", "he is not in it"
        await has_done(elena, "room.host", user=samuel.id)
        assert (await elena.say("room.lock", on=True))["code"] == "refused"
        await in_database_thread(update_session, act.room, cast, "elena", "samuel", "tom", "maya")
        (tom,) = await seated(act, cast, "tom")
        await tom.enter(samuel)
        state = samuel.of("room.state")[-1]
        assert [p["name"] for p in state["people"] if p["is_host"]] == ["Samuel"]


async def test_one_who_was_put_out_stays_out_of_the_session_that_lists_him_again(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        await has_done(elena, "room.remove", user=samuel.id)
        await in_database_thread(update_session, act.room, cast, "elena", "maya")
        await in_database_thread(update_session, act.room, cast, "elena", "samuel", "maya")
        await in_database_thread(cast.withdraw, cast.samuel)
        await in_database_thread(cast.permit, cast.samuel)
        assert (await samuel.knock())["code"] == "shut_out"


async def test_one_who_was_put_out_does_not_see_the_lobby(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        path = f"/rooms/{b64(act.room.pk.bytes)}"

        def look() -> tuple[int, dict[str, object]]:
            return Desk(cast.samuel).get(path)

        assert (await in_database_thread(look))[0] == 200
        await has_done(elena, "room.remove", user=samuel.id)
        status, body = await in_database_thread(look)
        assert (status, body["code"]) == (403, "shut_out")
        assert (await samuel.says_where())["code"] == "shut_out"


async def test_a_second_device_asks_first_and_then_takes_over(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        (phone,) = await seated(act, cast, "samuel")
        assert (await phone.knock())["code"] == "elsewhere"
        await act.talk(elena, samuel)
        assert (await phone.say("room.leave"))["type"] == "room.done"
        assert ("samuel", "connected") in await rows(), "a device that is not in the call hangs up nothing"
        await phone.knock(move=True)
        await act.talk(elena, samuel)
        await phone.connect()
        bye = await samuel.hears("room.bye")
        assert (bye["action"], bye["reason"], bye["device"]) == ("stop", "moved", b64(samuel.device))
        await act.talk(elena, phone)
        names = [p["name"] for p in elena.of("room.state")[-1]["people"] if p["state"] == "connected"]
        assert names == ["Elena", "Samuel"], "nobody is shown twice"


async def test_a_device_that_waits_is_told_when_another_takes_its_place(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, phone = await seated(act, cast, "elena", "samuel", "samuel")
        await elena.enter(elena)
        await samuel.knock()
        assert (await phone.knock())["code"] == "elsewhere"
        await phone.knock(move=True)
        assert (await samuel.hears("room.bye"))["reason"] == "moved"
        await has_done(elena, "room.admit", user=phone.id)
        ticket = (await phone.hears("room.admitted"))["ticket"]
        stolen = await samuel.say("room.connect", device=samuel.device, ticket=ticket, join=b"j")
        assert stolen["code"] == "ticket"
        await phone.connect()
        await act.talk(elena, phone)


async def test_a_ticket_of_the_device_that_was_left_does_not_bring_the_call_back(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        (phone,) = await seated(act, cast, "samuel")
        await samuel.knock()
        kept = samuel.of("room.admitted")[-1]["ticket"]
        await phone.knock(move=True)
        again = await samuel.say("room.connect", device=samuel.device, ticket=kept, join=b"j")
        assert again["code"] == "elsewhere"
        await phone.connect()
        await act.talk(elena, phone)


async def test_each_session_says_how_early_its_lobby_opens(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast, minutes=40, early=60)) as act:
        (elena,) = await seated(act, cast, "elena")
        assert (await elena.knock())["type"] == "room.done"
        _, view = await in_database_thread(lambda: Desk(cast.elena).get(f"/rooms/{b64(act.room.pk.bytes)}"))
        assert view["starts_at"] - view["opens_at"] == 60 * 60_000


async def test_a_command_that_comes_again_is_answered_and_not_carried_out(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        await has_done(elena, "room.remove", user=samuel.id)
        opening = b64(secrets.token_bytes(16))
        await has_done(elena, "room.admit", user=samuel.id, id=opening)
        await samuel.knock()
        await has_done(elena, "room.admit", user=samuel.id, id=opening)
        assert ("samuel", "knocking") in await rows(), "the word that opened the door lets nobody in"
        await has_done(elena, "room.admit", user=samuel.id)
        assert ("samuel", "admitted") in await rows()


async def test_a_refused_command_is_not_remembered_and_an_ended_call_remembers_none(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        wish = b64(secrets.token_bytes(16))
        assert (await elena.say("room.host", user=cast.tom.id, id=wish))["code"] == "not_now"
        await has_done(elena, "room.host", user=samuel.id, id=wish)
        assert await in_database_thread(Carried.objects.exists)
        await has_done(samuel, "room.close")
        assert not await in_database_thread(Carried.objects.exists)


async def test_a_locked_or_handed_over_call_is_in_the_ledger(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        await has_done(elena, "room.lock", on=True)
        await has_done(elena, "room.lock", on=False)
        await has_done(elena, "room.host", user=samuel.id)

        def verbs() -> list[str]:
            entries = Entry.objects.filter(patient=cast.patient.pk, actor=cast.elena.user.pk).order_by("pk")
            return [entry.verb for entry in entries]

        assert (await in_database_thread(verbs))[-3:] == ["room.lock", "room.unlock", "room.host"]


async def test_whoever_waits_and_is_not_heard_of_is_gone(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel, tom = await seated(act, cast, "elena", "samuel", "tom")
        await elena.enter(elena)
        for seat in (samuel, tom):
            await seat.knock()
        long_ago = timezone.now() - SILENT * 2
        await in_database_thread(lambda: Admission.objects.update(knocked_at=long_ago))
        assert (await samuel.says_where())["action"] == "stay"
        await in_database_thread(recheck_running_calls)
        await elena.sees(tom, "left")
        assert ("samuel", "knocking") in await rows()
        assert ("elena", "connected") in await rows(), "media that flows is a sign of life"


async def test_media_goes_on_for_a_device_that_says_where_it_was(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        await act.talk(elena, samuel)
        answer = await samuel.says_where()
        assert (answer["type"], answer["action"], answer["state"]) == ("room.resumed", "stay", None)
        assert (await samuel.says_where(call=samuel.call + 1))["action"] == "knock"
        await has_done(elena, "room.lock", on=True)
        await samuel.hears("room.state", lambda frame: frame["locked"])
        (phone,) = await seated(act, cast, "samuel")
        answer = await phone.says_where(call=samuel.call)
        assert (answer["action"], answer["state"]["locked"]) == ("knock", True)
        await act.talk(elena, samuel)


async def test_a_device_whose_media_the_forwarder_lost_is_told_to_knock(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        call = samuel.call
        await in_database_thread(act.plane.cut, act.room.pk.bytes, samuel.id)
        assert (await samuel.says_where(call=call))["action"] == "knock"
        await elena.sees(samuel, "admitted")
        await samuel.enter(elena)
        await act.talk(elena, samuel)


async def test_saying_where_one_was_admits_nobody(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        (tom,) = await seated(act, cast, "tom")
        answer = await tom.says_where(call=samuel.call)
        assert (answer["action"], answer["state"]) == ("knock", None), "one who was asked to come and has not"
        await in_database_thread(cast.withdraw, cast.samuel)
        assert (await samuel.says_where())["code"] == "not_found"
        assert not tom.of("room.admitted")
        await until(lambda: bool(elena.of("room.evicted")), "the eviction")


async def test_after_words_were_lost_whoever_is_in_a_call_is_asked_where_they_are(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        (tom,) = await seated(act, cast, "tom")
        await in_database_thread(call_back, [samuel.person.user.pk, tom.person.user.pk])
        bye = await samuel.hears("room.bye")
        assert (bye["action"], bye["reason"], bye["device"]) == ("resume", "gap", b64(samuel.device))
        assert (await samuel.says_where())["action"] == "stay"
        assert (elena.of("room.bye"), tom.of("room.bye")) == ([], []), "nobody else, and nobody who is not in a call"


async def test_nothing_fails_on_purpose_where_no_test_has_asked_for_it(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, _ = await in_call(act, cast, "elena", "samuel")
        for what in ("socket", "lost_frame", "media", "resume"):
            assert (await elena.say("room.sim", what=what))["code"] == "refused"
        assert ("elena", "connected") in await rows()


async def test_what_a_test_lets_fail_fails(tmp_path: Path, cast: Cast, settings: object) -> None:
    settings.ROOM_SIM = True  # type: ignore[attr-defined]  # pytest-django's fixture
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await in_call(act, cast, "elena", "samuel")
        await has_done(samuel, "room.sim", what="resume")
        assert (await samuel.hears("room.bye"))["action"] == "resume"
        before = samuel.of("room.state")[-1]["seq"]
        await has_done(samuel, "room.sim", what="lost_frame")
        assert samuel.of("room.state")[-1]["seq"] == before
        assert (await samuel.says_where())["state"]["seq"] == before + 1
        await has_done(samuel, "room.sim", what="media")
        assert (await samuel.hears("room.bye", lambda frame: frame["action"] == "rejoin"))["reason"] == "media_lost"
        await elena.sees(samuel, "admitted")
        await samuel.enter(elena)
        await act.talk(elena, samuel)
