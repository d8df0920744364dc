"""Codes: what they tell, and when they stop telling."""

from __future__ import annotations

import secrets
from datetime import timedelta

import pytest
from django.utils import timezone

from audit.models import Entry
from people import rules
from people.models import Enrolment
from tests.cast import Cast, Http
from wire.base import b64

pytestmark = [pytest.mark.server, pytest.mark.django_db]


def code_for_a_patient(cast: Cast) -> str:
    wanted = {"id": b64(secrets.token_bytes(16)), "name": "Ivo Blank", "birth_date": "", "zone": "UTC"}
    return str(cast.elena.http.post("/patients", wanted)[1]["enrolment_code"])


def test_it_works(cast: Cast) -> None:
    status, offer = Http().post("/enrolments/look", {"code": code_for_a_patient(cast)})
    assert status == 200
    assert (offer["kind"], offer["organisation"]["name"]) == ("patient", "Riverside")
    assert "Ivo" not in str(offer)


def test_a_code_may_be_typed_as_people_type(cast: Cast) -> None:
    code = code_for_a_patient(cast).lower().replace("-", " ").replace("1", "l").replace("0", "o")
    assert Http().post("/enrolments/look", {"code": code})[0] == 200


def test_unknown_used_and_expired_codes_are_answered_alike(cast: Cast) -> None:
    used, expired = code_for_a_patient(cast), code_for_a_patient(cast)
    now = timezone.now()
    Enrolment.objects.filter(code_hash=rules.code_hash(used)).update(used_at=now)
    Enrolment.objects.filter(code_hash=rules.code_hash(expired)).update(expires_at=now - timedelta(seconds=1))
    answers = [Http().post("/enrolments/look", {"code": code}) for code in (used, expired, rules.new_code())]
    assert answers[0] == answers[1] == answers[2]
    assert (answers[0][0], answers[0][1]["code"]) == (400, "enrolment_code")


def test_codes_are_not_stored_as_they_are(cast: Cast) -> None:
    code = code_for_a_patient(cast)
    assert all(code.encode() not in row.code_hash for row in Enrolment.objects.all())


def test_a_new_code_ends_the_old_one(cast: Cast) -> None:
    first = code_for_a_patient(cast)
    patient = Enrolment.objects.get(code_hash=rules.code_hash(first)).patient
    assert patient is not None
    status, body = cast.elena.http.post(f"/patients/{b64(patient.pk.bytes)}/enrolment")
    assert status == 200
    assert Http().post("/enrolments/look", {"code": first})[0] == 400
    assert Http().post("/enrolments/look", {"code": body["enrolment_code"]})[0] == 200


def test_an_outsider_gets_no_code_for_somebody_elses_patient(cast: Cast) -> None:
    path = f"/patients/{b64(cast.patient.pk.bytes)}/enrolment"
    assert cast.chidi.http.post(path)[0] == 404
    assert cast.maya.http.post(path)[0] == 404


def test_a_patient_with_an_account_gets_no_second_one(cast: Cast) -> None:
    status, body = cast.elena.http.post(f"/patients/{b64(cast.patient.pk.bytes)}/enrolment")
    assert (status, body["code"]) == (409, "already_enrolled")


def test_reading_the_caseload_is_in_the_ledger(cast: Cast) -> None:
    cast.elena.http.get("/patients")
    cast.elena.http.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")
    assert list(Entry.objects.filter(actor=cast.elena.user.pk).order_by("pk").values_list("verb", flat=True)) == [
        "caseload.read",
        "care_team.read",
    ]


def test_keys_are_enrolled_with_a_code_alone(cast: Cast) -> None:
    assert cast.elena.http.get("/keys/mine")[0] == 404
    assert cast.elena.http.post("/keys/enrol", {})[0] == 400
