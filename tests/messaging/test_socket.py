"""Posting and hearing on the socket: acks after commits, pushes to those who may read, nothing to anybody else."""

from __future__ import annotations

import json

import pytest
from asgiref.sync import sync_to_async

from crypto.directives import Revoke
from messaging import writer
from messaging.models import Message
from tests.messaging.cast import Cast, hand_in, let_in, open_case, withdraw
from tests.messaging.house import Case
from tests.messaging.socket import sockets
from wire.base import b64

pytestmark = pytest.mark.server


@sync_to_async
def opened(cast: Cast) -> Case:
    return open_case(cast, cast.samuel)


@sync_to_async
def rows() -> int:
    return Message.objects.count()


@sync_to_async
def rotated(cast: Cast, case: Case) -> None:
    assert hand_in(case, cast.elena, case.epoch(cast.elena))[0] == 200


@sync_to_async
def carried(cast: Cast, case: Case, revoke: Revoke) -> None:
    assert hand_in(case, cast.elena, case.consent(cast.elena, revoke))[0] == 200


async def test_it_works(cast: Cast) -> None:
    case = await opened(cast)
    async with sockets(cast.elena, cast.samuel, cast.maya) as (elena, samuel, maya):
        wire = case.seal(cast.elena)
        await elena.post(case, wire)
        ack = await elena.hears("message.ack")
        assert (ack["seq"], ack["dup"], ack["thread"]) == (1, False, case.id)
        for socket in (elena, samuel, maya):
            pushed = await socket.hears("message.new")
            assert (pushed["wire"], pushed["seq"], pushed["sender"]) == (b64(wire), 1, b64(cast.elena.id))
            assert len(socket.of("message.new")) == 1


async def test_the_outsider_hears_nothing_and_their_post_is_not_found(cast: Cast) -> None:
    case = await opened(cast)
    async with sockets(cast.elena, cast.chidi) as (elena, chidi):
        await elena.post(case, case.seal(cast.elena))
        await elena.hears("message.ack")
        await chidi.post(case, case.seal(cast.chidi))
        refusal = await chidi.hears("error")
        assert refusal["code"] == "not_found"
        await chidi.is_served()
        assert {frame["type"] for frame in chidi.heard} == {"welcome", "error", "pong"}
        assert chidi.of("welcome")[0]["heads"] == chidi.of("pong")[0]["heads"] == {}
    assert await rows() == 1


async def test_a_post_sent_again_is_acked_as_a_duplicate_and_pushed_once(cast: Cast) -> None:
    case = await opened(cast)
    async with sockets(cast.elena, cast.samuel) as (elena, samuel):
        wire = case.seal(cast.elena)
        for _ in range(3):
            await elena.post(case, wire)
        await elena.hears("message.ack", 3)
        assert [(ack["seq"], ack["dup"]) for ack in elena.of("message.ack")] == [(1, False), (1, True), (1, True)]
        await samuel.hears("message.new")
        await samuel.is_served()
        assert len(samuel.of("message.new")) == 1


async def test_many_posts_at_once_keep_their_order(cast: Cast) -> None:
    case = await opened(cast)
    async with sockets(cast.elena, cast.samuel) as (elena, samuel):
        for number in range(40):
            await elena.post(case, case.seal(cast.elena, str(number)))
        await elena.hears("message.ack", 40)
        assert [ack["seq"] for ack in elena.of("message.ack")] == list(range(1, 41))
        await samuel.hears("message.new", 40)
        assert [frame["seq"] for frame in samuel.of("message.new")] == list(range(1, 41))


async def test_frames_that_are_no_posts_are_refused_and_the_socket_goes_on(cast: Cast) -> None:
    case = await opened(cast)
    async with sockets(cast.elena) as [elena]:
        wire = case.seal(cast.elena)
        await elena.post(case, wire, extra="field")
        await elena.post(case, wire, thread="not a thread")
        await elena.say(json.dumps({"type": "message.post", "id": b64(bytes(16)), "thread": case.id}))
        await elena.say(json.dumps({"type": "message.delete", "id": "x"}))
        await elena.say("[1]")
        await elena.post(case, wire, wire=b64(bytes(71_001)))
        await elena.post(case, wire, wire="A" * 300_000)
        await elena.hears("error", 7)
        codes = [frame["code"] for frame in elena.of("error")]
        assert codes == ["bad_frame", "bad_frame", "bad_frame", "unknown_frame", "bad_frame", "bad_frame", "too_large"]
        await elena.post(case, wire)
        await elena.hears("message.ack")
    assert await rows() == 1


async def test_the_other_devices_of_the_sender_hear_it_too(cast: Cast) -> None:
    case = await opened(cast)
    async with sockets(cast.elena, cast.elena) as (first, second):
        await first.post(case, case.seal(cast.elena))
        assert (await second.hears("message.new"))["seq"] == 1
        assert second.of("message.ack") == []


async def test_after_a_withdrawal_nothing_more_arrives_and_the_thread_is_lost(cast: Cast) -> None:
    case = await sync_to_async(open_case)(cast)
    directive = await sync_to_async(let_in)(cast, case, cast.samuel)
    await rotated(cast, case)
    async with sockets(cast.elena, cast.samuel) as (elena, samuel):
        assert samuel.of("welcome")[0]["heads"] == {case.id: 0}
        revoke = await sync_to_async(withdraw)(cast, case, directive)
        assert (await samuel.hears("thread.lost"))["thread"] == case.id
        assert (await elena.hears("thread.changed"))["what"] == "consent"
        await samuel.post(case, case.seal(cast.samuel))
        assert (await samuel.hears("error"))["code"] == "not_found"
        await elena.post(case, case.seal(cast.elena))
        assert (await elena.hears("error"))["code"] == "E_LOG_BEHIND"
        await carried(cast, case, revoke)
        await rotated(cast, case)
        await elena.post(case, case.seal(cast.elena))
        await elena.hears("message.new")
        await samuel.is_served()
        assert samuel.of("message.new") == []
        assert samuel.of("pong")[-1]["heads"] == {}


async def test_a_full_queue_refuses_by_name_and_writes_nothing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = await opened(cast)
    monkeypatch.setattr(writer, "QUEUE", 0)
    async with sockets(cast.elena) as [elena]:
        await elena.post(case, case.seal(cast.elena))
        refusal = await elena.hears("error")
        assert refusal["code"] == "busy"
    assert await rows() == 0
