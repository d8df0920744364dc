"""Seeded schedules in virtual time; `make soak` runs a hundred thousand of them."""

from __future__ import annotations

import pytest

from tests.soak.clock import VirtualLoop
from tests.soak.schedule import LateCopies, run_schedule

SEEDS = 300


def test_every_device_ends_with_the_same_messages_in_the_same_order() -> None:
    loop = VirtualLoop()
    try:
        done = [run_schedule(seed, loop) for seed in range(SEEDS)]
    finally:
        loop.close()
    assert sum(one.said for one in done) > SEEDS
    assert {name for one in done for name in one.resumes} == {"resumed", "partial"}


def test_a_copy_that_comes_in_late_is_the_message_and_no_second_one() -> None:
    for seed in range(40):
        run_schedule(seed, kind=LateCopies)


@pytest.mark.parametrize("seed", [7])
def test_a_seed_says_everything(seed: int) -> None:
    assert run_schedule(seed) == run_schedule(seed)
