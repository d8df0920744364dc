import json
from pathlib import Path
from typing import Any

import pytest

from consent.cases import main, mismatch

FILE = Path(__file__).parent / "cases.json"
CASES: list[dict[str, Any]] = json.loads(FILE.read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['n']} {case['title'][:60]}")
def test_the_case_is_decided_as_agreed(case: dict[str, Any]) -> None:
    assert mismatch(case) is None


def test_a_file_of_agreed_cases_ends_with_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(FILE)]) == 0
    assert capsys.readouterr().out == f"{len(CASES)} passed, 0 failed\n"


def test_a_mismatch_is_one_line_a_count_and_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text(json.dumps([{**CASES[0], "expect": "deny"}, {"n": 99, "request": {}}, CASES[1]]))
    assert main([str(wrong)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("case 1: expected ('deny'")
    assert lines[1].startswith("case 99: cannot be read")
    assert lines[2] == "1 passed, 2 failed"


@pytest.mark.parametrize("arguments", [[], ["a", "b"], ["/nowhere/at/all.json"]])
def test_a_wrong_call_is_refused_with_2(arguments: list[str]) -> None:
    assert main(arguments) == 2
