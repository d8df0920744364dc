"""What a person's screen shows, said to the server and heard by the forwarder."""

from __future__ import annotations

from pathlib import Path

import pytest

from live.threads import in_database_thread
from tests.conference.cast import Cast
from tests.conference.peer import until
from tests.conference.stage import Seat, room_of, seated, stage
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.timeout(90)]


def tile(seat: Seat, size: str) -> dict[str, str]:
    return {"user": b64(seat.id), "kind": "video", "size": size}


async def test_it_works(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await act.talk(elena, samuel)
        assert (await samuel.say("room.want", tiles=[tile(elena, "off")]))["type"] == "room.done"
        viewer, source = samuel.peer, elena.peer
        assert viewer is not None and source is not None
        pictures, voices = viewer.heard(source, "video"), viewer.heard(source)
        for _ in range(20):
            source.send("video", b"sealed")
            source.send("audio", b"sealed")
        await until(lambda: viewer.heard(source) >= voices + 20, "the voice goes on")
        assert viewer.heard(source, "video") == pictures
        assert (await samuel.say("room.want", tiles=[]))["type"] == "room.done"
        await act.talk(elena, samuel)


async def test_one_whose_consent_ended_wants_nothing(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        await samuel.enter(elena)
        await in_database_thread(cast.withdraw, cast.samuel)
        answer = await samuel.say("room.want", tiles=[tile(elena, "high")])
        assert answer["code"] == "not_found"


async def test_one_who_is_not_connected_wants_nothing(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        elena, samuel = await seated(act, cast, "elena", "samuel")
        await elena.enter(elena)
        assert (await samuel.say("room.want", tiles=[tile(elena, "high")]))["code"] == "not_now"


async def test_a_wish_out_of_bounds_is_refused(tmp_path: Path, cast: Cast) -> None:
    async with stage(tmp_path, await room_of(cast)) as act:
        (elena,) = await seated(act, cast, "elena")
        await elena.enter(elena)
        for tiles in ([tile(elena, "huge")], [tile(elena, "low")] * 65, [{**tile(elena, "low"), "kind": "audio"}]):
            assert (await elena.say("room.want", tiles=tiles))["type"] == "error"
