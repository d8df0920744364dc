"""Every HTTP door, from the code: none is unlisted, each makes the decision it claims, and outsiders learn nothing."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import transaction

from audit.models import Entry
from tests.config.doors import Row, doors, operations, rows
from tests.config.house import House, signed_in
from tests.config.recorder import overhearing
from tests.messaging.cast import Cast, make_cast, withdraw

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]

NAMING = [door for door in operations() if "{" in door[1]]


def row_of(method: str, path: str) -> Row:
    """A door's line; one that has none is found wanting by the first test."""
    door = f"{method} /api{path}"
    return rows().get(door, Row(door, "", "", ""))


def counts() -> dict[str, int]:
    """How many rows each table holds; the ledger may grow, since a refusal is an entry, and its tree with it."""
    return {model.__name__: model._default_manager.count() for model in apps.get_models() if not _is_ledger(model)}


def _is_ledger(model: type) -> bool:
    return model.__module__.startswith("audit.") or model.__name__ == "Session"


@pytest.fixture
def house() -> House:
    return House(make_cast())


def test_every_door_has_its_row_and_every_row_its_door() -> None:
    listed, there = rows().keys(), doors()
    assert there - listed == set(), "doors without a decision or a written exemption in docs/doors.md"
    assert listed - there == set(), "rows of docs/doors.md whose door is gone"


def test_every_row_decides_or_says_why_not() -> None:
    for row in rows().values():
        assert row.place, f"{row.door}: who finds the place?"
        assert row.actions or len(row.decided) > len("exempt: ") + 20, f"{row.door}: no decision and no reason"


def test_every_door_makes_the_decision_that_its_row_claims(house: House) -> None:
    for method, path in operations():
        claimed = row_of(method, path).actions
        if claimed:
            assert claimed <= decided(house, method, path), f"{method} {path}"


def decided(house: House, method: str, path: str) -> set[str]:
    """What is put to the decision when Elena, and when Maya, asks; nothing of it is kept."""
    heard: set[str] = set()
    for person in (house.cast.elena, house.cast.maya):
        client = signed_in(person)
        with overhearing() as questions, transaction.atomic():
            house.ask(client, method, path, house.ids, house.body(method, path))
            transaction.set_rollback(True)
        heard |= {action for action, _ in questions}
    return heard


def test_a_calendar_feed_asks_of_every_session(house: House) -> None:
    elena = signed_in(house.cast.elena)
    address = house.ask(elena, "POST", "/me/feed", house.ids, {}).json()["path"]
    with overhearing() as questions:
        assert signed_in(None).get(address).status_code == 200
    assert {action for action, _ in questions} == rows()["ANY /feeds/<str:token>.ics"].actions


def test_the_outsider_gets_one_answer_for_what_is_there_and_what_is_not(house: House) -> None:
    chidi, before = signed_in(house.cast.chidi), counts()
    for method, path in NAMING:
        bodies: tuple[object, ...] = ({}, house.body(method, path))
        for body in bodies:
            there, absent = (house.ask(chidi, method, path, ids, body) for ids in (house.ids, house.absent))
            assert there.content == absent.content, f"{method} {path} tells what is there from what is not"
            assert there.status_code == absent.status_code
            assert there.status_code in (400, 403, 404, 422), f"{method} {path} answered {there.status_code}"
    assert counts() == before


def test_nobody_who_is_signed_out_passes_a_door(house: House) -> None:
    stranger = signed_in(None)
    for method, path in operations():
        place = row_of(method, path).place
        if place != "none" and "code" not in place:
            assert house.ask(stranger, method, path, house.ids, {}).status_code == 401, f"{method} {path}"


def test_a_member_whose_permission_was_withdrawn_is_refused_and_the_ledger_says_why() -> None:
    cast = make_cast()
    house = House(cast)
    take_all(house, cast)
    samuel, before = signed_in(cast.samuel), counts()
    for method, path in NAMING:
        row = row_of(method, path)
        if not row.actions or row.place not in ("seat", "admission", "a place on the list"):
            continue
        seen = Entry.objects.count()
        answer = house.ask(samuel, method, path, house.ids, house.body(method, path))
        assert answer.status_code == 404, f"{method} {path} answered {answer.status_code}"
        if row.place in ("seat", "admission"):
            refusals = Entry.objects.order_by("-pk")[: Entry.objects.count() - seen]
            assert [one.reason for one in refusals if one.outcome == "deny" and one.actor == cast.samuel.user.pk]
            assert all(one.reason for one in refusals if one.outcome == "deny"), f"{method} {path}: no reason"
    assert counts() == before


def take_all(house: House, cast: Cast) -> None:
    """Maya withdraws whatever stands for Samuel."""
    for directive in cast.patient.directives.all():
        if directive.ended_at is None and bytes(directive.body).find(cast.samuel.fp) >= 0:
            withdraw(cast, house.case, directive.pk.bytes)
