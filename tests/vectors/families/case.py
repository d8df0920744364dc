"""A vector before it is run, and small changes that must be noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Case:
    """What is asked of an operation (README.md), and the verdict."""

    name: str
    op: str
    given: dict[str, Any]
    expect: str = "ok"


def flipped(data: bytes, at: int = -1) -> bytes:
    """The bytes with one bit changed."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def changed(case: Case, name: str, expect: str, **given: Any) -> Case:
    """The same question with other arguments."""
    return Case(name, case.op, {**case.given, **given}, expect)
