"""Writes the vectors that Python makes: `python -m tests.vectors.make_python`. The same bytes every time.

A case says what is expected before anything is run; a file is written only if Python agrees with all of its cases.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from crypto.errors import Ct1Error
from tests.vectors import families
from tests.vectors.families import Case
from tests.vectors.operations import OPERATIONS

HERE = Path(__file__).resolve().parent


class Disagreement(Exception):
    """Python's answer is not what the case expects."""


def run(case: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The verdict and the answers of one case."""
    try:
        return "ok", OPERATIONS[case["op"]](case["in"])
    except Ct1Error as refusal:
        return refusal.code, {}


def written(case: Case) -> dict[str, Any]:
    """The case as it stands in a file; raises Disagreement."""
    made: dict[str, Any] = {"name": case.name, "op": case.op, "in": case.given, "expect": case.expect}
    verdict, out = run(made)
    if verdict != case.expect:
        raise Disagreement(f"{case.name}: {verdict}, not {case.expect}")
    return {**made, "out": out} if verdict == "ok" else made


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def text_of(name: str, cases: list[Case]) -> str:
    """A file: one case a line, so that a change shows as one line; directories and logs that recur stand once."""
    rows = [written(case) for case in cases]
    large = [_json(row["in"][key]) for row in rows for key in ("directory", "entries") if key in row["in"]]
    often = [text for text, times in Counter(large).items() if times > 1]
    shared = {text: f"@{place}" for place, text in enumerate(often)}
    for row in rows:
        row["in"] = {key: shared.get(_json(value), value) for key, value in row["in"].items()}
    table = ",\n".join(f"{_json(place)}:{text}" for text, place in shared.items())
    body = ",\n".join(_json(row) for row in rows)
    return f'{{"name":{_json(name)},"shared":{{\n{table}\n}},"cases":[\n{body}\n]}}\n'


def main() -> int:
    for name, cases in families.everything().items():
        path = HERE / f"{name}.json"
        path.write_text(text_of(name, cases), encoding="utf-8")
        print(f"{path.name}: {len(cases)} cases")
    return 0


if __name__ == "__main__":
    sys.exit(main())
