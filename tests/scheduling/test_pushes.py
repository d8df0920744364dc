"""What sockets hear of sessions, and who hears nothing."""

from __future__ import annotations

from typing import Any

import pytest
from asgiref.sync import sync_to_async

from tests.messaging.cast import Cast, let_in, open_case, withdraw
from tests.messaging.socket import sockets
from tests.scheduling.desk import booked

pytestmark = pytest.mark.server


async def test_a_booking_is_heard_by_the_list_and_by_nobody_else(cast: Cast) -> None:
    case = await sync_to_async(open_case)(cast, cast.samuel)
    async with sockets(cast.elena, cast.samuel, cast.maya, cast.chidi) as (elena, samuel, maya, chidi):
        session: dict[str, Any] = await sync_to_async(booked)(cast, case, cast.samuel, cast.maya, cast.chidi)
        for socket in (samuel, maya, elena):
            assert await socket.hears("session.changed") == {"type": "session.changed", "session": session["id"]}
        await chidi.is_served()
        assert [frame for frame in chidi.heard if frame["type"].startswith("session.")] == []


async def test_who_loses_consent_hears_that_the_session_is_gone_and_no_more(cast: Cast) -> None:
    case = await sync_to_async(open_case)(cast, cast.tom)
    directive = await sync_to_async(let_in)(cast, case, cast.samuel)
    session: dict[str, Any] = await sync_to_async(booked)(cast, case, cast.samuel, cast.tom)
    async with sockets(cast.samuel, cast.tom, cast.chidi) as (samuel, tom, chidi):
        await sync_to_async(withdraw)(cast, case, directive)
        assert await samuel.hears("session.lost") == {"type": "session.lost", "session": session["id"]}
        await tom.hears("session.changed")
        await samuel.is_served()
        await chidi.is_served()
        assert samuel.of("session.changed") == []
        assert [frame for frame in chidi.heard if frame["type"].startswith("session.")] == []
