"""A long call of six on the forwarder with 2 % loss on every line: nothing may stand still, get lost or grow.

Six headless people with real DTLS and SRTP; CONSILIUM_CALL_SECONDS of it, a minute unless told. Browsers and sealed
frames are not in it: what is measured is whether the forwarder's repairs and tables last.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import uvloop

from benchmarks.calls.crowd import Crowd, all_hear_all, talk
from benchmarks.calls.embedded import embedded
from benchmarks.calls.network import LOOPBACK
from benchmarks.figure import Figure

SECONDS, PEOPLE, LOSS = 60.0, 6, 0.02
STRETCH_S = 15.0
"""What was heard is counted and forgotten after so long, or the listeners themselves would grow."""
FREEZE_S = 0.5


@dataclass
class Seen:
    """Of each stretch: the share delivered, the longest silence of one stream, and the server's memory in kB."""

    delivered: list[float] = field(default_factory=list)
    silences: list[float] = field(default_factory=list)
    memory: list[int] = field(default_factory=list)
    freezes: int = 0


def resident_kb(pid: int) -> int:
    """The resident memory of a process (proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(next(line for line in status.splitlines() if line.startswith("VmRSS:")).split()[1])


async def _call(seconds: float) -> Seen:
    seen, crowd = Seen(), Crowd(LOSS)
    with tempfile.TemporaryDirectory() as folder:
        async with embedded(Path(folder), LOOPBACK, crowd, PEOPLE) as pid:
            await all_hear_all(crowd)
            for _ in range(max(1, round(seconds / STRETCH_S))):
                await talk(crowd, min(seconds, STRETCH_S))
                seen.delivered.append(crowd.delivered())
                seen.silences.append(crowd.longest_silence)
                seen.freezes += crowd.silences_over(FREEZE_S)
                seen.memory.append(resident_kb(pid))
    return seen


def figures(seconds: float = float(os.environ.get("CONSILIUM_CALL_SECONDS", SECONDS))) -> Iterator[Figure]:
    seen = uvloop.run(asyncio.wait_for(_call(seconds), seconds + 300))
    of: dict[str, int | float | str] = {"people": PEOPLE, "loss": LOSS, "seconds": seconds}
    yield Figure("long_call.delivered", min(seen.delivered), "share", of)
    yield Figure("long_call.silences_over_500_ms", seen.freezes, "count", of)
    yield Figure("long_call.longest_silence", max(seen.silences) * 1000, "ms", of)
    yield Figure("long_call.memory", seen.memory[-1] / 1024, "MB", of)
    yield Figure("long_call.memory_grown", (seen.memory[-1] - seen.memory[0]) / 1024, "MB", of)
