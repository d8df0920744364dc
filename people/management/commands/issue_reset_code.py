"""`manage.py issue_reset_code ORGANISATION EMAIL`: a one-time code for somebody who has lost every key."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from people.actions.reset import issue_reset_code
from people.models import Organisation, User
from wire.errors import NotFound


class Command(BaseCommand):
    help = "Prints a one-time code with which a person of the organisation, met face to face, begins anew."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation")
        parser.add_argument("email")

    def handle(self, *, organisation: str, email: str, **options: object) -> None:
        house = Organisation.objects.filter(name=organisation).first()
        if house is None:
            raise CommandError(f"there is no organisation called {organisation}")
        user = User.objects.filter(email__iexact=email).first()
        try:
            if user is None:
                raise NotFound
            self.stdout.write(issue_reset_code(user, house))
        except NotFound as absent:
            raise CommandError(f"{organisation} has nobody with keys at {email}") from absent
