"""`manage.py export_records THREAD --reason … --out FILE`: a thread for whoever holds its compliance key."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from messaging.compliance.actions import export_thread
from wire.errors import ConsiliumError


class Command(BaseCommand):
    help = "Writes a thread, sealed as it is, into a file; the patient's ledger says so."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("thread", help="its id, base64url")
        parser.add_argument("--reason", required=True)
        parser.add_argument("--out", type=Path, required=True, help="a file that is not there yet")

    def handle(self, *, thread: str, reason: str, out: Path, **options: object) -> None:
        try:
            # Opened first: what the ledger says left the server must have had somewhere to go.
            with out.open("xb") as file:
                out.chmod(0o600)
                file.write(export_thread(thread, reason, timezone.now()))
        except FileExistsError as fault:
            raise CommandError(f"{out} is there already") from fault
        except (ConsiliumError, OSError) as refusal:
            out.unlink(missing_ok=True)
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{out}")
