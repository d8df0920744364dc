"""The product as `make run` starts it, for tests: its own processes, a free port, a throw-away data folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from config.environment import ROOT
from tests.services import free_port

START_SECONDS = 300


class Product:
    """A running Consilium; `log` holds everything its processes printed."""

    def __init__(self, data: Path, environment: dict[str, str] | None = None, *, port: int = 0) -> None:
        self.data = data
        self.port = port or free_port()
        self.log: list[str] = []
        self.ready = threading.Event()
        self.environment = {
            **os.environ,
            "PORT": str(self.port),
            "CONSILIUM_DATA": str(data),
            "CONSILIUM_DEMO": "true",
            "CONSILIUM_SFU_UDP_PORT": str(free_port()),
            "CONSILIUM_LOG_FORMAT": "json",
            **(environment or {}),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.serve"],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._read, daemon=True).start()
        if not self.ready.wait(START_SECONDS) or self.process.poll() is not None:
            self.stop()
            raise RuntimeError("the product did not start:\n" + "".join(self.log[-40:]))

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.log.append(line)
            if line.startswith("Consilium is at "):
                self.ready.set()
        self.ready.set()

    def address(self, who: str = "") -> str:
        """The base address of a person's window (docs/decisions/0001)."""
        return f"http://{who + '.' if who else ''}localhost:{self.port}"

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


def wait_for(address: str, seconds: float = 30) -> None:
    """Returns when an address answers; raises RuntimeError when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise RuntimeError(f"{address} did not answer within {seconds} s")
