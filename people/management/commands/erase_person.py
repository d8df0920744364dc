"""`manage.py erase_person EMAIL`, or `--patient ID`: blanks what identifies a person; the proofs stay valid."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from people.actions.erasure import erase_patient, erase_person
from people.models import Patient, User


class Command(BaseCommand):
    help = "Erases a person's name, address, birth date, devices and keys. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", nargs="?", default="")
        parser.add_argument("--patient", metavar="ID", default="", help="a patient, also one without an account")
        parser.add_argument("--yes", action="store_true", help="without it, nothing is done")

    def handle(self, *args: Any, **options: Any) -> None:
        if bool(options["email"]) == bool(options["patient"]):
            raise CommandError("Say whom: an address, or --patient with an id.")
        found = _patient(options["patient"]) if options["patient"] else _account(options["email"])
        if not options["yes"]:
            raise CommandError(f"This would erase {found.name} for ever: say --yes.")
        if isinstance(found, Patient):
            erase_patient(found)
        else:
            erase_person(found)
        self.stdout.write("Erased. The ledger names the person by id alone, as before.")


def _account(email: str) -> User:
    user = User.objects.filter(email=email.lower()).first()
    if user is None:
        raise CommandError("There is no account with this address.")
    return user


def _patient(text: str) -> Patient:
    try:
        patient = Patient.objects.select_related("account").filter(pk=UUID(text)).first()
    except ValueError:
        patient = None
    if patient is None:
        raise CommandError("There is no patient with this id.")
    return patient
