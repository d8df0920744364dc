"""The client's code at the other end of a pipe."""

from __future__ import annotations

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def node(script: str, *words: str, told: str = "") -> str:
    """What a script of this folder answers; raises CalledProcessError, TimeoutExpired."""
    command = ["node", str(ROOT / "tests/crypto" / script), *words]
    done = subprocess.run(command, input=told, text=True, stdout=subprocess.PIPE, check=True, timeout=150, cwd=ROOT)
    return done.stdout
