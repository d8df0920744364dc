"""Scoring, by the cases that the web client's scoring is held to as well (cases.json)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from records.scoring import instrument, score

CASES = json.loads(Path(__file__).with_name("cases.json").read_text())
SHIPPED = ("phq9", "gad7")


def test_it_works() -> None:
    scored = score(instrument("phq9"), {str(item): 1 for item in range(1, 10)})
    assert (scored.total, scored.band, scored.alerts) == (9, "Mild", ("item:9",))


@pytest.mark.parametrize("case", CASES["scored"], ids=lambda case: case["name"])
def test_it_scores(case: dict[str, Any]) -> None:
    scored = score(instrument(case["instrument"]), case["answers"], previous=case["previous"])
    found = {
        "total": scored.total,
        "band": scored.band,
        "missing": list(scored.missing),
        "alerts": list(scored.alerts),
    }
    assert found == case["expect"]


@pytest.mark.parametrize("case", CASES["refused"], ids=lambda case: case["name"])
def test_it_refuses(case: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        score(instrument(case["instrument"]), case["answers"])


def test_it_refuses_an_instrument_that_is_not_shipped() -> None:
    with pytest.raises(LookupError):
        instrument("../../etc/passwd")


@pytest.mark.parametrize("name", SHIPPED)
def test_the_bands_cover_every_total_once(name: str) -> None:
    chosen = instrument(name)
    highest = len(chosen["items"]) * max(answer["value"] for answer in chosen["answers"])
    covered = [total for band in chosen["bands"] for total in range(band["from"], band["to"] + 1)]
    assert covered == list(range(highest + 1))


@pytest.mark.parametrize("name", SHIPPED)
def test_the_lowest_answer_is_not_at_all(name: str) -> None:
    assert instrument(name)["answers"][0] == {"code": "LA6568-5", "text": "Not at all", "value": 0}


@pytest.mark.parametrize("name", SHIPPED)
def test_every_loinc_code_has_its_check_digit(name: str) -> None:
    chosen = instrument(name)
    for item in [*chosen["items"], *chosen["unscored"]]:
        number, digit = item["code"].split("-")
        odd = str(int(number[::-1][0::2][::-1]) * 2)
        even = number[::-1][1::2][::-1]
        assert (10 - sum(int(char) for char in even + odd) % 10) % 10 == int(digit), item["code"]
