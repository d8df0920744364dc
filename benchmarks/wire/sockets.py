"""Workload C: sockets that say nothing, what they cost in memory, and how fast they come back all at once."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from itertools import islice

from benchmarks.figure import Figure
from benchmarks.wire.driver import TEXT, Driver, Plan, Seat, Table, client_frame
from benchmarks.wire.workload import Cases, Of, resident_mb
from tests.server import Server
from wire.base import b64

IDLE = 2_000
LEAST_A_SECOND, MOST_MB = 1_800.0, 15.0


def sockets(server: Server, cases: Cases) -> Iterator[Figure]:
    """Two thousand devices of the house's people, each with its session and its threads' heads."""
    people = [person for _, one in cases for person in one]
    devices = IDLE // len(people)
    from tests.messaging.crowd import session_cookie

    def seats() -> Iterator[Seat]:
        for person in people:
            cookie = session_cookie(person)
            for number in range(devices):
                hello = {"type": "hello", "protocol": 1, "device": b64(number.to_bytes(16, "big")), "heads": {}}
                headers = ("Host", f"127.0.0.1:{server.port}"), ("Origin", server.address), ("Cookie", cookie)
                yield Seat(server.port, "/ws", headers, client_frame(TEXT, json.dumps(hello).encode()))

    table = Table(tuple(islice(seats(), IDLE)), ())
    # Who connected before has warmed the process up: what is measured is sockets, not imports.
    server.stop()
    server.start()
    with Driver([Table(table.seats[:200], ())], Plan(b"", 0.1, 0.0)) as few:
        few.run(lambda: None)
    before, begun = resident_mb(server), time.perf_counter()
    with Driver([table], Plan(b"", 0.1, 0.0)) as load:
        took = time.perf_counter() - begun
        grown = resident_mb(server) - before
        load.run(lambda: None)
    of: Of = {"sockets": len(table.seats), "people": len(people)}
    yield Figure("sockets.idle_memory", grown * 1000 / len(table.seats), "MB/1000", of, most=MOST_MB)
    yield Figure(
        "sockets.storm", len(table.seats) / took, "1/s", {**of, "with": "the load's own start"}, least=LEAST_A_SECOND
    )
