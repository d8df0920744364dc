"""Work that nobody waits for and that must be done all the same, at intervals: `manage.py keep_house` does it.

Apps register theirs in `ready`. A job is short, safe to repeat, and safe beside another process that does it too.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from django.db import close_old_connections

log = structlog.get_logger("house")
Work = Callable[[], object]


@dataclass(frozen=True)
class Job:
    """What is done, under which name, and every how many seconds."""

    name: str
    every: float
    work: Work


_jobs: dict[str, Job] = {}


def every(seconds: float, name: str) -> Callable[[Work], Work]:
    """Registers a job; a second one of the same name is a mistake of ours and raises."""

    def register(work: Work) -> Work:
        if name in _jobs and _jobs[name].work is not work:
            raise ValueError(f"two jobs are called {name}")
        _jobs[name] = Job(name, seconds, work)
        return work

    return register


def jobs() -> tuple[Job, ...]:
    """All that were registered, by name."""
    return tuple(_jobs[name] for name in sorted(_jobs))


def do(job: Job) -> bool:
    """Does one job now and says whether it went well; what it raises is logged and keeps no other job waiting."""
    began = time.monotonic()
    try:
        job.work()
    # Whatever a job comes to grief on, the house is kept: the next job is somebody else's safety.
    except Exception:
        log.exception("job_failed", job=job.name)
        return False
    finally:
        close_old_connections()
    log.debug("job_done", job=job.name, ms=round((time.monotonic() - began) * 1000, 1))
    return True


def keep(stop: threading.Event, clock: Callable[[], float] = time.monotonic) -> None:
    """Does each job when its time has come, one after the other, until `stop` is set; each once at the start."""
    due = {job.name: clock() for job in jobs()}
    while not stop.is_set():
        for job in jobs():
            if due[job.name] <= clock() and not stop.is_set():
                do(job)
                due[job.name] = clock() + job.every
        stop.wait(max(0.05, min(due.values(), default=clock() + 1) - clock()))
