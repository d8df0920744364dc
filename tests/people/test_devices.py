"""Where a person is signed in, and how that is ended from elsewhere."""

from __future__ import annotations

import asyncio
import time
from uuid import UUID

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from audit.models import Entry
from client import account as accounts
from client.api import Api
from client.errors import ApiError
from client.live import Live
from people.models import Device
from tests.cast import Cast, Http
from tests.client.people import PASSWORD, staff
from tests.server import Server
from wire.base import b64
from wire.people import Devices, Done, Me

pytestmark = [pytest.mark.server, pytest.mark.django_db]
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


def listed(http: Http) -> list[dict[str, object]]:
    found: list[dict[str, object]] = http.get("/devices")[1]["devices"]
    return found


def session_of(client: Client, cast: Cast, agent: str = "") -> None:
    """What allauth keeps of a sign-in through its own doors, which `force_login` passes by."""
    key = client.session.session_key
    UserSession.objects.create(user=cast.elena.user, session_key=key, ip="127.0.0.1", user_agent=agent)


def opened(cast: Cast, label: str, *, remembered: bool = False) -> Http:
    """Another browser of Elena's, in which she has opened her keys."""
    device = label.encode().ljust(16)[:16]
    http = Http(cast.elena.user, device)
    session_of(http.client, cast)
    assert http.post("/devices", {"id": b64(device), "label": label, "remembered": remembered})[0] == 200
    return http


def test_it_works(cast: Cast) -> None:
    desk, phone = opened(cast, "Chrome on Mac", remembered=True), opened(cast, "Firefox on Android")
    mine = {str(one["label"]): one for one in listed(desk)}
    assert mine["Chrome on Mac"]["current"] and mine["Chrome on Mac"]["remembered"]
    assert not mine["Firefox on Android"]["current"] and not mine["Firefox on Android"]["remembered"]
    assert desk.delete(f"/devices/{mine['Firefox on Android']['number']}")[0] == 200
    assert phone.get("/me")[0] == 401
    assert "Firefox on Android" not in {one["label"] for one in listed(desk)}
    assert Entry.objects.filter(actor=cast.elena.user.pk, verb="session.end").count() == 1


def test_a_session_that_opened_no_keys_is_listed_by_its_browser(cast: Cast) -> None:
    stranger = Client()
    stranger.force_login(cast.elena.user)
    session_of(stranger, cast, FIREFOX)
    found = next(one for one in listed(cast.elena.http) if one["label"] == "Firefox on Linux")
    assert not found["opened"]


def test_all_others_are_ended_at_once(cast: Cast) -> None:
    desk, phone, tablet = (opened(cast, name) for name in ("desk", "phone", "tablet"))
    assert desk.post("/sign-out-others")[0] == 200
    assert [one["label"] for one in listed(desk)] == ["desk"]
    assert phone.get("/me")[0] == tablet.get("/me")[0] == 401
    assert Entry.objects.filter(actor=cast.elena.user.pk, verb="session.end_others").count() == 1


def test_another_persons_device_is_not_there(cast: Cast) -> None:
    desk = opened(cast, "desk")
    number = next(one["number"] for one in listed(desk) if one["label"] == "desk")
    assert cast.chidi.http.delete(f"/devices/{number}")[0] == 404
    assert cast.chidi.http.delete("/devices/999999999")[0] == 404
    assert desk.get("/me")[0] == 200
    assert "desk" not in {one["label"] for one in listed(cast.chidi.http)}


def test_a_device_that_is_signed_out_is_forgotten_with_what_it_was_told_by(cast: Cast) -> None:
    desk, phone = opened(cast, "desk"), opened(cast, "phone")
    number = next(one["number"] for one in listed(desk) if one["label"] == "phone")
    desk.delete(f"/devices/{number}")
    assert not Device.objects.filter(user=cast.elena.user, pk=UUID(bytes=b"phone".ljust(16))).exists()
    assert phone.get("/devices")[0] == 401


async def test_the_socket_of_a_device_that_is_signed_out_closes_within_a_second(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    other = await accounts.sign_in(
        Api(live_server_process.address), email=elena.email, password=PASSWORD, label="the lost one"
    )
    there = (await elena.api.get("/devices", Devices)).devices
    number = next(one.number for one in there if one.label == "the lost one")
    async with Live(other.api) as live, Live(elena.api) as mine:
        begun = time.monotonic()
        await elena.api.delete(f"/devices/{number}", Done)
        async with asyncio.timeout(10):
            assert [push async for push in live.pushes()] == []
        assert time.monotonic() - begun < 10
        await mine.drop()
    with pytest.raises(ApiError) as ended:
        await other.api.get("/me", Me)
    assert ended.value.code == "signed_out"
    assert (await elena.api.get("/me", Me)).email == elena.email


async def test_a_new_password_keeps_the_device_that_set_it(live_server_process: Server) -> None:
    elena = await staff(live_server_process, "Elena", "Riverside", "therapist")
    await accounts.change_password(elena.account, current=PASSWORD, new="another long phrase 43")
    found = (await elena.api.get("/devices", Devices)).devices
    assert [(one.current, one.opened) for one in found] == [(True, True)]
