"""A real web server in processes of its own, on a free port, for tests that come in from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from config.environment import ROOT
from tests.commands import Commands
from tests.product import wait_for
from tests.services import PROFILE, environment, free_port, fresh_database


class Server:
    """uvicorn on the profile's settings: SQLite and one worker, or PostgreSQL, Redis and two."""

    def __init__(self, data: Path, settings: Mapping[str, str] | None = None, *, port: int = 0) -> None:
        self.port = port or free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.environment = {
            **os.environ,
            **environment(),
            "PORT": str(self.port),
            "CONSILIUM_DATA": str(data),
            "CONSILIUM_DEMO": "true",
            "CONSILIUM_WORKERS": "2" if PROFILE == "production" else "1",
            "CONSILIUM_SFU_UDP_PORT": str(free_port()),
            # A fast machine signs more people up in a minute than a clinic does in a day.
            "CONSILIUM_SIGNUPS_PER_MINUTE": "10000",
            **(settings or {}),
        }
        if PROFILE == "production" and "CONSILIUM_DATABASE_URL" not in (settings or {}):
            self.environment["CONSILIUM_DATABASE_URL"] = fresh_database(environment()["CONSILIUM_DATABASE_URL"])
        self.data = data
        self._commands = Commands(self.environment, data / "commands.log")
        self._codes: dict[tuple[str, str], list[str]] = {}
        self.manage("migrate", "-v", "0")
        self.start()

    def start(self) -> None:
        """Starts the web server, again after `kill`; raises RuntimeError with its log when it does not come up."""
        self._log = (self.data / "server.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "config.serve_web"],
            cwd=ROOT,
            env=self.environment,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(f"{self.address}/readyz", 60)
        except RuntimeError as error:
            self.stop()
            raise RuntimeError((self.data / "server.log").read_text()[-4000:]) from error

    @property
    def pid(self) -> int:
        """The process whose children are the workers."""
        return self._process.pid

    def manage(self, *words: str) -> str:
        """What an operator's command prints; raises RuntimeError with its complaint when it fails."""
        return self._commands.run(*words)

    def staff_code(self, organisation: str, role: str) -> str:
        """A one-time code for new staff, the organisation made if need be; fetched a handful at a time."""
        held = self._codes.setdefault((organisation, role), [])
        if not held:
            self.manage("add_organisation", organisation)
            held += self.manage("issue_staff_code", organisation, role, "--count", "20").splitlines()
        return held.pop()

    def kill(self) -> None:
        """SIGKILL to the web server and its workers: no goodbye, no flush."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(15)
        self._log.close()

    def stop(self) -> None:
        self._commands.end()
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
        self._log.close()
