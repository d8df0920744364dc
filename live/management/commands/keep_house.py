"""`manage.py keep_house [--once]`: everything that is done at intervals, in a process of its own."""

from __future__ import annotations

import signal
import threading
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from live.housekeeping import do, jobs, keep


class Command(BaseCommand):
    help = "Reminders, the ends of emergencies, the ledger's checkpoints: whatever is due, until it is told to stop."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help="do each job once and end; exit 1 if one failed")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["once"]:
            failed = [job.name for job in jobs() if not do(job)]
            if failed:
                raise CommandError(f"failed: {', '.join(failed)}")
            return
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        keep(stop)
