"""Scores a questionnaire from its data file, as frontend/src/model/scoring.ts does: the same cases hold both.

The file of an instrument (records/instruments/<id>.json) carries its text, credit, LOINC codes, bands and alerts.
There is no total unless every scored item is answered; an item's own alert does not wait for the rest, because
somebody who stops after "thoughts of being better off dead" has still said it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypedDict, cast

INSTRUMENTS = Path(__file__).parent / "instruments"


class Answer(TypedDict):
    code: str
    text: str
    value: int


class Item(TypedDict):
    id: str
    code: str
    text: str


class OwnItem(Item):
    answers: list[Answer]


Band = TypedDict("Band", {"from": int, "to": int, "name": str})


class Alert(TypedDict):
    kind: Literal["item", "total", "rise"]
    item: str
    at_least: int
    text: str


class Instrument(TypedDict):
    id: str
    version: str
    name: str
    items: list[Item]
    unscored: list[OwnItem]
    answers: list[Answer]
    bands: list[Band]
    alerts: list[Alert]


@dataclass(frozen=True)
class Score:
    """What the answers come to; `total` and `band` are None while a scored item is unanswered.

    `alerts` are the kinds that fired, in the file's order: "item:9", "total", "rise".
    """

    total: int | None
    band: str | None
    missing: tuple[str, ...]
    alerts: tuple[str, ...]


@cache
def instrument(name: str) -> Instrument:
    """The instrument of that id; raises LookupError for one that is not shipped."""
    shipped = {path.stem: path for path in INSTRUMENTS.glob("*.json")}
    if name not in shipped:
        raise LookupError(f"no instrument {name}")
    return cast(Instrument, json.loads(shipped[name].read_text()))


def score(chosen: Instrument, answers: Mapping[str, int], *, previous: int | None = None) -> Score:
    """Scores item id → value; `previous` is the last total, for the rise alert.

    Raises ValueError for an item the instrument does not have or a value that is none of its answers.
    """
    allowed = {item["id"]: {answer["value"] for answer in chosen["answers"]} for item in chosen["items"]}
    allowed |= {item["id"]: {answer["value"] for answer in item["answers"]} for item in chosen["unscored"]}
    for item, value in answers.items():
        if item not in allowed:
            raise ValueError(f"{chosen['id']} has no item {item}")
        if isinstance(value, bool) or value not in allowed[item]:
            raise ValueError(f"{value} is no answer to item {item} of {chosen['id']}")
    missing = tuple(item["id"] for item in chosen["items"] if item["id"] not in answers)
    total = None if missing else sum(answers[item["id"]] for item in chosen["items"])
    return Score(total, _band(chosen, total), missing, _alerts(chosen, answers, total, previous))


def _band(chosen: Instrument, total: int | None) -> str | None:
    if total is None:
        return None
    return next(band["name"] for band in chosen["bands"] if band["from"] <= total <= band["to"])


def _alerts(chosen: Instrument, answers: Mapping[str, int], total: int | None, previous: int | None) -> tuple[str, ...]:
    fired: list[str] = []
    for alert in chosen["alerts"]:
        if alert["kind"] == "item":
            if answers.get(alert["item"], 0) >= alert["at_least"]:
                fired.append(f"item:{alert['item']}")
        elif total is None:
            continue
        elif alert["kind"] == "total":
            if total >= alert["at_least"]:
                fired.append("total")
        elif previous is not None and total - previous >= alert["at_least"]:
            fired.append("rise")
    return tuple(fired)
