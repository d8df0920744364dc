"""The ledger at a million entries: what verifying all of it takes, and what one proof does, on SQLite."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from benchmarks.figure import Figure

ENTRIES, BATCH, PROOFS = 1_000_000, 20_000, 200
ROOT = Path(__file__).resolve().parent.parent
LONGEST_SECONDS = 1800


def figures(entries: int = ENTRIES) -> Iterator[Figure]:
    """Runs in a process of its own, on a database of its own that is thrown away."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "CONSILIUM_DATA": folder, "CONSILIUM_DATABASE_URL": ""}
        command = [sys.executable, "-m", "benchmarks.ledger", str(entries)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
        if done.returncode:
            raise SystemExit(f"benchmarks.ledger: {done.stderr.strip()[-500:]}")
        for line in done.stdout.splitlines():
            name, value, unit = line.split()
            yield Figure(name, float(value), unit, {"entries": entries, "cores": 1})


def _measure(entries: int) -> Iterator[tuple[str, float, str]]:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    from audit import merkle
    from audit.checkpoints import make_checkpoint
    from audit.models import Place
    from audit.places import Reader, give_places
    from audit.verify import verify

    call_command("migrate", verbosity=0)
    for first in range(0, entries, BATCH):
        _write(min(BATCH, entries - first))
    began = time.perf_counter()
    give_places()
    yield "ledger.place_us", (time.perf_counter() - began) / entries * 1e6, "us"
    make_checkpoint()
    began = time.perf_counter()
    root = verify().root
    yield "ledger.verify_s", time.perf_counter() - began, "s"
    took = []
    for _ in range(PROOFS):
        index = secrets.randbelow(entries)
        leaf = bytes(Place.objects.get(index=index).leaf)
        began = time.perf_counter()
        proof = merkle.inclusion_proof(Reader().subtree, index, entries)
        took.append((time.perf_counter() - began) * 1000)
        assert merkle.includes(leaf, index, entries, proof, root)
    took.sort()
    yield "ledger.proof_p50_ms", took[len(took) // 2], "ms"
    yield "ledger.proof_worst_ms", took[-1], "ms"


def _write(count: int) -> None:
    """Entries as `audit.actions.record` makes them, many in one statement."""
    from django.db import transaction
    from django.utils import timezone

    from audit.keys import seal_key
    from audit.models import Entry
    from audit.rules import leaf_hash, seal_of

    rows = []
    for number in range(count):
        entry = Entry(
            at=timezone.now(), actor=uuid4(), patient=uuid4(), verb="thread.read", object_kind="thread",
            object_id="x" * 43, outcome="permit", reason="CONSENT_PERMIT", basis=["d1"], detail={"count": number},
        )  # fmt: skip
        entry.leaf = leaf_hash(entry.content())
        entry.seal = seal_of(seal_key(), entry.leaf)
        rows.append(entry)
    with transaction.atomic():
        Entry.objects.bulk_create(rows, batch_size=2000)


if __name__ == "__main__":
    for name, value, unit in _measure(int(sys.argv[1])):
        print(name, value, unit, flush=True)
