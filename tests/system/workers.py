"""Two web workers with an address each, so that a test chooses which of them it speaks to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from client import account as accounts
from client.account import Account
from client.api import Api
from config.environment import ROOT
from tests.client.people import PASSWORD, Person
from tests.product import wait_for
from tests.server import Server
from tests.services import PROFILE, free_port

STOP_SECONDS = 15


@contextmanager
def second_worker(server: Server) -> Iterator[str]:
    """The address of another process on the same database and the same Redis.

    Without Redis there is one worker, as the product itself insists; it is then both.
    """
    if PROFILE != "production":
        yield server.address
        return
    port = free_port()
    with (server.data / "worker-b.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "config.serve_web"],
            cwd=ROOT,
            env={**server.environment, "PORT": str(port), "CONSILIUM_WORKERS": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/readyz", 60)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait(STOP_SECONDS)


@contextmanager
def two_workers(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[tuple[Server, str]]:
    """A server of one worker, and the address of the second."""
    server = Server(folder, {"CONSILIUM_WORKERS": "1", **(settings or {})})
    try:
        # Whoever joins pins the organisations that there are then: those of the tests' people come first.
        for organisation, role in (("Riverside", "therapist"), ("Northgate", "psychiatrist")):
            server.staff_code(organisation, role)
        with second_worker(server) as address:
            yield server, address
    finally:
        server.stop()


async def sign_in_at(address: str, person: Person) -> Account:
    """The same person at another worker: a session and a device of their own."""
    return await accounts.sign_in(Api(address), email=person.email, password=PASSWORD)
