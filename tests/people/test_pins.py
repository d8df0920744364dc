"""A person's sealed pins: kept in order, for that person alone."""

from __future__ import annotations

import pytest

from people.models import Pins
from tests.cast import Cast, Http
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.django_db]


def pins(version: int, blob: bytes = b"sealed") -> dict[str, object]:
    return {"version": version, "blob": b64(blob)}


def test_it_works(cast: Cast) -> None:
    assert cast.elena.http.get("/keys/pins") == (200, {"pins": None})
    assert cast.elena.http.put("/keys/pins", pins(1)) == (200, pins(1))
    assert cast.elena.http.put("/keys/pins", pins(2, b"later")) == (200, pins(2, b"later"))
    assert cast.elena.http.get("/keys/pins") == (200, {"pins": pins(2, b"later")})


def test_a_repeat_changes_nothing(cast: Cast) -> None:
    cast.elena.http.put("/keys/pins", pins(1))
    assert cast.elena.http.put("/keys/pins", pins(1)) == (200, pins(1))
    assert Pins.objects.get().version == 1


@pytest.mark.parametrize("version", [1, 3])
def test_any_other_version_is_a_conflict(cast: Cast, version: int) -> None:
    cast.elena.http.put("/keys/pins", pins(1))
    status, body = cast.elena.http.put("/keys/pins", pins(version, b"other"))
    assert (status, body["code"], body["re"]) == (409, "conflict", "version")
    assert bytes(Pins.objects.get().blob) == b"sealed"


def test_nobody_sees_anothers(cast: Cast) -> None:
    cast.elena.http.put("/keys/pins", pins(1))
    assert cast.chidi.http.get("/keys/pins") == (200, {"pins": None})
    assert Http().get("/keys/pins")[0] == 401
