"""`manage.py publish_checkpoint`: signs the tree as it now is and brings it to the places outside."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.checkpoints import Inconsistent, make_checkpoint, publish


class Command(BaseCommand):
    help = "Makes a checkpoint and publishes what waits; the server's housekeeping does the same at intervals."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = make_checkpoint()
        except Inconsistent as error:
            raise CommandError(f"nothing was signed: {error}; run verify_ledger") from error
        arrived = publish()
        self.stdout.write(f"{made.note}{arrived} brought to their place.")
