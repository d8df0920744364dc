"""Consents after IHE PCF as hospitals send them, one a file in tests/interop/data."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
NAMES = sorted(path.stem for path in FOLDER.glob("*-*.json"))


def example(name: str) -> dict[str, Any]:
    """A fresh copy of an example."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found
