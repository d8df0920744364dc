"""Being reached: quiet hours across the change of clocks, roles that change hands, notices sent once."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from people import notices
from people.models import Organisation
from people.notices import Kind
from people.standby.actions import leave_notice, send_notices
from people.standby.crisis import lines_of, places
from people.standby.models import Notice, OnCallTurn
from people.standby.rules import Quiet, due_at, moment, quiet_until
from tests.messaging.cast import Cast, Desk, make_cast, open_case
from wire.base import b64

ZONES = [ZoneInfo(name) for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC", "Asia/Kolkata")]
instants = st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))
minutes = st.integers(0, 24 * 60 - 1)
quiets = st.builds(Quiet, st.sampled_from(ZONES), minutes, minutes)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture
def told() -> Iterator[list[tuple[UUID, str]]]:
    """What goes out, by a road of the test's own."""
    heard: list[tuple[UUID, str]] = []

    def hear(user_id: UUID, kind: str) -> None:
        heard.append((user_id, kind))

    before = list(notices._senders)
    notices.register(hear)
    yield heard
    notices._senders[:] = before


@given(instants, quiets)
def test_quiet_ends_and_nothing_waits_longer_than_a_day_and_an_hour(now: datetime, quiet: Quiet) -> None:
    end = quiet_until(now, quiet)
    if end is None:
        return
    assert now < end <= now + timedelta(hours=25)
    wall = end.astimezone(quiet.zone)
    asked = moment(wall.date(), quiet.end, quiet.zone)
    assert end == asked
    if quiet.start < quiet.end:
        assert quiet_until(end, quiet) is None


@given(instants, quiets)
def test_what_is_urgent_never_waits_and_the_rest_is_never_early(now: datetime, quiet: Quiet) -> None:
    for kind in Kind:
        due = due_at(now, kind, quiet)
        assert due == now if kind.breaks_quiet else due >= now


@given(st.dates(date(2024, 1, 1), date(2029, 12, 31)), minutes, st.sampled_from(ZONES))
def test_a_later_minute_is_never_an_earlier_instant(day: date, minute: int, zone: ZoneInfo) -> None:
    if minute:
        assert moment(day, minute - 1, zone) <= moment(day, minute, zone)


def test_quiet_hours_over_a_night_that_loses_an_hour_end_by_the_clock_on_the_wall() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    quiet = Quiet(berlin, 22 * 60, 7 * 60)
    late = datetime(2026, 3, 28, 23, 0, tzinfo=berlin)
    assert quiet_until(late, quiet) == datetime(2026, 3, 29, 7, 0, tzinfo=berlin)
    # 2:30 does not exist that night: the quiet ends with the jump, at three.
    assert quiet_until(late, Quiet(berlin, 22 * 60, 150)) == datetime(2026, 3, 29, 3, 0, tzinfo=berlin)


@pytest.mark.server
def test_a_role_is_opened_taken_and_given_and_its_history_stands(cast: Cast) -> None:
    organisation = b64(cast.patient.organisation_id.bytes)
    path, role_id = f"/organisations/{organisation}/on-call", secrets.token_bytes(16)
    asked = {"id": b64(role_id), "name": "Crisis line"}
    for _ in range(2):
        status, page = Desk(cast.elena).post(path, asked)
        assert status == 200, page
    assert [(one["name"], one["turns"], one["may_give"]) for one in page["roles"]] == [("Crisis line", [], True)]
    turns = f"/on-call/{b64(role_id)}/turns"
    for person, to in ((cast.tom, cast.tom), (cast.tom, cast.elena), (cast.elena, cast.elena)):
        assert Desk(person).post(turns, {"user": b64(to.id)})[0] == 200
    _, page = Desk(cast.tom).get(path)
    assert [(one["name"], one["until"] is None) for one in page["roles"][0]["turns"]] == [
        ("Elena", True),
        ("Tom", False),
    ]


