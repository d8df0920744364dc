"""The consent decision alone, on one core: fifty directives, of which one counts, none does, or all do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from benchmarks.figure import Figure
from consent.model import Actor, Directive, Grantee, PatientFacts, Request, Resource, Snapshot
from consent.rules import decide

DIRECTIVES, SECONDS = 50, 2.0
NOW = datetime(2026, 11, 1, 12, tzinfo=UTC)
YEAR = timedelta(days=365)


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


def crowded(size: int) -> Snapshot:
    """The worst that one patient says: every directive is dated and labelled and speaks to the request, denies too."""
    common = Directive(
        "d", "permit", Grantee(teams=frozenset({"t1"})), labels=frozenset({"HIV", "ETH"}), data_from=NOW - YEAR
    )
    return Snapshot(
        tuple(
            replace(
                common,
                id=f"d{number}",
                effect="deny" if number % 5 == 0 else "permit",
                labels=frozenset({"SDV"}) if number % 5 == 0 else common.labels,
                valid_from=NOW - timedelta(days=number),
                valid_until=NOW + timedelta(days=number + 1),
            )
            for number in range(size)
        )
    )


def rate(held: Snapshot, asked: Request, seconds: float, permit: bool) -> float:
    decided, began = 0, time.perf_counter()
    while time.perf_counter() - began < seconds:
        for _ in range(100):
            assert decide(held, asked).permit is permit
        decided += 100
    return decided / (time.perf_counter() - began)


def figures(seconds: float = SECONDS) -> Iterator[Figure]:
    """Decisions a second a core, and what turning a snapshot into bits costs once an epoch."""
    plain = request()
    of: dict[str, int | float | str] = {"directives": DIRECTIVES, "cores": 1}
    labelled = replace(plain, resource=replace(plain.resource, labels=frozenset({"ETHUD", "HIV"}), authored_at=NOW))
    stranger = replace(plain, actor=replace(plain.actor, id="eve"))
    yield Figure("consent.decisions_per_second", rate(snapshot(DIRECTIVES), plain, seconds, True), "1/s", of)
    yield Figure("consent.refusals_per_second", rate(snapshot(DIRECTIVES), stranger, seconds, False), "1/s", of)
    yield Figure("consent.crowded_decisions_per_second", rate(crowded(DIRECTIVES), labelled, seconds, True), "1/s", of)
    began = time.perf_counter()
    for _ in range(100):
        crowded(DIRECTIVES).index.timeline  # noqa: B018  # made by being asked for
    yield Figure("consent.index_ms", (time.perf_counter() - began) * 10, "ms", of)
