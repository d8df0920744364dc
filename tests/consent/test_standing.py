"""Officers record who acts for a patient and what an organisation's rules are; everybody else finds nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from audit.models import Entry
from consent.access import decide_for, epoch_of
from consent.epochs import raise_epoch
from consent.models import Authority, Duty, EmergencyRefusal
from consent.standing import minority_ends
from people import certify
from people.models import Certificate, Enrolment
from people.rules import CERTIFICATE_LIFETIME
from people.shapes import millis
from tests.cast import Cast, Person
from tests.consent.standing import officer_of, someone_who_acts
from wire.base import b64

pytestmark = [pytest.mark.django_db, pytest.mark.server]

PROFILE: dict[str, Any] = {
    "template": "payer_provider",
    "default": "team-unlabelled",
    "longest_days": 90,
    "review_days": 30,
    "emergency_hours": 2,
    "emergency_history_days": 7,
    "majority_age": 18,
    "own_consent_age": 16,
    "contentless_notices": False,
}


def of(cast: Cast, page: str) -> str:
    return f"/patients/{b64(cast.patient.pk.bytes)}/{page}"


def house(cast: Cast, page: str) -> str:
    return f"/organisations/{b64(cast.riverside.pk.bytes)}/{page}"


@pytest.fixture
def grace(cast: Cast) -> Person:
    return officer_of(cast)


def test_it_works(cast: Cast, grace: Person) -> None:
    ingrid, _ = someone_who_acts(cast, grace, "guardian")
    (shown,) = ingrid.http.get("/represented")[1]["patients"]
    assert (shown["patient_name"], shown["authority"]["state"]) == ("Maya", "acts")
    standing = cast.maya.http.get(of(cast, "standing"))[1]
    (acts,) = standing["authorities"]
    assert (acts["name"], acts["type"], acts["state"]) == ("Ingrid", "guardian", "acts")
    assert grace.http.delete(f"/authorities/{acts['id']}")[0] == 200
    assert ingrid.http.get("/represented")[1]["patients"] == []
    assert cast.maya.http.get(of(cast, "standing"))[1]["authorities"] == []


def test_a_code_makes_an_account_and_no_authority(cast: Cast, grace: Person) -> None:
    status, answer = grace.http.post(of(cast, "representatives"))
    assert (status, len(answer["enrolment_code"])) == (200, 19)
    assert grace.http.get(of(cast, "representatives"))[1]["people"] == []
    assert Authority.objects.count() == 0


@pytest.mark.parametrize("who", ["elena", "tom", "samuel", "chidi", "maya"])
def test_nobody_but_the_privacy_officer_records_who_acts_or_who_is_kept_away(cast: Cast, who: str) -> None:
    person: Person = getattr(cast, who)
    someone = {"person": b64(cast.tom.id), "type": "guardian", "evidence": "a court order"}
    block = {"person": b64(cast.tom.id), "reason": "because"}
    for page, body in (("authorities", someone), ("safeguarding", block), ("representatives", {})):
        assert person.http.post(of(cast, page), body)[0] == 404
    assert person.http.get(of(cast, "safeguarding"))[0] == 404
    assert person.http.get(of(cast, "representatives"))[0] == 404


def test_an_officer_of_another_house_is_nobody_here(cast: Cast) -> None:
    Duty.objects.create(user=cast.chidi.user, organisation=cast.northgate, kind=Duty.Kind.PRIVACY_OFFICER)
    body = {"person": b64(cast.tom.id), "type": "guardian", "evidence": "a court order"}
    assert cast.chidi.http.post(of(cast, "authorities"), body)[0] == 404
    assert cast.chidi.http.get(house(cast, "duties"))[0] == 404
    assert cast.chidi.http.put(house(cast, "consent-profile"), PROFILE)[0] == 404


def test_an_officer_whose_post_or_duty_has_ended_is_none(cast: Cast, grace: Person) -> None:
    Duty.objects.update(until=timezone.now())
    assert grace.http.get(of(cast, "safeguarding"))[0] == 404
    Duty.objects.update(until=None)
    assert grace.http.get(of(cast, "safeguarding"))[0] == 200
    grace.user.affiliations.update(until=timezone.now())
    assert grace.http.get(of(cast, "safeguarding"))[0] == 404


def test_nobody_records_themselves_or_the_patient_or_one_without_keys(cast: Cast, grace: Person) -> None:
    for person in (grace, cast.maya):
        body = {"person": b64(person.id), "type": "parent", "evidence": "a paper"}
        assert grace.http.post(of(cast, "authorities"), body)[1]["code"] == "own_record"
    nobody = {"person": b64(bytes(16)), "type": "parent", "evidence": "a paper"}
    assert grace.http.post(of(cast, "authorities"), nobody)[0] == 404
    strange = {"person": b64(cast.tom.id), "type": "parent", "evidence": "a paper", "scope": ["rule the world"]}
    assert grace.http.post(of(cast, "authorities"), strange)[1]["code"] == "unknown_scope"


def test_one_person_has_one_authority_at_a_time(cast: Cast, grace: Person) -> None:
    ingrid, _ = someone_who_acts(cast, grace)
    body = {"person": b64(ingrid.id), "type": "guardian", "evidence": "a court order"}
    assert grace.http.post(of(cast, "authorities"), body)[1]["code"] == "already_acts"


def test_a_block_is_silent_to_the_one_it_keeps_away(cast: Cast, grace: Person) -> None:
    ingrid, _ = someone_who_acts(cast, grace)
    assert grace.http.post(of(cast, "safeguarding"), {"person": b64(ingrid.id), "reason": "court order 7"})[0] == 200
    assert ingrid.http.get("/represented")[1]["patients"] == []
    assert ingrid.http.get(of(cast, "standing"))[0] == 404
    (block,) = grace.http.get(of(cast, "safeguarding"))[1]["blocks"]
    assert grace.http.delete(f"/safeguarding/{block['id']}")[0] == 200
    assert len(ingrid.http.get("/represented")[1]["patients"]) == 1
    assert ingrid.http.delete(f"/safeguarding/{block['id']}")[0] == 404


def test_a_parents_authority_shows_the_day_on_which_it_ends(cast: Cast, grace: Person) -> None:
    cast.patient.birth_date = "2012-02-29"
    cast.patient.save()
    someone_who_acts(cast, grace)
    standing = cast.maya.http.get(of(cast, "standing"))[1]
    assert (standing["minor"], standing["majority_on"]) == (True, "2030-03-01")
    assert standing["authorities"][0]["ages_out"] == "2030-03-01"


def test_capacity_is_found_by_those_who_may_and_the_newest_finding_counts(cast: Cast) -> None:
    finding = {"kind": "capacity", "finding": "lacks", "method": "clinical interview"}
    assert cast.tom.http.post(of(cast, "capacity"), finding)[0] == 403
    for stranger in (cast.chidi, cast.samuel, cast.maya):
        assert stranger.http.post(of(cast, "capacity"), finding)[0] == 404
    assert cast.elena.http.post(of(cast, "capacity"), finding)[0] == 200
    assert decide_for(cast.maya.user, "consent.grant", cast.patient.pk).reason == "CAPACITY_REQUIRED"
    assert decide_for(cast.maya.user, "consent.revoke", cast.patient.pk).permit
    assert cast.elena.http.post(of(cast, "capacity"), finding | {"finding": "has"})[0] == 200
    assert decide_for(cast.maya.user, "consent.grant", cast.patient.pk).permit
    (shown,) = cast.maya.http.get(of(cast, "standing"))[1]["capacity"]
    assert (shown["finding"], shown["assessor_name"]) == ("has", "Elena")
    assert cast.elena.http.post(of(cast, "capacity"), finding | {"review_on": "someday"})[0] == 400


@pytest.mark.parametrize(("years", "able"), [(15, False), (17, True)])
def test_a_young_person_is_presumed_able_from_the_age_the_organisation_says(
    cast: Cast, grace: Person, years: int, able: bool
) -> None:
    cast.patient.birth_date = (timezone.now() - timedelta(days=years * 366)).date().isoformat()
    cast.patient.save()
    assert grace.http.put(house(cast, "consent-profile"), PROFILE)[0] == 200
    assert decide_for(cast.maya.user, "consent.grant", cast.patient.pk).permit is able


def test_an_organisations_rules_bind_at_once_and_its_own_patients_alone(cast: Cast, grace: Person) -> None:
    assert decide_for(cast.elena.user, "thread.read", cast.patient.pk).reason == "NO_CONSENT"
    before = epoch_of(cast.patient.pk)
    assert grace.http.put(house(cast, "consent-profile"), PROFILE)[0] == 200
    assert epoch_of(cast.patient.pk) == before + 1
    assert decide_for(cast.elena.user, "thread.read", cast.patient.pk).reason == "IMPLIED_TEAM_CARE"
    assert decide_for(cast.samuel.user, "thread.read", cast.patient.pk).reason == "NO_RELATIONSHIP"
    assert cast.elena.http.get(house(cast, "consent-profile"))[1] == PROFILE
    for person, status in ((cast.elena, 403), (cast.chidi, 404), (cast.maya, 404)):
        assert person.http.put(house(cast, "consent-profile"), PROFILE)[0] == status
    assert grace.http.put(house(cast, "consent-profile"), PROFILE | {"emergency_hours": 5})[0] == 400


def test_an_organisation_that_chose_nothing_has_the_strictest_rules(cast: Cast) -> None:
    shown = cast.elena.http.get(house(cast, "consent-profile"))[1]
    assert (shown["template"], shown["default"]) == ("multidisciplinary", "deny")


def test_the_four_kinds_of_house_are_there_to_start_from(cast: Cast) -> None:
    kinds = cast.elena.http.get("/consent-profiles")[1]["profiles"]
    assert [one["template"] for one in kinds] == ["multidisciplinary", "payer_provider", "nhs_locality", "community"]
    assert cast.maya.http.get("/consent-profiles")[0] == 403


def test_a_witness_is_certified_and_a_duty_is_given_and_taken_by_the_officer_alone(cast: Cast, grace: Person) -> None:
    duty = {"user": b64(cast.tom.id), "kind": "witness"}
    assert cast.elena.http.post(house(cast, "duties"), duty)[1]["code"] == "not_an_officer"
    assert grace.http.post(house(cast, "duties"), duty)[0] == 200
    assert Certificate.objects.filter(subject=cast.tom.user, kind=4).count() == 1
    assert grace.http.post(house(cast, "duties"), duty)[0] == 200
    assert Certificate.objects.filter(subject=cast.tom.user, kind=4).count() == 1
    kinds = {one["kind"] for one in cast.elena.http.get(house(cast, "duties"))[1]["duties"]}
    assert kinds == {"privacy_officer", "witness"}
    assert grace.http.delete(house(cast, f"duties/{b64(cast.tom.id)}/witness"))[0] == 200
    assert grace.http.delete(house(cast, f"duties/{b64(cast.tom.id)}/witness"))[0] == 404
    herself = {"user": b64(grace.id), "kind": "emergency"}
    assert grace.http.post(house(cast, "duties"), herself)[1]["code"] == "own_record"
    stranger = {"user": b64(cast.samuel.id), "kind": "witness"}
    assert grace.http.post(house(cast, "duties"), stranger)[0] == 404


def test_the_officer_finds_the_houses_patients_and_nobody_else_does(cast: Cast, grace: Person) -> None:
    (found,) = grace.http.get(house(cast, "patients"), query="may")[1]["patients"]
    assert (found["name"], found["has_account"], found["acting"]) == ("Maya", True, 0)
    assert grace.http.get(house(cast, "patients"), query="nobody")[1]["patients"] == []
    assert grace.http.get(house(cast, "patients"), page=2)[1]["patients"] == []
    for person, status in ((cast.elena, 403), (cast.chidi, 404), (cast.maya, 404)):
        assert person.http.get(house(cast, "patients"))[0] == status


def test_the_first_officer_is_made_by_the_command(cast: Cast) -> None:
    call_command("entrust", cast.tom.user.email, "Riverside", "privacy_officer")
    assert cast.tom.http.get(of(cast, "safeguarding"))[0] == 200
    with pytest.raises(CommandError, match="no such"):
        call_command("entrust", "nobody@test.consilium", "Riverside", "privacy_officer")
    with pytest.raises(CommandError, match="no post"):
        call_command("entrust", cast.samuel.user.email, "Riverside", "privacy_officer")


def test_the_patient_refuses_emergencies_and_nobody_else_does(cast: Cast, grace: Person) -> None:
    for person in (cast.elena, cast.chidi, grace):
        assert person.http.put(of(cast, "emergency-refusal"), {"refuse": True})[0] == 404
    assert cast.maya.http.put(of(cast, "emergency-refusal"), {"refuse": True})[0] == 200
    assert EmergencyRefusal.objects.filter(patient=cast.patient).exists()
    assert cast.maya.http.get(of(cast, "standing"))[1]["refuses_emergency"]
    assert cast.maya.http.put(of(cast, "emergency-refusal"), {"refuse": False})[0] == 200
    assert not EmergencyRefusal.objects.exists()


def test_what_is_recorded_stands_in_the_patients_ledger(cast: Cast, grace: Person) -> None:
    someone_who_acts(cast, grace)
    (entry,) = Entry.objects.filter(verb="authority.record")
    assert (entry.actor, entry.patient) == (grace.user.pk, cast.patient.pk)


@pytest.mark.parametrize(("days", "ends_with_minority"), [(30, True), (-1, False), (800, False)])
def test_a_representatives_certificate_ends_when_the_patient_comes_of_age(
    cast: Cast, grace: Person, days: int, ends_with_minority: bool
) -> None:
    now = timezone.now()
    birthday = (now + timedelta(days=days)).date()
    cast.patient.birth_date = birthday.replace(day=min(birthday.day, 28), year=birthday.year - 18).isoformat()
    cast.patient.save(update_fields=["birth_date"])
    raise_epoch(cast.patient.pk)
    ingrid, _ = someone_who_acts(cast, grace)
    enrolment = Enrolment(organisation=cast.riverside, kind="representative", role=6, patient=cast.patient)
    made = certify.certify(ingrid.user.key_bundles.get(), enrolment, now)
    assert made is not None
    of_age = minority_ends(cast.patient, now)
    assert (of_age is not None) == (days > 0)
    assert (of_age is not None and made.exp == millis(of_age)) is ends_with_minority
    assert made.exp <= millis(now + CERTIFICATE_LIFETIME)
