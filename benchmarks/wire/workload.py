"""Messages through the whole product, and beside it in the same run the machine's limit and Channels as it is taught.

The product's work is all there: sessions, envelopes and signatures checked, consent decided, the ledger written,
PostgreSQL with synchronous commits. Every member's copy counts, the sender's too. `CONSILIUM_TEST_PROFILE=production`
(which `make bench` sets) starts PostgreSQL and Redis; without it the product runs alone, on SQLite.
"""

from __future__ import annotations

import json
import logging
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.figure import Figure, percentile
from benchmarks.wire.driver import BINARY, TEXT, Driver, Outcome, Plan, Seat, Table, client_frame
from tests.server import Server
from tests.services import PROFILE, environment, free_port, fresh_database
from wire.base import b64
from wire.binary import Kind

if TYPE_CHECKING:
    from tests.messaging.house import Case, Person

SECONDS, WARM_UP, ROOM = 10.0, 2.0, 1.2
ROUNDS = 3
"""The product and the limit take turns, so that a machine's bad minute falls on both; the median of each counts."""
BODY = b"x" * 1024
TEXT_BODY = "x" * 800
"""With JSON and padding, a ciphertext of one kilobyte."""


@dataclass(frozen=True)
class Workload:
    """So many threads of so many members, and what docs/performance.md holds the product to there.

    `most`: posts a second that are sealed beforehand, a fifth more to be safe; a run that uses them up fails and says
    so. `rate`: posts a second of the open loop.
    """

    name: str
    tables: int
    members: int
    most: int
    rate: float
    of_raw: float
    cpu_of_raw: float
    of_plain: float
    open_p50: float
    open_p99: float


A = Workload("a", 50, 5, 6_000, 200.0, of_raw=0.60, cpu_of_raw=1.7, of_plain=18.0, open_p50=2.0, open_p99=5.0)
B = Workload("b", 1, 200, 800, 20.0, of_raw=0.75, cpu_of_raw=1.6, of_plain=9.0, open_p50=6.0, open_p99=12.0)


@dataclass(frozen=True)
class Measured:
    """One run: complete messages and deliveries a second, latency, and processor time of all that serves."""

    messages: float
    deliveries: float
    cpu_ms: float
    took_ms: list[float]
    spread: float = 1.0
    """The dearest round's processor time over the cheapest one's: how far to believe it."""


Of = dict[str, int | float | str]
Cases = Sequence[tuple["Case", list["Person"]]]


def figures_of(load: Workload, beside: Callable[[Server, Cases], Iterator[Figure]] | None = None) -> Iterator[Figure]:
    """The product's figures, one worker and two; beside them, where PostgreSQL is there, the references' and ratios.

    `beside` measures something else of the same house when all else is done.
    """
    with tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder:
        server = Server(Path(folder), {"CONSILIUM_WORKERS": "1"})
        # The threads are set up through Django's test client, whose host this is.
        os.environ.update(server.environment | {"CONSILIUM_ALLOWED_HOSTS": "testserver"})
        of: Of = {"threads": load.tables, "members": load.members, "profile": PROFILE, "rounds": ROUNDS}
        try:
            cases = _set_up(load)
            measured = _rounds(server, cases, load)
            for who, one in measured.items():
                yield from _figures(load.name, who, one, of)
            yield from _ratios(load, measured, of)
            yield from _open_loop(server, cases, load, of)
            if PROFILE == "production":
                yield from _two_workers(server, cases, load, of)
            if beside is not None:
                yield from beside(server, cases)
        finally:
            server.stop()


def _rounds(server: Server, cases: Cases, load: Workload) -> dict[str, Measured]:
    """The medians of each server's rounds; Channels as it is taught has one, which is long enough."""
    found: dict[str, list[Measured]] = {}
    if PROFILE == "production":
        found["plain"] = [_plain(load)]
    for _ in range(ROUNDS):
        if PROFILE == "production":
            found.setdefault("raw", []).append(_raw(load))
        found.setdefault("product", []).append(_posting(server, cases, load, _plan(bytes([Kind.NEW]), load.tables)))
    return {who: _median(runs) for who, runs in found.items()}


