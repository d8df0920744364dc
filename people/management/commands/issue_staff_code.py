"""`manage.py issue_staff_code ORGANISATION ROLE`: a one-time code with which somebody joins the staff."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from crypto.tables import Role
from people.actions.organisations import issue_staff_code
from people.models import Organisation

STAFF_ROLES = {role.name.lower(): role for role in Role if role is not Role.PATIENT}


class Command(BaseCommand):
    help = "Prints one-time codes, each of which makes its bearer staff of an organisation, in a role."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation")
        parser.add_argument("role", choices=sorted(STAFF_ROLES))
        parser.add_argument("--licence", default="")
        parser.add_argument("--count", type=int, default=1, choices=range(1, 101), metavar="1..100")

    def handle(self, *, organisation: str, role: str, licence: str, count: int, **options: object) -> None:
        found = Organisation.objects.filter(name=organisation).first()
        if found is None:
            raise CommandError(f"there is no organisation called {organisation}")
        for _ in range(count):
            self.stdout.write(issue_staff_code(found, STAFF_ROLES[role], licence))
