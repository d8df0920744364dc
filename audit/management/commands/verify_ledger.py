"""`manage.py verify_ledger [--checkpoints FILE …]`: recomputes everything and names the first wrong row."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from audit.verify import Wrong, verify


def notes_of(text: str) -> list[str]:
    """The checkpoints of a file in which they follow each other, as `file:` places keep them."""
    lines, notes = text.split("\n"), list[str]()
    # Three lines of text, an empty one, and signatures until the next empty line.
    while any(lines):
        while lines and not lines[0]:
            lines.pop(0)
        end = next((at for at in range(4, len(lines)) if not lines[at]), len(lines))
        notes.append("\n".join(lines[:end]) + "\n")
        lines = lines[end:]
    return notes


class Command(BaseCommand):
    help = "Recomputes entries, places, nodes and checkpoints; exit 1 and one line that names the first wrong row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--checkpoints", action="append", default=[], metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        published: list[str] = []
        for name in options["checkpoints"]:
            try:
                published += notes_of(Path(name).read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{name}: {error}") from error
        try:
            found = verify(published)
        except Wrong as error:
            raise CommandError(f"the ledger is NOT as it was written. {error}") from error
        self.stdout.write(
            f"The ledger is as it was written: {found.size} entries in the tree, {found.waiting} waiting for their "
            f"place, {found.checkpoints} checkpoints, {len(published)} from outside. Root {found.root.hex()}."
        )
