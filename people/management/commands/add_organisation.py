"""`manage.py add_organisation NAME`: an organisation with a root key of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from zoneinfo import available_timezones

from django.core.management.base import BaseCommand, CommandError

from people.actions.organisations import add_organisation
from people.standby.crisis import places
from wire.base import b64


class Command(BaseCommand):
    help = "Adds an organisation and prints the fingerprint of its root, which clients pin."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name")
        parser.add_argument("--kind", default="community centre")
        parser.add_argument("--zone", default="UTC", help="IANA time zone")
        parser.add_argument("--country", default="", help="ISO 3166-1, for the crisis lines patients are shown")

    def handle(self, *, name: str, kind: str, zone: str, country: str, **options: object) -> None:
        if zone not in available_timezones():
            raise CommandError(f"{zone} is not an IANA time zone")
        if country and country not in places():
            raise CommandError(f"no crisis lines are known for {country}: known are {', '.join(sorted(places()))}")
        self.stdout.write(b64(add_organisation(name, kind, zone, country).fp))
