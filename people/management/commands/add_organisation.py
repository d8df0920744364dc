"""`manage.py add_organisation NAME`: an organisation with a root key of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError

from people.actions.organisations import add_organisation
from wire.base import b64


class Command(BaseCommand):
    help = "Adds an organisation and prints the fingerprint of its root, which clients pin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--kind", default="community centre")
        parser.add_argument("--zone", default="UTC", help="IANA time zone")

    def handle(self, *, name: str, kind: str, zone: str, **options: object) -> None:
        if zone not in available_timezones():
            raise CommandError(f"{zone} is not an IANA time zone")
        self.stdout.write(b64(add_organisation(name, kind, zone).fp))
