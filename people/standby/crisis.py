"""The crisis lines of a place, from a file with a version: who writes to people is no emergency service."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from wire.urgency import CrisisLines

_FILE = Path(__file__).with_name("crisis_v1.json")


@cache
def places() -> frozenset[str]:
    """The countries that the file names, as ISO 3166-1 codes."""
    return frozenset(_read()["places"]) - {""}


def lines_of(country: str) -> CrisisLines:
    """The lines of a country, or those that hold anywhere when the file does not name it."""
    held = _read()
    place = held["places"].get(country, held["places"][""])
    known = country if country in held["places"] else ""
    return CrisisLines.model_validate({"country": known, "version": held["version"], **place})


@cache
def _read() -> dict[str, dict[str, dict[str, object]]]:
    read: dict[str, dict[str, dict[str, object]]] = json.loads(_FILE.read_text())
    return read