def _median(runs: Sequence[Measured]) -> Measured:
    return Measured(
        messages=statistics.median(one.messages for one in runs),
        deliveries=statistics.median(one.deliveries for one in runs),
        cpu_ms=statistics.median(one.cpu_ms for one in runs),
        took_ms=[took for one in runs for took in one.took_ms],
        spread=max(one.cpu_ms for one in runs) / min(one.cpu_ms for one in runs),
    )


def _figures(name: str, who: str, one: Measured, of: Of) -> Iterator[Figure]:
    of = {**of, "server": who, "cpu_spread": round(one.spread, 2)}
    yield Figure(f"messages.{name}.complete", one.messages, "1/s", of)
    yield Figure(f"messages.{name}.deliveries", one.deliveries, "1/s", of)
    yield Figure(f"messages.{name}.cpu", one.cpu_ms, "ms/1000 deliveries", of)
    yield Figure(f"messages.{name}.to_all.p50", percentile(one.took_ms, 0.50), "ms", of)
    yield Figure(f"messages.{name}.to_all.p99", percentile(one.took_ms, 0.99), "ms", of)


def _run(tables: Sequence[Table], plan: Plan) -> Measured:
    used: list[float] = []
    with Driver(tables, plan) as load:
        outcome: Outcome = load.run(lambda: used.append(_cpu_seconds(load.pid)))
        used.append(_cpu_seconds(load.pid))
    if outcome.ran_out or not outcome.took_ms:
        raise RuntimeError("the load ran out of posts" if outcome.ran_out else "nothing was measured")
    members = len(tables[0].seats)
    return Measured(
        messages=outcome.complete / plan.seconds,
        deliveries=outcome.complete * members / plan.seconds,
        cpu_ms=1e6 * (used[1] - used[0]) / (outcome.deliveries - outcome.warm),
        took_ms=outcome.took_ms,
    )


def _plan(message: bytes, tables: int) -> Plan:
    return Plan(message, SECONDS, WARM_UP, in_flight=4 if tables > 1 else 16)


def _raw(load: Workload) -> Measured:
    tables, members = load.tables, load.members
    port, url = free_port(), fresh_database(environment()["CONSILIUM_DATABASE_URL"])
    with _serving([sys.executable, "-m", "benchmarks.wire.raw", str(port), url], port, {}):
        names = [number.to_bytes(2, "big") for number in range(tables)]
        posts = int((SECONDS + WARM_UP) * 40_000 / tables)
        made = [
            Table(
                tuple(Seat(port, "/", HOST, client_frame(BINARY, b"H" + name)) for _ in range(members)),
                tuple((turn % members, client_frame(BINARY, b"P" + name + BODY)) for turn in range(posts)),
            )
            for name in names
        ]
        return _run(made, _plan(b"N", tables))


def _plain(load: Workload) -> Measured:
    tables, members = load.tables, load.members
    port, url = free_port(), fresh_database(environment()["CONSILIUM_DATABASE_URL"])
    chosen = {"DATABASE_URL": url, "REDIS_URL": environment()["CONSILIUM_REDIS_URL"]}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.wire.plain"], env={**os.environ, **chosen}, check=True, timeout=60
    )
    command = [sys.executable, "-m", "uvicorn", "benchmarks.wire.plain:application", "--port", str(port),
               "--ws-per-message-deflate", "false", "--no-access-log", "--log-level", "warning",
               "--lifespan", "off"]  # fmt: skip
    with _serving(command, port, chosen):
        post = client_frame(TEXT, json.dumps({"type": "post", "body": TEXT_BODY + "x" * 224}).encode())
        made = [
            Table(
                tuple(
                    Seat(port, "/", HOST, client_frame(TEXT, json.dumps({"type": "hello", "thread": number}).encode()))
                    for _ in range(members)
                ),
                tuple((turn % members, post) for turn in range(20_000)),
            )
            for number in range(tables)
        ]
        return _run(made, _plan(b'{"type": "new"', tables))


HOST = (("Host", "127.0.0.1"),)


