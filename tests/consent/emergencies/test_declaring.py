"""Who may declare an emergency, what it opens, for how long, and who hears of it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from audit.models import Entry
from consent.access import decide_for, epoch_of
from consent.actions.standing import refuse_emergency
from consent.emergencies.actions import close_those_that_are_over
from consent.epochs import raise_epoch
from consent.model import ACTIONS, CATEGORIES, EMERGENCY_CATEGORIES, Reason
from consent.models import CapacityAssertion, EmergencyAccess, Profile
from consent.profiles import TEMPLATES
from crypto.tables import Effect
from people.models import CareTeamMember
from tests.cast import Cast, Person
from tests.consent.emergencies.ward import BORN, Ward, age_second_factor, declaration, let_run_out, make_ward
from tests.consent.signing import directive_body, permit
from wire.base import b64, unb64

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@pytest.fixture
def ward(cast: Cast) -> Ward:
    return make_ward(cast)


def reads(ward: Ward, category: str = "medication", action: str = "card.view", labels: tuple[str, ...] = ()) -> Reason:
    found = decide_for(ward.ruth.user, action, ward.cast.patient.pk, category=category, labels=labels)
    return found.reason


def opened(ward: Ward) -> EmergencyAccess:
    status, answer = ward.declare()
    assert status == 200
    return EmergencyAccess.objects.get(pk=unb64(answer["id"]).hex())


def test_it_works(ward: Ward) -> None:
    status, found = ward.ruth.http.post("/emergency/look", {"name": " maya ", "birth_date": BORN})
    assert (status, found["hours"], found["officers"], found["has_account"]) == (200, 4, ["Grace"], True)
    assert reads(ward) is Reason.NO_RELATIONSHIP
    before = epoch_of(ward.cast.patient.pk)
    status, answer = ward.ruth.http.post(f"/patients/{found['patient']}/emergencies", declaration())
    assert (status, answer["state"], answer["part"]) == (200, "open", "mine")
    assert answer["expires_at"] - answer["declared_at"] == 4 * 3_600_000
    assert reads(ward) is Reason.BREAK_GLASS
    assert epoch_of(ward.cast.patient.pk) == before + 1
    (seen,) = ward.cast.maya.http.get(ward.declare_at)[1]["emergencies"]
    assert (seen["name"], seen["reason"], seen["state"]) == ("Ruth", answer["reason"], "open")
    (due,) = ward.grace.http.get("/emergencies")[1]["emergencies"]
    assert (due["part"], due["patient_name"]) == ("review", "Maya")
    verbs = list(
        Entry.objects.filter(patient=ward.cast.patient.pk, actor=ward.ruth.user.pk).values_list("verb", "outcome")
    )
    assert verbs == [("emergency.look", "done"), ("emergency.declare", "permit")]


def test_the_same_declaration_again_is_one(ward: Ward) -> None:
    body = declaration()
    answers = [ward.ruth.http.post(ward.declare_at, body) for _ in range(2)]
    assert [status for status, _ in answers] == [200, 200]
    assert EmergencyAccess.objects.count() == 1


@pytest.mark.parametrize("who", ["elena", "tom", "samuel", "chidi", "maya", "grace"])
def test_without_the_duty_nobody_finds_or_declares_anything(ward: Ward, who: str) -> None:
    person: Person = ward.grace if who == "grace" else getattr(ward.cast, who)
    assert person.http.post("/emergency/look", {"name": "Maya", "birth_date": BORN})[0] == 404
    assert ward.declare(person)[0] == 404
    assert EmergencyAccess.objects.count() == 0
    assert not Entry.objects.filter(verb__startswith="emergency.").exists()


def test_a_second_factor_of_sixteen_minutes_ago_is_not_recent(ward: Ward) -> None:
    age_second_factor(ward.ruth, 14)
    assert ward.ruth.http.post("/emergency/look", {"name": "Maya", "birth_date": BORN})[0] == 200
    age_second_factor(ward.ruth, 2)
    assert (
        ward.ruth.http.post("/emergency/look", {"name": "Maya", "birth_date": BORN})[1]["code"]
        == "second_factor_needed"
    )
    status, answer = ward.declare()
    assert (status, answer["code"]) == (403, "second_factor_needed")


def test_a_second_factor_that_was_removed_is_none(ward: Ward) -> None:
    Authenticator.objects.filter(user=ward.ruth.user).delete()
    assert ward.declare()[1]["code"] == "second_factor_needed"


def test_it_is_attested_and_has_words(ward: Ward) -> None:
    assert ward.declare(attest=False)[1]["code"] == "attestation_needed"
    assert ward.declare(reason="short")[0] == 400
    assert ward.declare(categories=["session"])[0] == 400
    assert ward.declare(categories=[])[0] == 400


@pytest.mark.parametrize("name", ["Maya Lindqvist", "May", ""])
def test_a_name_that_is_not_exact_finds_nobody(ward: Ward, name: str) -> None:
    assert ward.ruth.http.post("/emergency/look", {"name": name, "birth_date": BORN})[0] in (400, 404)
    assert ward.ruth.http.post("/emergency/look", {"name": "Maya", "birth_date": "1991-03-15"})[0] == 404


def test_it_opens_what_was_declared_and_nothing_that_no_emergency_opens(ward: Ward) -> None:
    opened(ward)
    for category in CATEGORIES:
        expected = category in ("allergy", "medication", "message")
        assert (reads(ward, category) is Reason.BREAK_GLASS) is expected, category
    assert {"allergy", "medication", "message"} <= EMERGENCY_CATEGORIES
    for action in ACTIONS - {"card.view", "thread.read"}:
        assert reads(ward, action=action) is not Reason.BREAK_GLASS, action
    assert reads(ward, labels=("PSYTHPN",)) is Reason.PSYTHPN_REQUIRES_SPECIFIC_AUTH
    assert reads(ward, labels=("SUD", "42CFRPart2")) is Reason.BREAK_GLASS


def test_it_opens_nothing_to_anybody_else(ward: Ward) -> None:
    opened(ward)
    for person in (ward.cast.chidi, ward.priya, ward.grace):
        assert not decide_for(person.user, "card.view", ward.cast.patient.pk, category="medication").permit


def test_time_ends_it_with_or_without_the_job(ward: Ward) -> None:
    row = opened(ward)
    end = row.expires_at
    late = decide_for(ward.ruth.user, "card.view", ward.cast.patient.pk, category="medication", now=end)
    in_time = decide_for(
        ward.ruth.user, "card.view", ward.cast.patient.pk, category="medication", now=end - timedelta(milliseconds=1)
    )
    assert (late.reason, in_time.reason) == (Reason.NO_RELATIONSHIP, Reason.BREAK_GLASS)
    assert close_those_that_are_over() == 0
    let_run_out(row)
    before = epoch_of(ward.cast.patient.pk)
    assert (close_those_that_are_over(), close_those_that_are_over()) == (1, 0)
    assert epoch_of(ward.cast.patient.pk) == before + 1
    row.refresh_from_db()
    assert row.ended_at == row.expires_at
    assert Entry.objects.filter(verb="emergency.expire", object_id=row.pk.hex).count() == 1


def test_the_organisation_says_how_long_and_whether_at_all(ward: Ward) -> None:
    rules = {name: getattr(TEMPLATES["community"], name) for name in TEMPLATES["community"].__dataclass_fields__}
    profile = Profile.objects.create(
        organisation=ward.cast.riverside, template="community", **{**rules, "emergency_hours": 2}
    )
    assert ward.declare()[1]["expires_at"] - timezone.now().timestamp() * 1000 <= 2 * 3_600_000
    EmergencyAccess.objects.all().delete()
    profile.emergency_hours = 0
    profile.save()

    raise_epoch(ward.cast.patient.pk)
    assert ward.declare()[1]["code"] == Reason.BREAK_GLASS_REFUSED


def test_a_patient_who_refused_while_able_is_obeyed(ward: Ward) -> None:
    refuse_emergency(ward.cast.patient, ward.cast.maya.user, refuse=True)
    status, answer = ward.declare()
    assert (status, answer["code"]) == (403, Reason.EMERGENCY_REFUSED_BY_PATIENT)
    entry = Entry.objects.get(verb="emergency.declare")
    assert (entry.outcome, entry.reason) == ("deny", Reason.EMERGENCY_REFUSED_BY_PATIENT)
    CapacityAssertion.objects.create(
        patient=ward.cast.patient, kind="capacity", finding="lacks", method="seen", assessor=ward.cast.elena.user
    )

    raise_epoch(ward.cast.patient.pk)
    assert ward.declare()[0] == 200


def test_a_refusal_ends_one_that_is_open(ward: Ward) -> None:
    opened(ward)
    refuse_emergency(ward.cast.patient, ward.cast.maya.user, refuse=True)
    assert reads(ward) is not Reason.BREAK_GLASS


def test_whoever_may_read_needs_no_emergency(ward: Ward) -> None:

    said = permit(ward.cast, ward.ruth)
    ward.cast.maya.http.post(f"/patients/{b64(ward.cast.patient.pk.bytes)}/directives", directive_body(ward.cast, said))
    held = ward.ruth.user.affiliations.get()
    CareTeamMember.objects.create(
        patient=ward.cast.patient, user=ward.ruth.user, organisation=held.organisation, role=held.role
    )
    raise_epoch(ward.cast.patient.pk)
    answer = ward.declare(categories=["message"])[1]
    assert answer["code"] == "emergency_not_needed"


def test_a_deny_by_name_asks_for_a_second_clinician(ward: Ward) -> None:
    said = permit(ward.cast, ward.ruth, effect=Effect.DENY)
    path = f"/patients/{b64(ward.cast.patient.pk.bytes)}/directives"
    assert ward.cast.maya.http.post(path, directive_body(ward.cast, said))[0] == 200
    assert ward.declare()[1]["code"] == "cosigner_needed"
    assert ward.declare(cosigner=b64(ward.ruth.id))[0] == 404
    assert ward.declare(cosigner=b64(ward.cast.chidi.id))[0] == 404
    status, answer = ward.declare(cosigner=b64(ward.priya.id))
    assert (status, answer["state"]) == (200, "waiting_for_cosigner")
    assert reads(ward) is not Reason.BREAK_GLASS


def test_the_ledger_keeps_no_words_of_the_reason(ward: Ward) -> None:
    opened(ward)
    rows = Entry.objects.filter(verb__startswith="emergency.")
    assert not any("unconscious" in str(row.detail) + row.reason for row in rows)
