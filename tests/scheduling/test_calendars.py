"""Calendar entries and the private feed: when, and nothing about whom or why."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from icalendar import Calendar

from scheduling.ics import Entry, calendar_text
from scheduling.models import Feed
from tests.messaging.cast import Cast, Desk, let_in, open_case, withdraw
from tests.messaging.house import Person
from tests.scheduling.desk import booked, monday

pytestmark = pytest.mark.server


def read(path: str, client: Client | None = None) -> tuple[int, bytes]:
    answer = (client or Client()).get(path)
    return answer.status_code, answer.content


def feed_of(person: Person) -> str:
    return str(Desk(person).post("/me/feed")[1]["path"])


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_it_works(cast: Cast) -> None:
    session = booked(cast, open_case(cast, cast.samuel), cast.samuel)
    status, text = read(feed_of(cast.samuel))
    assert status == 200
    [event] = Calendar.from_ical(text).walk("VEVENT")
    assert (str(event["summary"]), str(event["status"])) == ("Consilium session", "CONFIRMED")
    assert event.decoded("dtstart") == datetime.fromtimestamp(monday() / 1000, UTC)
    assert event.decoded("dtend") - event.decoded("dtstart") == timedelta(hours=1)
    own = read(f"/api/sessions/{session['id']}/calendar.ics", signed_in(cast.elena))
    assert own[0] == 200
    assert Calendar.from_ical(own[1]).walk("VEVENT")[0]["uid"] == event["uid"]


def test_no_name_and_nothing_written_by_a_person_is_in_it(cast: Cast) -> None:
    cast.patient.name = "Maya\r\nATTENDEE:mailto:thief@example.com"
    cast.patient.save()
    cast.elena.user.name = "Elena\nSUMMARY:Maya has a secret"
    cast.elena.user.save()
    case = open_case(cast, cast.samuel)
    session = booked(cast, case, cast.samuel, cast.maya)
    Desk(cast.elena).post(f"/sessions/{session['id']}/cancel", {"reason": "Relapse\r\nX-LEAK:1"})
    booked(cast, case, cast.samuel, cast.maya)
    one = read(f"/api/sessions/{session['id']}/calendar.ics", signed_in(cast.maya))[1]
    assert b"STATUS:CANCELLED" in one
    for text in (one, read(feed_of(cast.samuel))[1], read(feed_of(cast.maya))[1]):
        for secret in (b"Maya", b"Elena", b"Samuel", b"ATTENDEE", b"Relapse", b"X-LEAK", b"example.com"):
            assert secret not in text


def test_lines_are_folded_and_end_as_the_standard_says() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    entry = Entry("a" * 32, now, now + timedelta(hours=1), now, 1, "CONFIRMED")
    text = calendar_text([entry], origin="https://a-very-long-name-of-a-house." + "x" * 60 + ".example")
    assert text.endswith(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line for line in text.split(b"\r\n"))


def test_a_wrong_address_finds_nothing(cast: Cast) -> None:
    path = feed_of(cast.elena)
    wrong = path[:-6] + ("A" if path[-6] != "A" else "B") + path[-5:]
    for address in (wrong, "/feeds/x.ics", f"/feeds/{'A' * 43}.ics", f"/feeds/{'%C3%A9' * 43}.ics"):
        assert read(address)[0] == 404
    assert read(path)[0] == 200
    assert path.encode() not in bytes(Feed.objects.get().token_hash)


def test_a_new_address_ends_the_old_one(cast: Cast) -> None:
    old, new = feed_of(cast.elena), feed_of(cast.elena)
    assert (read(old)[0], read(new)[0]) == (404, 200)


def test_the_feed_of_an_inactive_account_is_gone(cast: Cast) -> None:
    path = feed_of(cast.elena)
    cast.elena.user.is_active = False
    cast.elena.user.save()
    assert read(path)[0] == 404


def test_the_feed_holds_only_what_one_may_still_attend(cast: Cast) -> None:
    case = open_case(cast, cast.tom)
    directive = let_in(cast, case, cast.samuel)
    paths = {person.user.name: feed_of(person) for person in (cast.samuel, cast.chidi, cast.tom)}
    booked(cast, case, cast.samuel, cast.chidi, cast.tom)
    withdraw(cast, case, directive)
    assert b"VEVENT" not in read(paths["Samuel"])[1]
    assert b"VEVENT" not in read(paths["Chidi"])[1]
    assert b"VEVENT" in read(paths["Tom"])[1]


def test_the_outsider_gets_no_calendar_entry(cast: Cast) -> None:
    session = booked(cast, open_case(cast, cast.samuel), cast.samuel)
    path = f"/api/sessions/{session['id']}/calendar.ics"
    assert read(path, signed_in(cast.chidi))[0] == 404
    assert read(path)[0] == 401
