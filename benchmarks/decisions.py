"""The consent decision alone: one core, a snapshot of fifty directives, the answer in the last of them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from benchmarks.figure import Figure
from consent.model import Actor, Directive, Grantee, PatientFacts, Request, Resource, Snapshot
from consent.rules import decide

DIRECTIVES, SECONDS = 50, 2.0
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)


def snapshot(size: int) -> Snapshot:
    """Permits for others, and the one that counts at the end."""
    others = [
        Directive(
            f"d{number}", "permit", Grantee(users=frozenset({f"u{number}"})), valid_until=NOW + timedelta(days=30)
        )
        for number in range(size - 1)
    ]
    return Snapshot((*others, Directive("mine", "permit", Grantee(users=frozenset({"ann"})))))


def request() -> Request:
    team = frozenset({"t1"})
    actor = Actor("ann", "clinician", roles=frozenset({"medical"}), teams=team)
    return Request(actor, "thread.read", Resource("m1", "th1", teams=team), "TREAT", PatientFacts("pat1"), NOW)


def figures(seconds: float = SECONDS) -> Iterator[Figure]:
    held, asked = snapshot(DIRECTIVES), request()
    decided, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for _ in range(100):
            assert decide(held, asked).permit
        decided += 100
    rate = decided / (time.perf_counter() - began)
    yield Figure("consent.decisions_per_second", rate, "1/s", {"directives": DIRECTIVES, "cores": 1})
