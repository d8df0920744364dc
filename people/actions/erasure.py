"""Erasing what identifies a person, where the law asks for it; the ledger names people by id alone and stays whole."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction

from audit.actions import record
from people.actions.sessions import end_sessions
from people.models import Device, Keyring, Patient, Slot, User
from people.signals import care_team_changed

NOBODY = "erased.invalid"
"""No address can be there (RFC 2606)."""


@transaction.atomic
def erase_person(user: User) -> None:
    """Blanks names, address, birth date, devices and ways to sign in; a repeat changes nothing.

    Public keys and certificates stay: they hold no name, and the logs of others cannot be verified without them. What
    the person wrote stays with whom it was written to; the person's own keys are gone, and nobody reads by them again.
    """
    end_sessions(user)
    Device.objects.filter(user=user).delete()
    Authenticator.objects.filter(user=user).delete()
    Slot.objects.filter(user=user).delete()
    Keyring.objects.filter(user=user).delete()
    user.name, user.email, user.is_active = "", f"{user.pk.hex}@{NOBODY}", False
    user.set_unusable_password()
    user.save(update_fields=["name", "email", "is_active", "password"])
    patients = list(Patient.objects.filter(account=user))
    for patient in patients:
        patient.name, patient.birth_date = "", ""
        patient.save(update_fields=["name", "birth_date"])
        # Whoever remembers decisions about this record has remembered a birth date.
        care_team_changed.send(sender=Patient, patient_id=patient.pk)
    record(
        actor=None,
        verb="person.erase",
        patient=patients[0].pk if patients else None,
        object_kind="user",
        object_id=user.pk.hex,
    )
