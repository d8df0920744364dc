"""`manage.py remind [--every SECONDS]`: asks patients to look at permissions that end soon or are old."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from consent.reminders import remind


class Command(BaseCommand):
    help = "Tells each patient once of permissions that end soon or wait to be looked at again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--every", type=int, default=0, help="seconds between two rounds; 0: one round")

    def handle(self, *args: Any, **options: Any) -> None:
        while True:
            self.stdout.write(f"{remind(timezone.now())} patients were told.")
            if not options["every"]:
                return
            time.sleep(options["every"])
