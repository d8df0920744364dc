"""docs/protocol.md 8: every example is a frame of the wire, and every frame that a device may meet has one."""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
from typing import Any

import pytest

import wire
from config.environment import ROOT
from wire.base import Frame

TEXT = (ROOT / "docs" / "protocol.md").read_text().split("## 8. The socket")[1]
BLOCKS = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
EXAMPLES: list[dict[str, Any]] = [json.loads(line) for block in BLOCKS for line in block.splitlines()]


def frames() -> dict[str, type[Frame]]:
    """Every frame of the wire, by its type."""
    for module in pkgutil.iter_modules(wire.__path__):
        importlib.import_module(f"wire.{module.name}")
    return {str(one.model_fields["type"].default): one for one in Frame.__subclasses__()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: str(one["type"]))
def test_an_example_is_a_frame_with_all_its_fields(example: dict[str, Any]) -> None:
    kind = frames()[example["type"]]
    read = kind.model_validate(example)
    required = {name for name, field in kind.model_fields.items() if field.is_required()} | {"type"}
    assert required <= set(example)
    assert {name: value for name, value in json.loads(read.model_dump_json()).items() if name in example} == example


def test_every_frame_but_a_calls_has_an_example() -> None:
    shown = {str(one["type"]) for one in EXAMPLES}
    assert {name for name in frames() if not name.startswith("room.")} == shown


def test_every_close_code_is_there() -> None:
    from wire.errors import Close

    assert {str(int(code)) for code in Close} <= set(re.findall(r"^\| (\d{4}) ", TEXT, re.MULTILINE))
