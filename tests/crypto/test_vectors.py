"""The shared vectors: every file, whoever made it, says the same to both languages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.vectors import families, make_python
from tests.vectors.operations import resolved

HERE = Path(__file__).resolve().parent.parent / "vectors"
OURS = sorted(HERE.glob("*.json"))


def cases_of(path: Path) -> list[dict[str, Any]]:
    return resolved(json.loads(path.read_text(encoding="utf-8")))


def disagreements(path: Path) -> list[str]:
    """The cases of a file that Python answers otherwise."""
    found = []
    for case in cases_of(path):
        verdict, out = make_python.run(case)
        if verdict != case["expect"] or out != case.get("out", {}):
            found.append(f"{case['name']}: {verdict}, not {case['expect']}")
    return found


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_it_works(path: Path) -> None:
    assert disagreements(path) == []


def test_the_files_are_what_the_script_writes() -> None:
    made = {name: make_python.text_of(name, cases) for name, cases in families.everything().items()}
    assert {path.stem for path in OURS} == set(made)
    for path in OURS:
        assert path.read_text(encoding="utf-8") == made[path.stem], f"{path.name}: python -m tests.vectors.make_python"


def test_names_are_said_once_in_a_file() -> None:
    for path in OURS:
        names = [case["name"] for case in cases_of(path)]
        assert len(names) == len(set(names)), path.name
