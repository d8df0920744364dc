"""One's own calendar over HTTP, and nobody else's."""

from __future__ import annotations

import pytest

from scheduling.models import HoursException, WorkingHours
from tests.messaging.cast import Cast, Desk
from wire.base import b64

pytestmark = pytest.mark.server


def hours(**changes: object) -> dict[str, object]:
    return {"zone": "Europe/Berlin", "rows": [{"weekday": 1, "start": 540, "until": 600}], **changes}


def test_it_works(cast: Cast) -> None:
    desk = Desk(cast.elena)
    assert len(desk.get("/me/hours")[1]["rows"]) == 5
    assert len(Desk(cast.maya).get("/me/hours")[1]["rows"]) == 7
    answer = desk.put("/me/hours", hours(buffer=10))[1]
    assert (answer["zone"], answer["buffer"], len(answer["rows"])) == ("Europe/Berlin", 10, 1)
    assert desk.get("/me/hours")[1] == answer
    assert len(Desk(cast.samuel).get("/me/hours")[1]["rows"]) == 5


def test_hours_that_cannot_be_change_nothing(cast: Cast) -> None:
    desk = Desk(cast.elena)
    desk.put("/me/hours", hours())
    for changes, code in (
        ({"zone": "Berlin"}, "unknown_zone"),
        ({"rows": [{"weekday": 0, "start": 600, "until": 540}]}, "hours_order"),
        ({"rows": [{"weekday": 0, "start": 0, "until": 9}, {"weekday": 0, "start": 8, "until": 10}]}, "hours_overlap"),
        ({"rows": [{"weekday": 7, "start": 0, "until": 10}]}, "invalid"),
        ({"buffer": -1}, "invalid"),
    ):
        status, refusal = desk.put("/me/hours", hours(**changes))
        assert (status, refusal["code"]) == (400, code), refusal
    assert WorkingHours.objects.count() == 1


def test_exceptions_come_and_go_and_twice_is_once(cast: Cast) -> None:
    desk = Desk(cast.elena)
    wish = {"zone": "Europe/Berlin", "starts": "2031-10-26T02:30", "ends": "2031-10-27T00:00"}
    first = desk.post("/me/exceptions", wish)[1]
    assert "comes twice" in first["note"]
    assert desk.post("/me/exceptions", wish)[1]["id"] == first["id"]
    assert [one["id"] for one in desk.get("/me/exceptions")[1]["exceptions"]] == [first["id"]]
    assert Desk(cast.samuel).get("/me/exceptions")[1]["exceptions"] == []
    assert Desk(cast.samuel).delete(f"/me/exceptions/{first['id']}")[0] == 404
    assert HoursException.objects.count() == 1
    assert desk.delete(f"/me/exceptions/{first['id']}")[0] == 200
    assert desk.delete(f"/me/exceptions/{first['id']}")[0] == 404


def test_exceptions_that_cannot_be_are_refused(cast: Cast) -> None:
    desk = Desk(cast.elena)
    for starts, ends, code in (
        ("2031-03-30T02:30", "2031-03-30T05:00", "missing_time"),
        ("2031-02-29T10:00", "2031-03-01T10:00", "impossible_date"),
        ("2031-05-02T10:00", "2031-05-01T10:00", "wrong_range"),
        ("2021-05-01T10:00", "2021-05-02T10:00", "wrong_range"),
        ("2031-05-01T10:00", "2039-05-01T10:00", "wrong_range"),
    ):
        body = {"zone": "Europe/Berlin", "starts": starts, "ends": ends}
        status, refusal = desk.post("/me/exceptions", body)
        assert (status, refusal["code"]) == (400, code), refusal
    assert HoursException.objects.count() == 0
    assert desk.delete(f"/me/exceptions/{b64(b'x')}")[0] == 404