@contextmanager
def _serving(command: Sequence[str], port: int, chosen: dict[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env={**os.environ, **chosen})
    try:
        _wait_for_port(port)
        yield
    finally:
        process.terminate()
        process.wait(15)


def _wait_for_port(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("the reference did not start")


def _ratios(load: Workload, measured: dict[str, Measured], of: Of) -> Iterator[Figure]:
    ours, name = measured["product"], f"messages.{load.name}"
    for who, least in (("raw", load.of_raw), ("plain", load.of_plain)):
        if who in measured:
            yield Figure(f"{name}.of_{who}", ours.deliveries / measured[who].deliveries, "x", of, least=least)
    if "raw" in measured:
        yield Figure(f"{name}.cpu_of_raw", ours.cpu_ms / measured["raw"].cpu_ms, "x", of, most=load.cpu_of_raw)


def _open_loop(server: Server, cases: Cases, load: Workload, of: Of) -> Iterator[Figure]:
    plan = Plan(bytes([Kind.NEW]), SECONDS, WARM_UP, per_second=load.rate)
    took = _posting(server, cases, load, plan).took_ms
    of = {**of, "per_second": load.rate}
    for share, name, most in ((0.50, "p50", load.open_p50), (0.99, "p99", load.open_p99)):
        yield Figure(f"messages.{load.name}.open.{name}", percentile(took, share), "ms", of, most=most)


def _two_workers(server: Server, cases: Cases, load: Workload, of: Of) -> Iterator[Figure]:
    """One and two in turn, since the machine may have changed since the first rounds."""
    found: dict[str, list[float]] = {"1": [], "2": []}
    for workers in ("2", "1") * (ROUNDS - 1):
        server.stop()
        server.environment["CONSILIUM_WORKERS"] = workers
        server.start()
        found[workers].append(_posting(server, cases, load, _plan(bytes([Kind.NEW]), load.tables)).messages)
    two, one = statistics.median(found["2"]), statistics.median(found["1"])
    yield Figure(f"messages.{load.name}.two_workers", two / one, "x", of, least=1.0)


def _set_up(load: Workload) -> Cases:
    """Threads with a patient, a therapist and colleagues, written by the actions that serve the doors."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.messaging.crowd import make_threads

    logging.disable(logging.INFO)
    return make_threads(load.tables, load.members)


def _posting(server: Server, cases: Cases, load: Workload, plan: Plan) -> Measured:
    """One run; as many posts are sealed beforehand as a fast machine could take."""
    each = int(ROOM * (plan.per_second or load.most) * (plan.seconds + plan.warm_up) / len(cases))
    return _run([_table(server, case, people, each) for case, people in cases], plan)


def _table(server: Server, case: Case, people: list[Person], posts: int) -> Table:
    from crypto.messages import parse_wire
    from tests.messaging.crowd import session_cookie

    def seat(person: Person) -> Seat:
        hello = {"type": "hello", "protocol": 1, "device": b64(person.device), "heads": {}, "binary": True}
        headers = (("Host", f"127.0.0.1:{server.port}"), ("Origin", server.address), ("Cookie", session_cookie(person)))
        return Seat(server.port, "/ws", headers, client_frame(TEXT, json.dumps(hello).encode()))

    def post(person: Person) -> bytes:
        sealed = case.seal(person, TEXT_BODY)
        head = bytes([Kind.POST]) + parse_wire(sealed).header.msg_id + case.state.thread_id
        return client_frame(BINARY, head + sealed)

    turns = (turn % len(people) for turn in range(posts))
    return Table(tuple(seat(person) for person in people), tuple((turn, post(people[turn])) for turn in turns))


def _below(root: int, but: int) -> list[int]:
    """A process's descendants, without one of them and those below it."""
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        if pid == but:
            continue
        found.append(pid)
        for task in Path(f"/proc/{pid}/task").glob("*/children"):
            todo += [int(child) for child in task.read_text().split()]
    return found[1:]


def resident_mb(server: Server) -> float:
    """What the web server and its workers hold in memory."""
    pids = [server.pid, *_below(server.pid, 0)]
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return sum(pages) * resource.getpagesize() / 1e6


def _cpu_seconds(load: int) -> float:
    """The processor time of all that serves: this process's children (servers, PostgreSQL, Redis) but for the load."""
    ticks = 0
    for pid in _below(os.getpid(), load):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")
