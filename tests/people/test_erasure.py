"""A person who is erased is nowhere by name, and every proof of what they did still holds."""

from uuid import UUID

import pytest
from allauth.account.models import EmailAddress
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from audit.checkpoints import make_checkpoint
from audit.models import Entry
from audit.verify import verify
from people.actions.erasure import erase_patient, erase_person
from people.models import Affiliation, Enrolment, KeyBundle, Notice, Patient, QuietHours, User
from people.notices import Kind
from people.standby.actions import leave_notice
from tests.cast import Cast
from wire.base import b64

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def test_it_works(cast: Cast) -> None:
    cast.elena.http.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")
    make_checkpoint()
    before = verify().root
    leaf = bytes(Entry.objects.get(verb="care_team.read").leaf)
    erase_person(cast.elena.user)
    erase_person(cast.maya.user)
    elena = User.objects.get(pk=cast.elena.user.pk)
    assert (elena.name, elena.is_active, elena.email.endswith("@erased.invalid")) == ("", False, True)
    patient = Patient.objects.get(pk=cast.patient.pk)
    assert (patient.name, patient.birth_date) == ("", "")
    assert bytes(Entry.objects.get(verb="care_team.read").leaf) == leaf
    make_checkpoint()
    assert verify().size > 1
    assert before != verify().root


def test_the_keys_of_others_logs_stay_verifiable(cast: Cast) -> None:
    erase_person(cast.elena.user)
    assert KeyBundle.objects.filter(user=cast.elena.user).exists()


def test_one_who_was_erased_is_signed_out_and_opens_nothing(cast: Cast) -> None:
    erase_person(cast.elena.user)
    assert cast.elena.http.get(f"/patients/{b64(cast.patient.pk.bytes)}/care-team")[0] in (401, 404)


def test_a_repeat_changes_nothing(cast: Cast) -> None:
    erase_person(cast.elena.user)
    erase_person(cast.elena.user)
    assert User.objects.filter(email__endswith="@erased.invalid").count() == 1


def test_the_command_asks_twice(cast: Cast) -> None:
    with pytest.raises(CommandError, match="say --yes"):
        call_command("erase_person", cast.elena.user.email)
    with pytest.raises(CommandError, match="no account"):
        call_command("erase_person", "nobody@test.consilium", yes=True)
    call_command("erase_person", cast.elena.user.email, yes=True)
    assert not User.objects.get(pk=cast.elena.user.pk).is_active


def test_no_table_keeps_what_a_register_would_put_a_name_to(cast: Cast) -> None:
    EmailAddress.objects.create(user=cast.elena.user, email=cast.elena.user.email, primary=True)
    Affiliation.objects.filter(user=cast.elena.user).update(licence="PSY-20114")
    erase_person(cast.elena.user)
    assert not EmailAddress.objects.filter(user=cast.elena.user).exists()
    assert set(Affiliation.objects.filter(user=cast.elena.user).values_list("licence", flat=True)) == {""}


def test_nothing_is_kept_of_when_they_sleep_and_they_are_told_of_nothing(cast: Cast) -> None:
    QuietHours.objects.create(user=cast.elena.user, zone="Europe/Stockholm", start=1320, end=420)
    leave_notice(cast.elena.user.pk, Kind.ROUTINE, timezone.now())
    erase_person(cast.elena.user)
    assert not QuietHours.objects.exists()
    assert not Notice.objects.exists()


def test_a_patient_without_an_account_is_erased_too_and_the_code_opens_nothing(cast: Cast) -> None:
    wanted = {"id": b64(bytes(15) + b"j"), "name": "Jonas", "birth_date": "1961-02-03", "zone": "Europe/Stockholm"}
    assert cast.elena.http.post("/patients", wanted)[0] == 200
    patient = Patient.objects.get(pk=UUID(bytes=bytes(15) + b"j"))
    erase_patient(patient)
    patient.refresh_from_db()
    assert (patient.name, patient.birth_date) == ("", "")
    assert not Enrolment.objects.filter(patient=patient).exists()
    assert Entry.objects.filter(verb="person.erase", patient=patient.pk, object_kind="patient").exists()


def test_a_patient_with_an_account_loses_both(cast: Cast) -> None:
    erase_patient(Patient.objects.get(pk=cast.patient.pk))
    assert not User.objects.get(pk=cast.maya.user.pk).is_active
    assert Patient.objects.get(pk=cast.patient.pk).name == ""


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "Say whom"),
        (("someone@test.consilium", "--patient", "00"), "Say whom"),
        (("--patient", "no-id"), "no patient"),
        (("--patient", "00000000-0000-0000-0000-000000000000"), "no patient"),
    ],
)
def test_the_command_wants_one_who_exists(db: None, words: tuple[str, ...], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("erase_person", *words)
