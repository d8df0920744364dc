"""Vectors that the client made: Python must read what TypeScript wrote, and refuse what it refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crypto.test_vectors import HERE, cases_of, disagreements

THEIRS = sorted((HERE / "from_typescript").glob("*.json"))


def test_there_are_some() -> None:
    assert sum(len(cases_of(path)) for path in THEIRS) > 0


@pytest.mark.parametrize("path", THEIRS, ids=lambda path: path.stem)
def test_it_works(path: Path) -> None:
    assert disagreements(path) == []
