"""The second clinician, the end, and the privacy officer's review."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from consent.access import decide_for
from consent.actions.standing import entrust
from consent.model import Reason
from consent.models import Duty, EmergencyAccess
from crypto.emergency import Emergency, sign_emergency
from people.models import Affiliation
from people.shapes import millis
from tests.cast import Cast, Person
from tests.consent.emergencies.ward import Ward, age_second_factor, let_run_out, make_ward
from wire.base import b64, unb64

pytestmark = [pytest.mark.django_db, pytest.mark.server]
THREAD = bytes(range(32))


@pytest.fixture
def ward(cast: Cast) -> Ward:
    return make_ward(cast)


@pytest.fixture
def renewal(ward: Ward) -> dict[str, Any]:
    """Ruth's second emergency within the day, which waits for Priya."""
    ward.declare()
    let_run_out(EmergencyAccess.objects.get())
    assert ward.declare()[1]["code"] == "cosigner_needed"
    status, answer = ward.declare(cosigner=b64(ward.priya.id))
    assert status == 200
    return dict(answer)


def signature(ward: Ward, waiting: dict[str, Any], until: int, **chosen: Any) -> dict[str, str]:
    said = Emergency(
        declaration_id=unb64(waiting["id"]),
        thread_id=THREAD,
        user=ward.ruth.id,
        fp=ward.ruth.fp,
        role=ward.ruth.role,
        exp=until,
        reason=b"overdose",
    )
    body = replace(said, **chosen).encode()
    sig = sign_emergency(ward.priya.identity.sign_seed, body)
    return {"thread": b64(THREAD), "body": b64(body), "fp": b64(ward.priya.fp), "sig": b64(sig)}


def reads(ward: Ward) -> Reason:
    return decide_for(ward.ruth.user, "card.view", ward.cast.patient.pk, category="message").reason


def in_hours(hours: float) -> int:
    return millis(timezone.now() + timedelta(hours=hours))


def cosign(ward: Ward, waiting: dict[str, Any], by: Person | None = None, **chosen: Any) -> tuple[int, Any]:
    exp = in_hours(3)
    body = {"exp": exp, "signatures": [signature(ward, waiting, exp)], **chosen}
    return (by or ward.priya).http.post(f"/emergencies/{waiting['id']}/cosign", body)


def test_it_works(ward: Ward, renewal: dict[str, Any]) -> None:
    assert reads(ward) is Reason.NO_RELATIONSHIP
    shown = ward.priya.http.get("/emergencies")[1]["emergencies"]
    assert [(one["part"], one["name"]) for one in shown] == [("cosign", "Ruth")]
    status, answer = cosign(ward, renewal)
    assert (status, answer["state"], answer["cosigner_name"]) == (200, "open", "Priya")
    assert reads(ward) is Reason.BREAK_GLASS
    assert ward.priya.http.get("/emergencies")[1]["emergencies"] == []


@pytest.mark.parametrize("who", ["ruth", "grace", "chidi", "elena", "maya"])
def test_nobody_but_the_one_who_was_asked_co_signs(ward: Ward, renewal: dict[str, Any], who: str) -> None:
    person: Person = getattr(ward, who, None) or getattr(ward.cast, who)
    assert cosign(ward, renewal, person)[0] == 404
    assert reads(ward) is Reason.NO_RELATIONSHIP


def test_a_co_signer_shows_the_second_factor_too(ward: Ward, renewal: dict[str, Any]) -> None:
    age_second_factor(ward.priya, 16)
    assert cosign(ward, renewal)[1]["code"] == "second_factor_needed"


def test_what_is_signed_is_what_was_asked_for(ward: Ward, renewal: dict[str, Any]) -> None:
    exp = in_hours(3)
    for wrong in ({"declaration_id": bytes(16)}, {"user": ward.priya.id}, {"exp": exp + 1}, {"thread_id": bytes(32)}):
        assert cosign(ward, renewal, exp=exp, signatures=[signature(ward, renewal, exp, **wrong)])[0] == 400
    forged = {**signature(ward, renewal, exp), "sig": b64(bytes(64))}
    assert cosign(ward, renewal, exp=exp, signatures=[forged])[1]["code"] == "E_SIG"
    assert cosign(ward, renewal, exp=in_hours(5), signatures=[])[0] == 400
    assert cosign(ward, renewal, exp=in_hours(-1), signatures=[])[0] == 400
    assert reads(ward) is Reason.NO_RELATIONSHIP


def test_after_an_hour_nobody_waits_any_more(ward: Ward, renewal: dict[str, Any]) -> None:
    EmergencyAccess.objects.filter(pk=unb64(renewal["id"]).hex()).update(
        declared_at=timezone.now() - timedelta(minutes=61)
    )
    assert cosign(ward, renewal)[1]["code"] == "emergency_over"


def test_it_ends_when_the_clinician_or_the_officer_says_so(ward: Ward) -> None:
    first = ward.declare()[1]
    for person in (ward.cast.chidi, ward.cast.elena, ward.cast.maya, ward.priya):
        assert person.http.post(f"/emergencies/{first['id']}/end")[0] == 404
    assert reads(ward) is Reason.BREAK_GLASS
    assert ward.grace.http.post(f"/emergencies/{first['id']}/end")[1]["state"] == "ended"
    assert reads(ward) is Reason.NO_RELATIONSHIP
    assert ward.ruth.http.post(f"/emergencies/{first['id']}/end")[0] == 200


def test_the_officer_reviews_and_the_patient_reads_it(ward: Ward) -> None:
    row = ward.declare()[1]
    review = {"outcome": "justified", "note": "The overdose was real; she was admitted."}
    path = f"/emergencies/{row['id']}/review"
    assert ward.grace.http.post(path, review)[1]["code"] == "emergency_still_open"
    ward.ruth.http.post(f"/emergencies/{row['id']}/end")
    for person in (ward.ruth, ward.priya, ward.cast.chidi, ward.cast.elena, ward.cast.maya):
        assert person.http.post(path, review)[0] == 404
    assert ward.grace.http.post(path, review)[1]["state"] == "reviewed"
    assert ward.grace.http.post(path, review)[1]["code"] == "emergency_reviewed"
    (seen,) = ward.cast.maya.http.get(ward.declare_at)[1]["emergencies"]
    assert (seen["outcome"], seen["reviewed_by"], seen["review_note"]) == ("justified", "Grace", review["note"])


def test_nobody_reviews_their_own(ward: Ward) -> None:

    Affiliation.objects.create(user=ward.ruth.user, organisation=ward.cast.riverside, role=ward.ruth.role)
    entrust(ward.ruth.user, ward.cast.riverside, Duty.Kind.PRIVACY_OFFICER, None)
    row = ward.declare()[1]
    ward.ruth.http.post(f"/emergencies/{row['id']}/end")
    body = {"outcome": "justified", "note": "I was right."}
    assert ward.ruth.http.post(f"/emergencies/{row['id']}/review", body)[0] == 404
    assert [one["part"] for one in ward.ruth.http.get("/emergencies")[1]["emergencies"]] == ["mine"]


def test_the_patients_page_is_the_patients(ward: Ward) -> None:
    ward.declare()
    for person in (ward.cast.elena, ward.cast.chidi, ward.ruth, ward.grace):
        assert person.http.get(ward.declare_at)[0] == 404
    for person in (ward.cast.elena, ward.cast.chidi, ward.cast.maya):
        assert person.http.get("/emergencies")[1]["emergencies"] == []
