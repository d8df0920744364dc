"""Messages through the whole product, and beside it in the same run the machine's limit and Channels as it is taught.

Workload A: 50 threads of 5 members; B: one of 200. The product's work is all there: sessions, envelopes and signatures
checked, consent decided, the ledger written, PostgreSQL with synchronous commits. Every member's copy counts, the
sender's too. `CONSILIUM_TEST_PROFILE=production` (which `make bench` sets) starts PostgreSQL and Redis; without it the
product runs alone, on SQLite.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
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

A, B = (50, 5), (1, 200)
SECONDS, WARM_UP, ROOM = 10.0, 2.0, 1.2
MOST_A, MOST_B = 4_000, 800
"""Posts a second that are sealed beforehand, a fifth more to be safe; a run that uses them up says so and fails."""
BODY = b"x" * 1024
TEXT_BODY = "x" * 800
"""With JSON and padding, a ciphertext of one kilobyte."""
IDLE_SOCKETS = 1000


@dataclass(frozen=True)
class Measured:
    """One run: complete messages and deliveries a second, latency, and processor time of all that serves."""

    messages: float
    deliveries: float
    cpu_ms: float
    took_ms: list[float]


def figures() -> Iterator[Figure]:
    """The product's figures, one worker and two; beside them, where PostgreSQL is there, the references' and ratios."""
    for name, (tables, members) in (("a", A), ("b", B)):
        measured: dict[str, Measured] = {}
        if PROFILE == "production":
            measured["raw"] = _raw(tables, members)
            measured["plain"] = _plain(tables, members)
        with tempfile.TemporaryDirectory(prefix="consilium-bench-") as folder:
            yield from _product(Path(folder), name, tables, members, measured)


def _figures(name: str, who: str, one: Measured, of: dict[str, int | float | str]) -> Iterator[Figure]:
    of = {**of, "server": who}
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


def _raw(tables: int, members: int) -> Measured:
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


def _plain(tables: int, members: int) -> Measured:
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


def _product(folder: Path, name: str, tables: int, members: int, measured: dict[str, Measured]) -> Iterator[Figure]:
    server = Server(folder, {"CONSILIUM_WORKERS": "1"})
    # The threads are set up through Django's test client, whose host this is.
    os.environ.update(server.environment | {"CONSILIUM_ALLOWED_HOSTS": "testserver"})
    of: dict[str, int | float | str] = {"threads": tables, "members": members, "profile": PROFILE}
    try:
        cases = _set_up(tables, members)
        measured["product"] = _posting(server, cases, _plan(bytes([Kind.NEW]), tables))
        for who, one in measured.items():
            yield from _figures(name, who, one, of)
        yield from _ratios(name, measured, of)
        rate = 200.0 if tables > 1 else 20.0
        open_loop = _posting(server, cases, Plan(bytes([Kind.NEW]), SECONDS, WARM_UP, per_second=rate))
        yield Figure(f"messages.{name}.open.p50", percentile(open_loop.took_ms, 0.50), "ms", {**of, "per_second": rate})
        yield Figure(f"messages.{name}.open.p99", percentile(open_loop.took_ms, 0.99), "ms", {**of, "per_second": rate})
        if PROFILE == "production":
            server.stop()
            server.environment["CONSILIUM_WORKERS"] = "2"
            server.start()
            two = _posting(server, cases, _plan(bytes([Kind.NEW]), tables))
            yield Figure(f"messages.{name}.two_workers", two.messages / measured["product"].messages, "x", of)
        if tables > 1:
            yield from _idle(server, cases[0][1][0])
    finally:
        server.stop()


def _ratios(name: str, measured: dict[str, Measured], of: dict[str, int | float | str]) -> Iterator[Figure]:
    ours = measured["product"]
    for who, other in measured.items():
        if who != "product":
            yield Figure(f"messages.{name}.of_{who}", ours.deliveries / other.deliveries, "x", of)
            yield Figure(f"messages.{name}.cpu_of_{who}", ours.cpu_ms / other.cpu_ms, "x", of)


def _set_up(tables: int, members: int) -> list[tuple[Case, list[Person]]]:
    """Threads with a patient, a therapist and colleagues, written by the actions that serve the doors."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from tests.messaging.crowd import make_threads

    return make_threads(tables, members)


def _posting(server: Server, cases: list[tuple[Case, list[Person]]], plan: Plan) -> Measured:
    """One run; as many posts are sealed beforehand as a fast machine could take."""
    rate = plan.per_second or (MOST_A if len(cases) > 1 else MOST_B)
    each = int(ROOM * rate * (plan.seconds + plan.warm_up) / len(cases))
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


def _idle(server: Server, person: Person) -> Iterator[Figure]:
    """What a thousand sockets that say nothing cost in memory, and how fast they come back all at once."""
    from tests.messaging.crowd import session_cookie

    cookie = session_cookie(person)

    def seat(number: int) -> Seat:
        hello = {"type": "hello", "protocol": 1, "device": b64(number.to_bytes(16, "big")), "heads": {}}
        headers = (("Host", f"127.0.0.1:{server.port}"), ("Origin", server.address), ("Cookie", cookie))
        return Seat(server.port, "/ws", headers, client_frame(TEXT, json.dumps(hello).encode()))

    table = Table(tuple(seat(number) for number in range(IDLE_SOCKETS)), ())
    before, begun = _resident_mb(server), time.perf_counter()
    with Driver([table], Plan(b"", 0.1, 0.0)):
        took = time.perf_counter() - begun
        grown = _resident_mb(server) - before
    of: dict[str, int | float | str] = {"sockets": IDLE_SOCKETS}
    yield Figure("sockets.idle_memory", grown * 1000 / IDLE_SOCKETS, "MB/1000", of)
    yield Figure("sockets.storm", IDLE_SOCKETS / took, "1/s", {**of, "with": "the load's own start"})


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


def _resident_mb(server: Server) -> float:
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
