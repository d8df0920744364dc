"""Python and the client's TypeScript replay the same logs and must return the same verdict, code and head.

Two readers that differ on one log are two threads under one name: one member would seal to people whom the other does
not see. CONSILIUM_MUTATIONS sets how many logs are played.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import Any

from crypto.entries import SignedEntry
from crypto.errors import Ct1Error
from crypto.log import replay
from tests.crypto.node import node
from tests.vectors import grammar
from tests.vectors.cast import NOW, World
from tests.vectors.mutate import directory_json, lines
from tests.vectors.stories import scenarios

COUNT = int(os.environ.get("CONSILIUM_MUTATIONS", "2000"))
GROWN = int(os.environ.get("CONSILIUM_GROWN", "300"))
SEED = 20261123


def ours(log: list[str]) -> list[dict[str, Any]]:
    """Python's verdict on each line after the first."""
    directory, verdicts, now = World().directory(), [], json.loads(log[0])["now"]
    for line in log[1:]:
        made = json.loads(line)
        entries = [SignedEntry(bytes.fromhex(body), bytes.fromhex(sig)) for body, sig in made["entries"]]
        try:
            state = replay(entries, directory, now)
            verdicts.append({"id": made["id"], "verdict": "ok", "head": state.head.hex()})
        except Ct1Error as refusal:
            verdicts.append({"id": made["id"], "verdict": refusal.code})
    return verdicts


def theirs(log: list[str]) -> list[dict[str, Any]]:
    """The client's verdicts on the same lines."""
    answers = node("replay.mjs", told="\n".join(log) + "\n")
    return [json.loads(line) for line in answers.splitlines()]


def told() -> list[str]:
    """The stories that are read at the common time, in the shape of mutated logs."""
    world = World()
    rows: list[dict[str, object]] = [{"directory": directory_json(world), "now": NOW}]
    for number, one in enumerate(story for story in scenarios(world) if story.now == NOW):
        entries = [[entry.body.hex(), entry.sig.hex()] for entry in one.log.entries()]
        rows.append({"id": number, "mutation": one.name, "entries": entries})
    return [json.dumps(row) for row in rows]


def compared(log: list[str]) -> Counter[str]:
    mine, other = ours(log), theirs(log)
    assert len(mine) == len(other) == len(log) - 1
    names = [json.loads(line)["mutation"] for line in log[1:]]
    differ = [(name, one, two) for name, one, two in zip(names, mine, other, strict=True) if one != two]
    assert differ == [], f"{len(differ)} logs are read in two ways"
    return Counter(one["verdict"] for one in mine)


def test_it_works() -> None:
    verdicts = compared(told())
    assert len(verdicts) >= 30, verdicts


def test_logs_grown_by_a_grammar_are_read_alike() -> None:
    verdicts = compared(list(grammar.lines(GROWN, SEED)))
    assert verdicts["ok"] > GROWN // 5, "most logs as they grew must pass"
    assert len(verdicts) >= 10, verdicts


def test_thousands_of_mutated_logs_are_read_alike() -> None:
    verdicts = compared(list(lines(COUNT, SEED)))
    assert verdicts["ok"] > COUNT // 20, "mutations that change nothing forbidden must pass"
    assert len(verdicts) >= min(20, COUNT // 50), verdicts
