"""`manage.py entrust EMAIL ORGANISATION DUTY`: the first privacy officer, who entrusts everybody else."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from consent.actions.standing import entrust
from consent.models import Duty
from people.models import Organisation, User
from wire.errors import ConsiliumError


class Command(BaseCommand):
    help = "Gives one of an organisation's staff a duty: privacy_officer, emergency or witness."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email")
        parser.add_argument("organisation")
        parser.add_argument("duty", choices=Duty.Kind.values)

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(email=options["email"].lower()).first()
        organisation = Organisation.objects.filter(name=options["organisation"]).first()
        if user is None or organisation is None:
            raise CommandError("There is no such account, or no such organisation.")
        try:
            entrust(user, organisation, options["duty"], None)
        except ConsiliumError as refusal:
            raise CommandError("This person holds no post there, or has no keys yet.") from refusal
        self.stdout.write(f"{user.name} is {options['duty']} of {organisation.name}.")