@pytest.mark.server
def test_strangers_to_an_organisation_neither_see_nor_take_its_roles(cast: Cast) -> None:
    organisation = b64(cast.patient.organisation_id.bytes)
    path, role_id = f"/organisations/{organisation}/on-call", secrets.token_bytes(16)
    assert Desk(cast.elena).post(path, {"id": b64(role_id), "name": "Crisis line"})[0] == 200
    for person in (cast.chidi, cast.maya):
        desk = Desk(person)
        assert desk.get(path)[0] == 404
        assert desk.post(path, {"id": b64(bytes(16)), "name": "Mine"})[0] == 404
        assert desk.post(f"/on-call/{b64(role_id)}/turns", {"user": b64(person.id)})[0] == 404
    # Nor is it given to somebody who does not work there.
    assert Desk(cast.elena).post(f"/on-call/{b64(role_id)}/turns", {"user": b64(cast.chidi.id)})[0] == 404
    assert not OnCallTurn.objects.exists()


@pytest.mark.server
def test_a_notice_goes_out_once_by_every_road(cast: Cast, told: list[tuple[UUID, str]]) -> None:
    leave_notice(cast.elena.user.pk, Kind.URGENT, timezone.now())
    assert (send_notices(), send_notices()) == (1, 0)
    assert told == [(cast.elena.user.pk, "urgent")]
    letter = mail.outbox[-1]
    assert letter.to == ["elena@test.example"]
    assert "Maya" not in f"{letter.subject}{letter.body}"
    assert "http" not in letter.body


@pytest.mark.server
def test_a_notice_that_a_dead_process_claimed_is_sent_by_another(cast: Cast, told: list[tuple[UUID, str]]) -> None:
    leave_notice(cast.elena.user.pk, Kind.URGENT, timezone.now())
    Notice.objects.update(claimed_at=timezone.now())
    assert send_notices() == 0
    Notice.objects.update(claimed_at=timezone.now() - timedelta(minutes=3))
    assert send_notices() == 1
    assert len(told) == 1


def test_a_road_that_is_closed_closes_no_other(told: list[tuple[UUID, str]]) -> None:
    def closed(user_id: UUID, kind: str) -> None:
        raise OSError

    notices.register(closed)
    someone = UUID(int=7)
    notices.tell(someone, Kind.ROUTINE)
    assert told == [(someone, "routine")]


def test_every_place_has_lines_and_an_unknown_one_those_that_hold_anywhere() -> None:
    assert {line.number for line in lines_of("US").lines} == {"911", "988"}
    assert {line.number for line in lines_of("DE").lines} >= {"112", "0800 111 0 111"}
    assert [line.number for line in lines_of("XX").lines] == ["112"]
    assert all(lines_of(place).source and lines_of(place).lines for place in places())


@pytest.mark.server
def test_a_patient_is_shown_the_lines_of_the_place_that_treats_them(cast: Cast) -> None:
    Organisation.objects.filter(pk=cast.patient.organisation_id).update(country="GB")
    status, lines = Desk(cast.maya).get("/me/crisis-lines")
    assert (status, lines["country"]) == (200, "GB")
    assert Desk(cast.samuel).get("/me/crisis-lines")[1]["country"] == ""


def test_who_shares_a_conversation_is_told_when_one_usually_answers(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    samuel = Desk(cast.samuel)
    assert samuel.get("/me/answer-time")[1] == {"within": ""}
    assert samuel.put("/me/answer-time", {"within": "day"})[0] == 200
    assert samuel.put("/me/answer-time", {"within": "at once"})[0] == 400
    assert samuel.get("/me/answer-time")[1] == {"within": "day"}
    readers = Desk(cast.maya).get(f"/threads/{case.id}/readers")[1]["readers"]
    assert {one["user"]: one["answers"] for one in readers} == {
        b64(cast.samuel.id): "day",
        b64(cast.elena.id): "",
        b64(cast.maya.id): "",
    }
    assert Desk(cast.chidi).get(f"/threads/{case.id}/readers")[0] == 404
