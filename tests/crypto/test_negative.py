"""Every case that must fail has something that holds it to its code: vectors in both languages, or a named test."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from config.environment import ROOT
from tests.adversary.lies import LIES

VECTORS = ROOT / "tests" / "vectors"
CASES: dict[str, list[dict[str, Any]]] = json.loads((VECTORS / "negative" / "cases.json").read_text())
EVERY = [(f"{section}: {one['case']}", one) for section, rows in CASES.items() for one in rows]
EXPECT = {
    (path.stem, case["name"]): case["expect"]
    for path in VECTORS.glob("*.json")
    for case in json.loads(path.read_text())["cases"]
}
ANY = "*"
"""Several codes, or none that the protocol names: the named tests say what."""


def code_of(held_by: str) -> str:
    """What a vector, a lie or a test answers; raises when there is none of that name."""
    place, name = held_by.split(": ", 1)
    if (place, name) in EXPECT:
        return str(EXPECT[place, name])
    if place.endswith("lies.py"):
        return next(lie.code for lie in LIES if lie.name == name)
    said = (ROOT / place).read_text()
    wanted = rf"def {re.escape(name)}\(" if place.endswith(".py") else rf"it\('{re.escape(name)}'"
    if not re.search(wanted, said):
        raise LookupError(held_by)
    return ANY


@pytest.mark.parametrize(("name", "one"), EVERY, ids=[name for name, _ in EVERY])
def test_each_case_is_held_to_its_code(name: str, one: dict[str, Any]) -> None:
    assert one["held_by"], name
    codes = {code_of(held_by) for held_by in one["held_by"]} - {ANY}
    assert one["expect"] == ANY or codes <= {one["expect"]}, (name, codes)


def test_the_sections_are_those_of_the_list() -> None:
    assert list(CASES) == [
        "Encoding", "Signatures", "Messages", "Seals", "Log", "Membership and consent", "Compliance", "Slots", "Files",
        "Calls", "Server", "System",
    ]  # fmt: skip
