"""Both directions at once: the client is asked Python's vectors, and Python reads what the client makes afresh."""

from __future__ import annotations

import json
from pathlib import Path

from tests.crypto.node import node
from tests.crypto.test_vectors import HERE, OURS, cases_of, disagreements


def test_it_works(tmp_path: Path) -> None:
    made = tmp_path / "from_client.json"
    made.write_text(node("speak.mjs"), encoding="utf-8")
    assert len(cases_of(made)) > 20
    assert disagreements(made) == []


def test_the_client_answers_every_vector_as_python_does() -> None:
    asked = sum(len(cases_of(path)) for path in OURS)
    assert node("vectors.mjs", *map(str, OURS)).splitlines() == [f"{asked} asked"]


def test_a_wrong_expectation_does_not_pass(tmp_path: Path) -> None:
    wrong = json.loads((HERE / "encoding.json").read_text(encoding="utf-8"))
    wrong["cases"][0]["expect"] = "E_ENC"
    path = tmp_path / "wrong.json"
    path.write_text(json.dumps(wrong), encoding="utf-8")
    assert len(disagreements(path)) == 1
    assert len(node("vectors.mjs", str(path)).splitlines()) == 2


def test_files_that_the_client_made_are_read_too() -> None:
    kept = sorted((HERE / "from_typescript").glob("*.json"))
    assert [found for path in kept for found in disagreements(path)] == []
