"""The web process's end of the forwarder."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from conference import plane


def test_a_mistake_in_a_look_round_does_not_end_the_thread_that_hears_of_cuts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plane, "LOOK_ROUND_S", 0.01)
    rounds = iter(range(10**6))
    again = threading.Event()

    def look_round() -> None:
        if next(rounds) == 0:
            raise RuntimeError("a mistake that nobody foresaw")
        again.set()

    made = plane.EmbeddedPlane(tmp_path / "none.sock", lambda event: None, look_round)
    try:
        assert again.wait(10)
    finally:
        made.close()
