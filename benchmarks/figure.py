"""One measured figure, printed as one JSON line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Figure:
    """`name` is stable between releases; `of` says what was measured (sizes, counts, the reference beside it)."""

    name: str
    value: float
    unit: str
    of: dict[str, int | float | str] = field(default_factory=dict)

    def line(self) -> str:
        return json.dumps({**asdict(self), "value": round(self.value, 3)}, sort_keys=True)


def percentile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; raises ValueError when nothing was measured."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
