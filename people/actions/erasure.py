"""Erasing what identifies a person, where the law asks for it; the ledger names people by id alone and stays whole."""

from __future__ import annotations

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from audit.actions import record
from people.actions.sessions import end_sessions
from people.models import (
    Affiliation,
    Device,
    Enrolment,
    ExternalIdentity,
    Keyring,
    Notice,
    Patient,
    Pins,
    QuietHours,
    ResetCode,
    Slot,
    User,
)
from people.signals import care_team_changed

NOBODY = "erased.invalid"
"""No address can be there (RFC 2606)."""
_HELD = (EmailAddress, Authenticator, ExternalIdentity, Device, Slot, Keyring, Pins, ResetCode, QuietHours, Notice)


@transaction.atomic
def erase_person(user: User) -> None:
    """Blanks names, address, birth date, licences, hours, devices and ways to sign in; a repeat changes nothing.

    Public keys and certificates stay: they hold no name, and the logs of others cannot be verified without them. What
    the person wrote stays with whom it was written to; the person's own keys are gone, and nobody reads by them again.
    """
    end_sessions(user)
    for held in _HELD:
        held.objects.filter(user=user).delete()
    # A licence number is looked up in a public register, with a name beside it.
    Affiliation.objects.filter(user=user).update(licence="")
    Enrolment.objects.filter(used_by=user).update(licence="")
    user.name, user.email, user.is_active = "", f"{user.pk.hex}@{NOBODY}", False
    user.answers_within = ""
    user.set_unusable_password()
    user.save(update_fields=["name", "email", "is_active", "password", "answers_within"])
    patient = Patient.objects.filter(account=user).first()
    if patient is not None:
        _blank(patient)
    record(
        actor=None,
        verb="person.erase",
        patient=patient.pk if patient else None,
        object_kind="user",
        object_id=user.pk.hex,
    )


@transaction.atomic
def erase_patient(patient: Patient) -> None:
    """Blanks a patient, with the account where there is one; a code that would have opened an account opens none."""
    if patient.account is not None:
        erase_person(patient.account)
        return
    _blank(patient)
    record(actor=None, verb="person.erase", patient=patient.pk, object_kind="patient", object_id=patient.pk.hex)


def _blank(patient: Patient) -> None:
    Enrolment.objects.filter(patient=patient, used_at=None).delete()
    patient.name, patient.birth_date = "", ""
    patient.save(update_fields=["name", "birth_date"])
    # Whoever remembers decisions about this record has remembered a birth date.
    care_team_changed.send(sender=Patient, patient_id=patient.pk)
