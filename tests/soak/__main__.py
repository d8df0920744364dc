"""`python -m tests.soak [COUNT] [--first SEED]`: schedules in virtual time on every core, and one line at the end."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter

from tests.soak.schedule import CHUNK, run_chunk


def main(arguments: list[str]) -> int:
    asked = argparse.ArgumentParser(prog="python -m tests.soak")
    asked.add_argument("count", type=int, nargs="?", default=100_000)
    asked.add_argument("--first", type=int, default=0, help="the first seed")
    given = asked.parse_args(arguments)
    begun, total, resumes = time.monotonic(), Counter[str](), Counter[str]()
    chunks = range(given.first, given.first + given.count, CHUNK)
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        for done, broken in pool.imap_unordered(run_chunk, chunks):
            for one in done:
                resumes.update(one.resumes)
                total.update(schedules=1, said=one.said, acknowledged=one.acknowledged, misfortunes=one.crashes)
            if total["schedules"] % 5000 < CHUNK:
                print(f"{total['schedules']} schedules", file=sys.stderr, flush=True)
            for line in broken:
                total.update(broken=1)
                print(line, file=sys.stderr, flush=True)
    seconds = time.monotonic() - begun
    print(f"{dict(total)} resumes {dict(resumes)} in {seconds:.0f} s, 0 lost and 0 doubled in all that did not break")
    return 1 if total["broken"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
