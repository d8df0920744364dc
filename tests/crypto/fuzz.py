"""Asks both languages about logs that a grammar grew: `python -m tests.crypto.fuzz --count 100000`.

Ends with 1 at the first log that is read in two ways, and leaves it beside the others of its round in a file.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from pathlib import Path

from tests.crypto.test_differential import compared
from tests.vectors.grammar import lines

ROUND = 1000
"""Logs that are held at once: some 40 MB, and one start of the client's code."""


def main() -> int:
    parser = argparse.ArgumentParser(description="Differential fuzzing of the thread log, Python against TypeScript.")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--keep", type=Path, default=Path("fuzz-disagreement.jsonl"), help="where a bad round is left")
    options = parser.parse_args()
    verdicts: Counter[str] = Counter()
    for seed in range(options.seed, options.seed + -(-options.count // ROUND)):
        log = list(lines(min(ROUND, options.count - verdicts.total()), seed))
        try:
            verdicts += compared(log)
        except AssertionError as disagreement:
            options.keep.write_text("\n".join(log) + "\n", encoding="utf-8")
            sys.stderr.write(f"seed {seed}: {disagreement}\nThe round is in {options.keep}.\n")
            return 1
        if verdicts.total() % (10 * ROUND) == 0:
            sys.stdout.write(f"{verdicts.total()} logs, no disagreement\n")
            sys.stdout.flush()
    told = ", ".join(f"{code} {count}" for code, count in verdicts.most_common())
    sys.stdout.write(f"{verdicts.total()} logs from seed {options.seed}, read alike: {told}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
