"""Tables of Consents and expected answers, as cases that consent.cases runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from consent import cases
from interop.consent_cases import UNLIKE, main, translate
from tests.interop.examples import FOLDER, example

TABLE = FOLDER / "table.json"


def table() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(TABLE.read_text(encoding="utf-8"))
    return found


def test_it_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(TABLE)]) == 0
    shown = capsys.readouterr()
    assert shown.err.strip() == f"{len(table())} translated, 0 of them decided otherwise, 0 refused"
    made = tmp_path / "cases.json"
    made.write_text(shown.out, encoding="utf-8")
    assert cases.main([str(made)]) == 0
    assert capsys.readouterr().out.strip() == f"{len(table())} passed, 0 failed"


def test_a_row_that_is_decided_otherwise_is_a_case_that_fails() -> None:
    row = table()[0] | {"expect": "deny"}
    found = translate([row], "pcf")
    assert (found.cases[0]["reason"], len(found.unlike)) == (UNLIKE, 1)
    assert cases.mismatch(found.cases[0]) is not None


def test_a_row_that_cannot_be_held_is_refused_with_its_path() -> None:
    row = table()[0]
    row["consent"]["provision"]["code"] = [{"text": "x"}]
    found = translate([row], "pcf")
    assert found.cases == []
    assert found.refused[0].startswith("row 1: Consent.provision.code[0]: code-not-held")


def test_policies_are_held_when_somebody_vouches_for_them() -> None:
    row = table()[0]
    row["consent"]["policy"] = [{"uri": "https://other.example/basic"}]
    assert translate([row], "pcf").cases == []
    assert len(translate([row], "pcf", frozenset({"https://other.example/basic"})).cases) == 1


def test_several_consents_of_one_patient_count_together() -> None:
    row = {
        "consent": [example("basic-treatment"), example("basic-reject")],
        "request": {"actor": "samuel", "now": "2026-06-01T00:00:00Z"},
        "expect": "deny",
    }
    assert translate([row], "pcf").cases[0]["reason"] == "CONSENT_DENY"


@pytest.mark.parametrize("row", [{}, {"consent": {}, "request": {}, "expect": "perhaps"}, {"consent": 7}])
def test_what_is_no_row_is_refused(row: dict[str, Any]) -> None:
    assert translate([row], "pcf").refused


def test_what_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "no.json").write_text("{}", encoding="utf-8")
    assert main([str(tmp_path / "no.json")]) == 2
    assert main([str(tmp_path / "absent.json")]) == 2
