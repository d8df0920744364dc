"""A person who is erased is nowhere by name, and every proof of what they did still holds."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from audit.checkpoints import make_checkpoint
from audit.models import Entry
from audit.verify import verify
from people.actions.erasure import erase_person
from people.models import KeyBundle, Patient, User
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
