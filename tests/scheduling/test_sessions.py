"""Find, hold, book, cancel and decline through HTTP, and everything that must be refused."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from audit.models import Entry
from conference.models import Admission, Room
from scheduling.models import Claim, Participant, Session
from tests.messaging.cast import Cast, Desk, let_in, open_case, withdraw
from tests.scheduling.desk import HOUR_MS, booked, hold, monday, people, search, states, wish
from wire.base import b64, unb64

pytestmark = pytest.mark.server

START = ("id", "patient", "thread", "kind", "participants", "length")


def test_it_works(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    desk = Desk(cast.elena)
    found = desk.post("/sessions/find", search(cast, case, people(cast.samuel, cast.maya)))
    assert found[0] == 200, found
    best = found[1]["slots"][0]
    assert best["starts_at"] == monday(9)
    held = hold(cast.elena, wish(cast, case, people(cast.samuel, cast.maya), starts_at=best["starts_at"]))
    assert (held["status"], held["room"], held["you_organise"]) == ("held", False, True)
    assert states(held) == {"elena": "expected", "samuel": "expected", "maya": "expected"}
    session = desk.post(f"/sessions/{held['id']}/book")[1]
    assert (session["status"], session["room"], session["expires_at"]) == ("booked", True, None)
    room = Room.objects.get(pk=UUID(bytes=unb64(held["id"])))
    assert room.patient_waits
    assert set(room.admissions.values_list("user", flat=True)) == {
        one.user.pk for one in (cast.elena, cast.samuel, cast.maya)
    }
    for person in (cast.elena, cast.samuel, cast.maya):
        assert [one["id"] for one in Desk(person).get("/sessions")[1]["sessions"]] == [held["id"]]
    verbs = Entry.objects.filter(object_kind="session").values_list("verb", flat=True)
    assert {"session.hold", "session.book"} <= set(verbs)


def test_find_offers_only_what_suits_everybody(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    booked(cast, case, cast.samuel, starts_at=monday(9), length=120)
    Desk(cast.tom).put("/me/hours", {"zone": "UTC", "rows": [{"weekday": 0, "start": 840, "until": 960}]})
    slots = Desk(cast.elena).post("/sessions/find", search(cast, case, people(cast.samuel, cast.tom)))[1]["slots"]
    assert sorted(one["starts_at"] for one in slots) == [monday(14, minute) for minute in (0, 15, 30, 45, 60)]
    asked = search(cast, case, people(cast.samuel, optional=(cast.tom,)))
    page = Desk(cast.elena).post("/sessions/find", asked)[1]
    assert page["optional"] == 1
    assert [one["optional_free"] for one in page["slots"][:6]] == [1, 1, 1, 1, 1, 0]
    rest = Desk(cast.elena).post("/sessions/find", {**asked, "page": 2})[1]
    assert (page["more"], rest["more"]) == (True, False)
    assert min(one["starts_at"] for one in page["slots"] + rest["slots"]) == monday(11)


def test_find_tells_nothing_but_times(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    booked(cast, case, cast.samuel)
    page = Desk(cast.elena).post("/sessions/find", search(cast, case, people(cast.samuel)))[1]
    assert set(page) == {"slots", "optional", "page", "more"}
    assert {key for slot in page["slots"] for key in slot} == {"starts_at", "ends_at", "optional_free"}


def test_a_slot_that_is_held_cannot_be_held_again_and_nothing_is_written(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    hold(cast.elena, wish(cast, case, people(cast.samuel)))
    status, refusal = Desk(cast.tom).post(
        "/sessions/hold", wish(cast, case, people(cast.samuel), starts_at=monday(10, 30))
    )
    assert (status, refusal["code"]) == (409, "slot_taken")
    assert "Samuel" not in refusal["message"]
    assert (Session.objects.count(), Claim.objects.count()) == (1, 2)
    hold(cast.tom, wish(cast, case, people(cast.samuel), starts_at=monday(11)))


def test_the_same_hold_sent_twice_is_one_hold(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    body = wish(cast, case, people(cast.samuel))
    assert hold(cast.elena, body) == hold(cast.elena, body)
    assert Session.objects.count() == 1
    status, refusal = Desk(cast.elena).post("/sessions/hold", {**body, "length": 30})
    assert (status, refusal["code"]) == (409, "id_used")


def test_a_lapsed_hold_stands_in_nobodys_way_and_cannot_be_booked(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    held = hold(cast.elena, wish(cast, case, people(cast.samuel)))
    past = timezone.now() - timedelta(seconds=1)
    Session.objects.update(expires_at=past)
    Claim.objects.update(until=past)
    assert Desk(cast.elena).get(f"/sessions/{held['id']}")[1]["status"] == "lapsed"
    assert Desk(cast.elena).get("/sessions")[1]["sessions"] == []
    hold(cast.tom, wish(cast, case, people(cast.samuel)))
    status, refusal = Desk(cast.elena).post(f"/sessions/{held['id']}/book")
    assert (status, refusal["code"]) == (409, "hold_lapsed")


def test_a_hold_is_known_to_its_organiser_alone(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    held = hold(cast.elena, wish(cast, case, people(cast.samuel, cast.maya)))
    for person in (cast.samuel, cast.maya, cast.chidi):
        assert Desk(person).get(f"/sessions/{held['id']}")[0] == 404
        assert Desk(person).post(f"/sessions/{held['id']}/book")[0] == 404
        assert Desk(person).get("/sessions")[1]["sessions"] == []


def test_the_outsider_finds_holds_and_opens_nothing(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    session = booked(cast, case, cast.samuel)
    rows = (Session.objects.count(), Participant.objects.count(), Claim.objects.count())
    chidi, at = Desk(cast.chidi), f"/sessions/{session['id']}"
    absent = f"/sessions/{b64(bytes(16))}"
    assert chidi.get(at) == chidi.get(absent)
    refusals = [
        chidi.get(at),
        chidi.post(f"{at}/book"),
        chidi.post(f"{at}/cancel", {"reason": ""}),
        chidi.post(f"{at}/decline"),
        chidi.put(f"{at}/agenda", {"wire": b64(b"x")}),
        chidi.post("/sessions/find", search(cast, case, people(cast.samuel))),
        chidi.post("/sessions/hold", wish(cast, case, people(cast.samuel))),
    ]
    assert [status for status, _ in refusals] == [404] * len(refusals)
    assert len({body["message"] for _, body in refusals}) == 1
    assert rows == (Session.objects.count(), Participant.objects.count(), Claim.objects.count())


def test_whom_consent_does_not_cover_waits_unseen_and_loses_no_time(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    session = booked(cast, case, cast.samuel, cast.chidi)
    assert states(session) == {"elena": "expected", "samuel": "expected", "chidi": "needs_consent"}
    assert Desk(cast.chidi).get(f"/sessions/{session['id']}")[0] == 404
    assert Desk(cast.chidi).get("/sessions")[1]["sessions"] == []
    assert not Claim.objects.filter(user=cast.chidi.user).exists()
    assert not Admission.objects.filter(user=cast.chidi.user).exists()
    assert "chidi" not in states(Desk(cast.samuel).get(f"/sessions/{session['id']}")[1])


def test_a_session_with_nobody_whom_consent_covers_is_not_booked(cast: Cast) -> None:
    case = open_case(cast)
    held = hold(cast.elena, wish(cast, case, people(cast.samuel)))
    assert states(held)["samuel"] == "needs_consent"
    status, refusal = Desk(cast.elena).post(f"/sessions/{held['id']}/book")
    assert (status, refusal["code"]) == (409, "needs_consent")
    assert Session.objects.get().status == "held"


def test_consent_given_later_brings_the_person_in(cast: Cast) -> None:
    case = open_case(cast, cast.tom)
    session = booked(cast, case, cast.tom, cast.samuel)
    assert Desk(cast.samuel).get(f"/sessions/{session['id']}")[0] == 404
    let_in(cast, case, cast.samuel)
    assert states(Desk(cast.samuel).get(f"/sessions/{session['id']}")[1])["samuel"] == "expected"
    assert Admission.objects.filter(user=cast.samuel.user).exists()


def test_consent_withdrawn_ends_the_attendance_and_frees_the_time(cast: Cast) -> None:
    case = open_case(cast, cast.tom)
    directive = let_in(cast, case, cast.samuel)
    session = booked(cast, case, cast.tom, cast.samuel)
    withdraw(cast, case, directive)
    assert Desk(cast.samuel).get(f"/sessions/{session['id']}")[0] == 404
    assert Desk(cast.samuel).get("/sessions")[1]["sessions"] == []
    assert not Claim.objects.filter(user=cast.samuel.user).exists()
    assert not Admission.objects.filter(user=cast.samuel.user).exists()
    assert states(Desk(cast.elena).get(f"/sessions/{session['id']}")[1])["samuel"] == "withdrawn"
    assert Entry.objects.filter(verb="session.attendance_end").count() == 1


def test_a_session_whose_organiser_loses_consent_is_cancelled(cast: Cast) -> None:
    case = open_case(cast, cast.tom)
    directive = let_in(cast, case, cast.samuel)
    held = hold(cast.samuel, wish(cast, case, people(cast.tom)))
    assert Desk(cast.samuel).post(f"/sessions/{held['id']}/book")[0] == 200
    withdraw(cast, case, directive)
    seen = Desk(cast.tom).get(f"/sessions/{held['id']}")[1]
    assert (seen["status"], seen["reason"]) == ("cancelled", "")
    assert Claim.objects.count() == 0
    assert Room.objects.get().phase == "closed"


def test_the_organiser_or_the_patient_cancels_with_a_reason_and_others_decline(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    session = booked(cast, case, cast.samuel, cast.tom, cast.maya)
    at = f"/sessions/{session['id']}"
    assert Desk(cast.samuel).post(f"{at}/cancel", {"reason": "no"})[0] == 403
    declined = Desk(cast.samuel).post(f"{at}/decline")[1]
    assert states(declined)["samuel"] == "declined"
    assert not Claim.objects.filter(user=cast.samuel.user).exists()
    assert Desk(cast.elena).post(f"{at}/decline")[1]["code"] == "not_open"
    cancelled = Desk(cast.maya).post(f"{at}/cancel", {"reason": "I am away that day."})[1]
    assert (cancelled["status"], cancelled["reason"]) == ("cancelled", "I am away that day.")
    assert Claim.objects.count() == 0
    assert Desk(cast.tom).get(at)[1]["reason"] == "I am away that day."
    assert "away" not in str(list(Entry.objects.values_list("reason", "detail")))
    assert Desk(cast.elena).post(f"{at}/book")[1]["code"] == "not_open"


def test_a_joint_session_always_has_the_patient(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    held = hold(cast.elena, wish(cast, case, people(cast.samuel), kind="joint"))
    assert "maya" in states(held)


def test_a_session_can_begin_now_whatever_the_hours(cast: Cast) -> None:
    case = open_case(cast, cast.samuel, cast.tom)
    for person in (cast.elena, cast.samuel):
        Desk(person).put("/me/hours", {"zone": "UTC", "rows": []})
    body = {key: wish(cast, case, people(cast.samuel, cast.chidi, cast.maya))[key] for key in START}
    session = Desk(cast.elena).post("/sessions/start", body)[1]
    assert (session["status"], session["room"]) == ("booked", True)
    assert states(session)["chidi"] == "needs_consent"
    assert Desk(cast.elena).post("/sessions/start", body)[1]["id"] == session["id"]
    assert Desk(cast.samuel).get(f"/sessions/{session['id']}")[0] == 200
    assert Desk(cast.chidi).get(f"/sessions/{session['id']}")[0] == 404
    assert Desk(cast.chidi).post("/sessions/start", {**body, "id": b64(bytes(16))})[0] == 404
    status, refusal = Desk(cast.elena).post("/sessions/start", {**body, "id": b64(bytes(16))})
    assert (status, refusal["code"]) == (409, "slot_taken")
    other = {**body, "id": b64(bytes(16)), "participants": people(cast.samuel)}
    second = Desk(cast.tom).post("/sessions/start", other)[1]
    assert states(second) == {"tom": "expected", "samuel": "time_taken"}
    assert Claim.objects.filter(user=cast.samuel.user).count() == 1


def test_refusals_say_what_to_do(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    desk = Desk(cast.elena)

    def refused(body: dict[str, object], path: str = "/sessions/hold") -> tuple[int, str]:
        status, answer = desk.post(path, body)
        assert answer["message"]
        return status, answer["code"]

    both = people(cast.samuel)
    assert refused(wish(cast, case, both, starts_at=1)) == (400, "too_soon")
    assert refused(wish(cast, case, both, starts_at=monday() + 900 * 24 * HOUR_MS)) == (400, "wrong_range")
    assert refused(wish(cast, case, both, zone="Mars/Olympus")) == (400, "unknown_zone")
    assert refused(wish(cast, case, both, starts_at=monday(3))) == (409, "slot_taken")
    assert refused(wish(cast, case, [])) == (400, "invalid")
    assert refused(wish(cast, case, [{"user": b64(bytes(16))}])) == (404, "not_found")
    assert refused(wish(cast, case, both, patient=b64(bytes(16)))) == (404, "not_found")
    assert refused(wish(cast, case, both, kind="party")) == (400, "invalid")
    assert refused(search(cast, case, both, ends=monday() + 100 * 24 * HOUR_MS), "/sessions/find") == (
        400,
        "wrong_range",
    )
    assert refused(search(cast, case, both, ends=monday(0)), "/sessions/find") == (400, "wrong_range")
    assert Session.objects.count() == 0


def test_the_agenda_is_sealed_and_its_bringers_own(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    session = booked(cast, case, cast.samuel)
    at = f"/sessions/{session['id']}/agenda"
    sealed = case.seal(cast.samuel)
    assert Desk(cast.samuel).put(at, {"wire": b64(sealed)})[1]["agenda"] == b64(sealed)
    assert Desk(cast.elena).get(f"/sessions/{session['id']}")[1]["agenda"] == b64(sealed)
    assert Desk(cast.elena).put(at, {"wire": b64(sealed)})[0] == 400
    broken = sealed[:-1] + bytes([sealed[-1] ^ 1])
    assert Desk(cast.samuel).put(at, {"wire": b64(broken)})[1]["code"] == "E_SIG"
    other = open_case(cast, cast.samuel)
    assert Desk(cast.samuel).put(at, {"wire": b64(other.seal(cast.samuel))})[0] == 400
