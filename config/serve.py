"""Runs the product's processes together: the web server, the media forwarder, and in demonstration mode the seed.

`python -m config.serve` is what `make run` ends in; the units in deploy/ start the same processes one by one.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from types import FrameType

from config.environment import ROOT, Environment, environment

START_SECONDS = 60
STOP_SECONDS = 10
SEED_SECONDS = 300


def web_command(chosen: Environment) -> list[str]:
    """The web server: ciphertext does not compress, so no deflate; frames are bounded before they are read."""
    return [
        sys.executable, "-m", "uvicorn", "config.asgi:application",
        "--host", chosen.host, "--port", str(chosen.port), "--workers", str(chosen.workers),
        "--ws", "live.protocol:RawSocketProtocol", "--ws-max-size", "262144", "--ws-per-message-deflate", "false",
        "--ws-ping-interval", "20", "--ws-ping-timeout", "20",
        "--timeout-graceful-shutdown", "5", "--no-access-log", "--no-server-header", "--log-level", "warning",
    ]  # fmt: skip


def forwarder_command() -> list[str]:
    return [sys.executable, "manage.py", "run_sfu"]


def house_command() -> list[str]:
    return [sys.executable, "manage.py", "keep_house"]


def refuse_what_cannot_work(chosen: Environment) -> None:
    """Raises SystemExit with one line for a choice that would lose messages or a port that is taken."""
    if chosen.workers > 1 and not chosen.redis_url:
        raise SystemExit("consilium: more than one web worker needs CONSILIUM_REDIS_URL, or pushes would be lost")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError:
            raise SystemExit(f"consilium: port {chosen.port} is taken; choose another with PORT=…") from None


def wait_until_ready(address: str, web: subprocess.Popen[bytes]) -> None:
    """Returns when `/readyz` answers; raises SystemExit when the web process ends or START_SECONDS pass."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if web.poll() is not None:
            raise SystemExit("consilium: the web server did not start; its log above says why")
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"consilium: the web server did not answer within {START_SECONDS} s")


def seed(address: str) -> None:
    """Fills the demonstration through the public interface; raises SystemExit with one line when it fails."""
    command = [sys.executable, "manage.py", "seed_demo", "--base-url", address]
    if subprocess.run(command, timeout=SEED_SECONDS, check=False).returncode:
        raise SystemExit("consilium: the demonstration could not be filled; the line above says why")


def stop(children: Sequence[subprocess.Popen[bytes]]) -> None:
    for child in children:
        # The forwarder takes SIGTERM as a wish to go when its last call is over; here everything goes together.
        child.send_signal(signal.SIGINT if child.args == forwarder_command() else signal.SIGTERM)
    for child in children:
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def main() -> int:
    chosen = environment()
    refuse_what_cannot_work(chosen)
    chosen.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.chdir(ROOT)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], check=True, timeout=300)
    signal.signal(signal.SIGTERM, _interrupt)
    children = [subprocess.Popen(one) for one in (web_command(chosen), forwarder_command(), house_command())]
    address = f"http://127.0.0.1:{chosen.port}"
    try:
        wait_until_ready(address, children[0])
        if chosen.demo:
            seed(address)
        print(f"Consilium is at http://localhost:{chosen.port}  (Ctrl-C stops it)", flush=True)
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
        print("consilium: a process ended; stopping the others", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        stop(children)


if __name__ == "__main__":
    sys.exit(main())
