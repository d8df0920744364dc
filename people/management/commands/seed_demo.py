"""`manage.py seed_demo --base-url URL`: the demonstration's organisations, people, and first thread."""

from __future__ import annotations

import asyncio
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from client.errors import ApiError, Unreachable, Untrusted
from crypto.errors import Ct1Error
from people import demo
from people.actions.organisations import add_organisation, issue_staff_code
from people.management import seeding
from people.models import KeyBundle, Organisation

SEED_SECONDS = 240


def staff_codes() -> dict[str, str]:
    """The operator's part: organisations, and a code for each of the staff who has no keys yet."""
    for one in demo.ORGANISATIONS:
        add_organisation(one.name, one.kind, one.zone)
    codes = {}
    for member in demo.STAFF:
        if not is_enrolled(member.email):
            organisation = Organisation.objects.get(name=member.organisation)
            codes[member.window] = issue_staff_code(organisation, int(member.role), member.licence)
    return codes


def is_enrolled(email: str) -> bool:
    return KeyBundle.objects.filter(user__email=email).exists()


class Command(BaseCommand):
    help = "Plays the beginning of the demonstration against a running server; a repeat changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")

    def handle(self, *, base_url: str, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("the demonstration's password is public: set CONSILIUM_DEMO=true only where it may be")
        codes = staff_codes()
        story = seeding.play(base_url, codes, is_patient_new=not is_enrolled(demo.PATIENT.email))
        try:
            asyncio.run(asyncio.wait_for(story, SEED_SECONDS))
        except (ApiError, Ct1Error, Unreachable, Untrusted, TimeoutError) as error:
            raise CommandError(f"the demonstration could not be seeded: {error}") from error
        if options.get("verbosity"):
            self.stdout.write("The demonstration's people are ready.")
