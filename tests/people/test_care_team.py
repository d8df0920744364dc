"""Who treats a patient, and who learns of it."""

from __future__ import annotations

import secrets

import pytest

from audit.models import Entry
from people.models import CareTeamMember, Enrolment, Patient
from tests.cast import Cast, Http
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.django_db]


def new_patient(name: str = "Ivo Blank") -> dict[str, str]:
    return {"id": b64(secrets.token_bytes(16)), "name": name, "birth_date": "1984-02-29", "zone": "Europe/Berlin"}


def test_it_works(cast: Cast) -> None:
    status, body = cast.elena.http.get("/patients")
    assert status == 200
    assert [(one["name"], one["account"], one["fp"]) for one in body["patients"]] == [
        ("Maya", b64(cast.maya.id), b64(cast.maya.fp))
    ]
    status, team = cast.elena.http.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")
    assert status == 200
    assert {one["name"] for one in team["people"]} == {"Elena", "Tom"}


def test_the_patient_sees_the_care_team(cast: Cast) -> None:
    status, team = cast.maya.http.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")
    assert status == 200
    assert {one["name"] for one in team["people"]} == {"Elena", "Tom"}


def test_an_outsider_sees_no_patient_and_no_difference_to_an_absent_one(cast: Cast) -> None:
    assert cast.chidi.http.get("/patients")[1]["patients"] == []
    real = cast.chidi.http.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")
    absent = cast.chidi.http.get(f"/patients/{b64(secrets.token_bytes(16))}/care-team")
    nonsense = cast.chidi.http.get("/patients/nonsense/care-team")
    assert real[0] == absent[0] == nonsense[0] == 404
    assert real[1]["code"] == absent[1]["code"] == "not_found"


def test_somebody_signed_out_is_told_to_sign_in(cast: Cast) -> None:
    status, body = Http().get("/patients")
    assert (status, body["code"]) == (401, "signed_out")


def test_a_clinician_takes_a_patient_into_care(cast: Cast) -> None:
    status, body = cast.elena.http.post("/patients", new_patient())
    assert status == 200
    assert body["patient"]["role"] == cast.elena.role
    assert len(body["enrolment_code"]) == 19
    assert Entry.objects.filter(verb="patient.enrol", actor=cast.elena.user.pk).exists()


def test_a_repeat_makes_a_new_code_and_no_second_patient(cast: Cast) -> None:
    wanted = new_patient()
    first = cast.elena.http.post("/patients", wanted)[1]
    second = cast.elena.http.post("/patients", wanted)[1]
    assert first["patient"] == second["patient"]
    assert first["enrolment_code"] != second["enrolment_code"]
    assert Patient.objects.count() == 2
    assert Enrolment.objects.filter(used_at=None).count() == 1


def test_a_patients_id_of_somebody_else_is_not_found(cast: Cast) -> None:
    wanted = {**new_patient(), "id": b64(cast.patient.pk.bytes)}
    assert cast.chidi.http.post("/patients", wanted)[0] == 404
    assert cast.chidi.http.get("/patients")[1]["patients"] == []


def test_a_patient_cannot_take_patients_into_care(cast: Cast) -> None:
    assert cast.maya.http.post("/patients", new_patient())[0] == 403


def test_a_time_zone_that_does_not_exist_is_refused(cast: Cast) -> None:
    assert cast.elena.http.post("/patients", {**new_patient(), "zone": "Moon/Base"})[0] == 400


def test_a_colleague_of_another_organisation_does_not_join_and_learns_no_name(cast: Cast) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}/care-team"
    status, body = cast.elena.http.post(path, {"user": b64(cast.samuel.id)})
    assert (status, body["code"]) == (403, "care_team_elsewhere")
    assert cast.samuel.http.get("/patients")[1]["patients"] == []


def test_a_colleague_leaves_and_the_past_stays_written(cast: Cast) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}/care-team"
    assert cast.elena.http.delete(f"{path}/{b64(cast.tom.id)}")[0] == 200
    assert cast.tom.http.get(path)[0] == 404
    assert CareTeamMember.objects.filter(user=cast.tom.user).count() == 1
    assert cast.elena.http.post(path, {"user": b64(cast.tom.id)})[0] == 200
    assert cast.tom.http.get(path)[0] == 200


def test_an_outsider_can_neither_add_nor_remove(cast: Cast) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}/care-team"
    assert cast.chidi.http.post(path, {"user": b64(cast.chidi.id)})[0] == 404
    assert cast.chidi.http.delete(f"{path}/{b64(cast.tom.id)}")[0] == 404
    assert cast.maya.http.delete(f"{path}/{b64(cast.tom.id)}")[0] == 404


def test_names_are_sealed_in_the_database(cast: Cast) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM people_patient")
        stored = [row[0] for row in cursor.fetchall()]
    assert stored and all("Maya" not in name for name in stored)
