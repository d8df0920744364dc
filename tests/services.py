"""The real servers that the production profile's tests run on: PostgreSQL and Redis on free loopback ports.

Started from Debian's binaries with their own folders and configuration, stopped when the test run ends.
`CONSILIUM_TEST_PROFILE` chooses: `embedded` (the default) needs neither.
"""

from __future__ import annotations

import atexit
import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

PROFILE = os.environ.get("CONSILIUM_TEST_PROFILE", "embedded")
START_SECONDS = 30


def free_port() -> int:
    """A loopback port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listening(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


@dataclass
class Service:
    """A server of our own; the tests of failure freeze it, kill it and start it again at the same address."""

    url: str
    command: Sequence[str]
    ready: Callable[[], bool]
    user: str | None = None

    def start(self) -> None:
        """Starts it, again after `kill`; raises RuntimeError when it does not answer in time."""
        deadline = time.monotonic() + START_SECONDS
        self._process = self._begin()
        while not self.ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"{self.command[0]} did not start")
            if self._process.poll() is not None:
                # PostgreSQL refuses while a process of its former life is still going.
                self._process = self._begin()
            time.sleep(0.05)

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tempfile.gettempdir(),
            user=self.user,
        )  # fmt: skip

    def _all(self) -> list[int]:
        """The process and its children: PostgreSQL has one for each connection."""
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [pid, *map(int, children)]

    def _signal(self, number: signal.Signals) -> None:
        for pid in self._all():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def freeze(self) -> None:
        """It goes on accepting and never answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """Dead at once, its children too."""
        self._signal(signal.SIGKILL)
        self._process.wait(10)

    def end(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()


def postgres_binaries() -> Path:
    """The folder of initdb and postgres, the newest version that Debian has put there."""
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: run `make test`, which installs it")
    return versions[-1].parent


def start_postgres() -> Service:
    """A throw-away cluster. PostgreSQL refuses to run as root, so root lends it `postgres`."""
    binaries, port = postgres_binaries(), free_port()
    folder = Path(tempfile.mkdtemp(prefix="consilium-pg-"))
    user = "postgres" if os.geteuid() == 0 else None
    if user is not None:
        account = pwd.getpwnam("postgres")
        os.chown(folder, account.pw_uid, account.pw_gid)
    cluster = folder / "data"
    subprocess.run(
        [binaries / "initdb", "-D", cluster, "-U", "consilium", "--auth=trust", "--encoding=UTF8", "--locale=C"],
        check=True, capture_output=True, timeout=60, cwd="/", user=user,
    )  # fmt: skip
    ready = [str(binaries / "pg_isready"), "-h", "127.0.0.1", "-p", str(port), "-q"]
    service = Service(
        url=f"postgresql://consilium@127.0.0.1:{port}/postgres",
        command=[str(binaries / "postgres"), "-D", str(cluster), "-p", str(port), "-k", str(folder),
                 "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=300",
         # When a row was committed, to the microsecond: the benchmarks count from there.
         "-c", "track_commit_timestamp=on"],
        ready=lambda: _listening(port) and subprocess.run(ready, timeout=10).returncode == 0,
        user=user,
    )  # fmt: skip
    atexit.register(shutil.rmtree, folder, True)
    atexit.register(service.end)
    service.start()
    return service


def fresh_database(url: str) -> str:
    """The URL of a new, empty database on the same server: two servers under test must not share names' keys."""
    name = f"test_{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True, connect_timeout=10) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{url.rsplit('/', 1)[0]}/{name}"


def start_redis() -> Service:
    """A Redis without persistence."""
    binary = shutil.which("redis-server")
    if binary is None:
        raise RuntimeError("redis-server is not installed: run `make test`, which installs it")
    port = free_port()
    service = Service(
        url=f"redis://127.0.0.1:{port}/0",
        command=[binary, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"],
        ready=lambda: _listening(port),
    )
    atexit.register(service.end)
    service.start()
    return service


def prepare_environment() -> dict[str, str]:
    """Starts what the profile needs and returns the environment of every process under test."""
    data = Path(tempfile.mkdtemp(prefix="consilium-test-"))
    atexit.register(shutil.rmtree, data, True)
    chosen = {"CONSILIUM_DATA": str(data), "CONSILIUM_LOG_FORMAT": "json"}
    if PROFILE == "production":
        chosen |= {"CONSILIUM_DATABASE_URL": start_postgres().url, "CONSILIUM_REDIS_URL": start_redis().url}
    elif PROFILE != "embedded":
        raise RuntimeError(f"CONSILIUM_TEST_PROFILE must be embedded or production, not {PROFILE}")
    return chosen


def environment() -> dict[str, str]:
    """The environment of the profile, started once a process."""
    global _environment
    if _environment is None:
        _environment = prepare_environment()
    return _environment


_environment: dict[str, str] | None = None
