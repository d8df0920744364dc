"""Jobs that are done at intervals: each in its time, none because another failed."""

import threading

import pytest

from live import housekeeping
from live.housekeeping import Job, do, every, jobs, keep


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A house without the product's own jobs."""
    monkeypatch.setattr(housekeeping, "_jobs", {})
    monkeypatch.setattr(housekeeping, "close_old_connections", lambda: None)


@pytest.mark.usefixtures("alone")
def test_it_works() -> None:
    done, stop = list[str](), threading.Event()

    @every(1000, "rare")
    def rare() -> None:
        done.append("rare")

    @every(0, "often")
    def often() -> None:
        done.append("often")
        if done.count("often") == 3:
            stop.set()

    keep(stop)
    assert done.count("rare") == 1
    assert done.count("often") == 3


@pytest.mark.usefixtures("alone")
def test_a_job_that_fails_keeps_no_other_waiting() -> None:
    def broken() -> None:
        raise RuntimeError("no")

    done = list[int]()
    assert not do(Job("broken", 1, broken))
    assert do(Job("whole", 1, lambda: done.append(1)))
    assert done == [1]


@pytest.mark.usefixtures("alone")
def test_two_jobs_of_one_name_are_a_mistake() -> None:
    every(1, "same")(lambda: None)
    with pytest.raises(ValueError, match="same"):
        every(1, "same")(lambda: None)
    assert [job.name for job in jobs()] == ["same"]
