"""The media forwarder beside Janus: processor time for each packet sent, the time added, with and without loss.

Both run as processes of their own in one network namespace, with the same people outside of it, one run after the
other in turns, so that what else the machine does falls on both. Without root or without Janus the forwarder is
measured alone, on loopback. Everybody sends 90 packets of 700 octets a second, checks every 2.5 s, reports every
second; with loss, 2 % of everything is lost on every line in both directions and asked for again.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from benchmarks.calls.crowd import Crowd, all_hear_all, talk
from benchmarks.calls.embedded import embedded
from benchmarks.calls.janus import installed, janus
from benchmarks.calls.network import LOOPBACK, Network, network
from benchmarks.figure import Figure, percentile

SECONDS, ROUNDS = 5.0, 3
SIZES = (6, 10, 20)
LOSSES = (0.0, 0.02)

Server = Callable[[Path, Network, Crowd, int], AbstractAsyncContextManager[int]]


@dataclass(frozen=True)
class Run:
    """One call: packets out of the server, its processor seconds, and the delay of each packet in ms."""

    out: int
    cpu: float
    seconds: float
    delays: list[float]
    delivered: float

    @property
    def cost(self) -> float:
        """µs a packet out."""
        return self.cpu / self.out * 1e6


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads so far (proc(5))."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def _run(server: Server, net: Network, size: int, loss: float, seconds: float) -> Run:
    crowd = Crowd(loss)
    with tempfile.TemporaryDirectory() as folder:
        async with server(Path(folder), net, crowd, size) as pid:
            await all_hear_all(crowd)
            before = cpu_seconds(pid)
            took = await talk(crowd, seconds)
            spent = cpu_seconds(pid) - before
    return Run(crowd.received, spent, took, [delay * 1000 for delay in crowd.delays], crowd.delivered())


def measure(server: Server, net: Network, size: int, loss: float, seconds: float = SECONDS) -> Run:
    """One call of `size` people, in which everybody sends for `seconds`."""
    return uvloop.run(asyncio.wait_for(_run(server, net, size, loss, seconds), seconds + 120))


def _figures(name: str, runs: list[Run], of: dict[str, int | float | str]) -> Iterator[Figure]:
    costs = [run.cost for run in runs]
    delays = [delay for run in runs for delay in run.delays]
    of = {**of, "runs": len(runs), "packets": sum(run.out for run in runs)}
    yield Figure(f"{name}.cpu_per_packet_out", statistics.median(costs), "µs", of)
    yield Figure(f"{name}.packets_per_core", 1e6 / statistics.median(costs), "packets/s", of)
    yield Figure(f"{name}.cores", statistics.median(run.cpu / run.seconds for run in runs), "cores", of)
    yield Figure(f"{name}.delay.p50", percentile(delays, 0.5), "ms", of)
    yield Figure(f"{name}.delay.p99", percentile(delays, 0.99), "ms", of)
    yield Figure(f"{name}.delivered", statistics.median(run.delivered for run in runs), "share", of)


def figures(seconds: float = SECONDS, sizes: tuple[int, ...] = SIZES, rounds: int = ROUNDS) -> Iterator[Figure]:
    with network() as net:
        servers: dict[str, Server] = {"forwarder": embedded}
        if net is not LOOPBACK and installed():
            servers["janus"] = janus
        for size in sizes:
            for loss in LOSSES:
                runs: dict[str, list[Run]] = {name: [] for name in servers}
                for _ in range(rounds):
                    for name, server in servers.items():
                        runs[name].append(measure(server, net, size, loss, seconds))
                of: dict[str, int | float | str] = {"people": size, "loss": loss, "beside": ", ".join(servers)}
                for name in servers:
                    yield from _figures(name, runs[name], of)
                if "janus" in servers:
                    cost = {name: statistics.median(run.cost for run in each) for name, each in runs.items()}
                    yield Figure("forwarder.cpu_against_janus", cost["forwarder"] / cost["janus"], "times", of)
