"""`manage.py erase_person EMAIL`: blanks what identifies a person; the ledger's proofs stay valid."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from people.actions.erasure import erase_person
from people.models import User


class Command(BaseCommand):
    help = "Erases a person's name, address, birth date, devices and keys. There is no way back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--yes", action="store_true", help="without it, nothing is done")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        if user is None:
            raise CommandError("There is no account with this address.")
        if not options["yes"]:
            raise CommandError(f"This would erase {user.name} for ever: say --yes.")
        erase_person(user)
        self.stdout.write("Erased. The ledger names the person by id alone, as before.")
