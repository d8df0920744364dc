"""Workload A, 50 threads of 5 members, and C, two thousand sockets that say nothing."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.figure import Figure
from benchmarks.wire.sockets import sockets
from benchmarks.wire.workload import A, figures_of


def figures() -> Iterator[Figure]:
    yield from figures_of(A, sockets)
