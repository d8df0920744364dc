"""A network namespace with one address, since Janus gathers no candidates on loopback. Needs root and iproute2."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

SERVER, CLIENTS = "10.78.5.1", "10.78.5.2"


@dataclass(frozen=True)
class Network:
    """`prefix` before a command runs it inside; servers there are reached at `address`."""

    prefix: tuple[str, ...]
    address: str


LOOPBACK = Network((), "127.0.0.1")


@contextmanager
def network() -> Iterator[Network]:
    """The namespace while it is used, or loopback where this process may not make one."""
    name, outside, inside = (f"call{os.getpid()}{end}" for end in ("", "o", "i"))
    steps = [
        f"netns add {name}",
        f"link add {outside} type veth peer name {inside} netns {name}",
        f"addr add {CLIENTS}/24 dev {outside}",
        f"link set {outside} up",
        f"-n {name} addr add {SERVER}/24 dev {inside}",
        f"-n {name} link set {inside} up",
        f"-n {name} link set lo up",
    ]
    try:
        for step in steps:
            subprocess.run(["ip", *step.split()], check=True, capture_output=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        _remove(name)
        yield LOOPBACK
        return
    try:
        yield Network(("ip", "netns", "exec", name), SERVER)
    finally:
        _remove(name)


def _remove(name: str) -> None:
    subprocess.run(["ip", "netns", "del", name], check=False, capture_output=True, timeout=10)
