"""Workload B, one thread of 200 members: a process of its own, since Django takes one database a process."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.wire.workload import B, figures_of


def figures() -> Iterator[Figure]:
    yield from figures_of(B)
