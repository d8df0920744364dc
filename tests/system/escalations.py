"""Escalations whose workers are killed at random: `python -m tests.system.escalations [COUNT] [SEED]`.

Real `manage.py keep_house` processes on the profile's database (`CONSILIUM_TEST_PROFILE=production`: PostgreSQL) die by
SIGKILL while they take steps. Each escalation reaches two people, passes one over and ends with word to its sender;
the program ends with 1 unless every step of every one was taken, and taken once.
"""

from __future__ import annotations

import os
import random
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path

from config.environment import ROOT
from tests.services import PROFILE, environment, fresh_database

WORKERS, KILLS_EVERY, PATIENCE_SECONDS = 3, 90, 300
STEPS = 3


def prepare(folder: Path) -> None:
    """A database of its own for this process and those it starts."""
    os.environ.update(environment(), CONSILIUM_DATA=str(folder), DJANGO_SETTINGS_MODULE="config.settings")
    if PROFILE == "production":
        os.environ["CONSILIUM_DATABASE_URL"] = fresh_database(environment()["CONSILIUM_DATABASE_URL"])
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, check=True, timeout=120)
    import django

    django.setup()
    from django.test.utils import setup_test_environment

    setup_test_environment()


def seed(count: int) -> None:
    """So many urgent messages, all due: Samuel, then Chidi who may not read, then Tom."""
    from django.utils import timezone

    from crypto.tables import AddresseeKind, Priority
    from crypto.urgency import Addressee, Urgency, sign_urgency
    from messaging.models import Message
    from messaging.urgency import models
    from tests.messaging.cast import make_cast, open_case, thread_row
    from tests.messaging.house import now_ms

    cast = make_cast()
    case = open_case(cast, cast.samuel, cast.tom)
    thread, elena, now = thread_row(case), cast.elena, now_ms()
    line = tuple(Addressee(AddresseeKind.PERSON, one.id) for one in (cast.samuel, cast.chidi, cast.tom))
    ids = [secrets.token_bytes(16) for _ in range(count)]
    rows = Message.objects.bulk_create(
        Message(
            thread=thread, seq=place, sender=elena.user, device=elena.user.pk, msg_id=msg_id.hex(), epoch=thread.epoch,
            ctr=place, wire=b"sealed",
        )
        for place, msg_id in enumerate(ids, 1)
    )  # fmt: skip
    said = [
        Urgency(
            case.state.thread_id, msg_id, elena.id, elena.fp, Priority.URGENT, now, now + 60_000, line
        ).encode()
        for msg_id in ids
    ]  # fmt: skip
    models.Urgency.objects.bulk_create(
        models.Urgency(
            message=row, priority=Priority.URGENT, body=body, sig=sign_urgency(elena.identity.sign_seed, body),
            # The next step is due at once: the test's time is spent on steps, and not between them.
            span_ms=1, state="waiting", due_at=timezone.now() - timedelta(seconds=1),
        )
        for row, body in zip(rows, said, strict=True)
    )  # fmt: skip


def start() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "keep_house"], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def taken() -> int:
    """Steps that are committed, the words to senders included."""
    from people.models import Notice

    return Notice.objects.count()


def run(count: int, chance: random.Random) -> int:
    """Kills and replaces a worker each time some steps have been taken; returns how many died."""
    from django.db import connection

    workers, killed, until = [start() for _ in range(WORKERS)], 0, chance.randint(1, KILLS_EVERY)
    seen, moved = 0, time.monotonic()
    every = max(KILLS_EVERY, count * STEPS // 20)
    try:
        while (now := taken()) < count * STEPS:
            connection.close()
            if now != seen:
                seen, moved = now, time.monotonic()
            if time.monotonic() - moved > PATIENCE_SECONDS:
                raise RuntimeError(f"no step in {PATIENCE_SECONDS} s; {now} of {count * STEPS} taken")
            if now >= until:
                victim = workers.pop(chance.randrange(len(workers)))
                victim.send_signal(signal.SIGKILL)
                victim.wait(30)
                workers.append(start())
                killed, until = killed + 1, now + chance.randint(1, every)
            time.sleep(0.02)
    finally:
        for worker in workers:
            worker.kill()
            worker.wait(30)
    return killed


def faults(count: int) -> list[str]:
    """What is lost or doubled; empty when all is well."""
    from audit.models import Entry
    from messaging.urgency.models import Step, Urgency
    from people.models import Notice

    found = {
        "escalations that ended": Urgency.objects.filter(state="unanswered", position=STEPS).count(),
        "escalations with three steps": sum(
            1 for places in _places(Step.objects.values_list("urgency", "position")).values() if places == {0, 1, 2}
        ),
        "steps": Step.objects.count() // STEPS,
        "people passed over": Step.objects.filter(outcome="may_not_read").count(),
        "told Samuel": Notice.objects.filter(user__email="samuel@test.example", kind="urgent").count(),
        "told Tom": Notice.objects.filter(user__email="tom@test.example", kind="urgent").count(),
        "told the sender": Notice.objects.filter(user__email="elena@test.example", kind="unanswered").count(),
        "in the ledger": Entry.objects.filter(verb="urgency.unanswered").count(),
        "messages in the ledger": len(
            set(Entry.objects.filter(verb="urgency.unanswered").values_list("object_id", flat=True))
        ),
    }
    twice = Counter(Entry.objects.filter(verb="urgency.tell").values_list("object_id", flat=True))
    strangers = Notice.objects.filter(user__email="chidi@test.example").count()
    wrong = [f"{name}: {number}, not {count}" for name, number in found.items() if number != count]
    wrong += [f"{strangers} notices to one who may not read"] if strangers else []
    return wrong + [f"{key} was told of {times} times" for key, times in twice.items() if times != 2]


def _places(rows: object) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for urgency, position in rows:  # type: ignore[attr-defined]  # values_list of two columns
        found.setdefault(urgency, set()).add(position)
    return found


def main(count: int, seed_of: int) -> int:
    with tempfile.TemporaryDirectory(prefix="consilium-escalations-") as folder:
        prepare(Path(folder))
        seed(count)
        began = time.monotonic()
        killed = run(count, random.Random(seed_of))
        wrong = faults(count)
        seconds = time.monotonic() - began
    for line in wrong:
        print(line)
    lost = "none lost, none doubled" if not wrong else "NOT well"
    print(f"{count} escalations, {count * STEPS} steps, {killed} workers killed, {seconds:.0f} s, {PROFILE}: {lost}")
    return 1 if wrong else 0


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]]
    sys.exit(main(*(arguments + [10_000, 1][len(arguments) :])))
