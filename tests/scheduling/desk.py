"""What the tests of sessions ask over HTTP, with a Monday ahead on which everybody works."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from scheduling.times import MINUTE_MS, to_ms
from tests.messaging.cast import Cast, Desk
from tests.messaging.house import Case, Person
from wire.base import b64

HOUR_MS = 60 * MINUTE_MS


def monday(hour: int = 10, minute: int = 0) -> int:
    """The ms of this time, UTC, on the Monday after next."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return to_ms(today + timedelta(days=14 - today.weekday(), hours=hour, minutes=minute))


def people(*wished: Person, optional: tuple[Person, ...] = ()) -> list[dict[str, Any]]:
    return [{"user": b64(one.id), "required": True} for one in wished] + [
        {"user": b64(one.id), "required": False} for one in optional
    ]


def wish(cast: Cast, case: Case, participants: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A hold of an hour on Monday at ten."""
    return {
        "id": b64(secrets.token_bytes(16)),
        "patient": b64(cast.patient.pk.bytes),
        "thread": case.id,
        "kind": "case_conference",
        "participants": participants,
        "length": 60,
        "starts_at": monday(),
        "zone": "UTC",
        **changes,
    }


def search(cast: Cast, case: Case, participants: list[dict[str, Any]], **changes: Any) -> dict[str, Any]:
    """A search of one hour over Monday."""
    asked = wish(cast, case, participants)
    kept = {key: asked[key] for key in ("patient", "thread", "kind", "participants", "length", "zone")}
    return {**kept, "starts": monday(0), "ends": monday(24), **changes}


def hold(person: Person, body: dict[str, Any]) -> dict[str, Any]:
    status, session = Desk(person).post("/sessions/hold", body)
    assert status == 200, session
    return session  # type: ignore[no-any-return]  # JSON


def booked(cast: Cast, case: Case, *others: Person, **changes: Any) -> dict[str, Any]:
    """A session that elena booked with these people."""
    held = hold(cast.elena, wish(cast, case, people(*others), **changes))
    status, session = Desk(cast.elena).post(f"/sessions/{held['id']}/book")
    assert status == 200, session
    return session  # type: ignore[no-any-return]  # JSON


def states(session: dict[str, Any]) -> dict[str, str]:
    """Each person's state on the list, by first name."""
    return {one["name"].split()[0].lower(): one["state"] for one in session["participants"]}
