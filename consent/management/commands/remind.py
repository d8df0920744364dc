"""`manage.py remind`: asks patients to look at permissions that end soon or are old; `keep_house` does so hourly."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from consent.reminders import remind


class Command(BaseCommand):
    help = "Tells each patient once of permissions that end soon or wait to be looked at again."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{remind(timezone.now())} patients were told.")
