"""By whose word a person may be in a call, for the roster."""

from __future__ import annotations

from collections.abc import Sequence

from wire.conference import Permission


def permissions_of(basis: Sequence[str]) -> list[Permission]:
    return []
