"""`manage.py seed_demo --base-url URL`: the demonstration's organisations, people, and first thread."""

from __future__ import annotations

import json
import subprocess
import sys
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from people import demo
from people.actions.organisations import add_organisation, issue_staff_code
from people.models import KeyBundle, Organisation, User
from people.second_factor import set_up_for_demonstration
from people.signals import demonstration_seeded

SEED_SECONDS = 280


def staff_codes() -> dict[str, str]:
    """The operator's part: organisations, and a code for each of the staff who has no keys yet."""
    for one in demo.ORGANISATIONS:
        add_organisation(one.name, one.kind, one.zone, one.country)
    codes = {}
    for member in demo.STAFF:
        if not is_enrolled(member.email):
            organisation = Organisation.objects.get(name=member.organisation)
            codes[member.window] = issue_staff_code(organisation, int(member.role), member.licence)
    return codes


def is_enrolled(email: str) -> bool:
    return KeyBundle.objects.filter(user__email=email).exists()


def script_for(base_url: str) -> dict[str, object]:
    """What `client.demonstration` reads: where the server is, the cast, and the codes of the newcomers."""
    codes = staff_codes()

    def player(one: demo.DemoMember) -> dict[str, str]:
        return {
            "window": one.window,
            "name": one.name,
            "email": one.email,
            "code": codes.get(one.window, ""),
            "second_factor": one.second_factor,
        }

    return {
        "base_url": base_url,
        "password": demo.PASSWORD,
        "staff": [player(one) for one in demo.STAFF],
        "patient": player(demo.PATIENT),
        "is_patient_new": not is_enrolled(demo.PATIENT.email),
    }


class Command(BaseCommand):
    help = "Plays the beginning of the demonstration against a running server; a repeat changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--base-url", default="http://127.0.0.1:8000")

    def handle(self, *, base_url: str, **options: object) -> None:
        if not settings.DEMO:
            raise CommandError("the demonstration's password is public: set CONSILIUM_DEMO=true only where it may be")
        command = [sys.executable, "-m", "client.demonstration"]
        script = json.dumps(script_for(base_url))
        # The story is a client's: it opens messages, so it runs as a program that holds no server code.
        if subprocess.run(command, input=script, text=True, timeout=SEED_SECONDS, check=False).returncode:
            raise CommandError("the demonstration could not be seeded")
        for one in demo.STAFF:
            if one.second_factor:
                set_up_for_demonstration(User.objects.get(email=one.email), one.second_factor)
        demonstration_seeded.send(Command, staff=demo.STAFF)
        if options.get("verbosity"):
            self.stdout.write("The demonstration's people are ready.")
