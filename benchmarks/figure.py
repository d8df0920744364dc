"""One measured figure, printed as one JSON line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True)
class Figure:
    """`name` is stable between releases; `of` says what was measured (sizes, counts, the reference beside it).

    Where there is a target the value should be at least `least`, or at most `most`.
    """

    name: str
    value: float
    unit: str
    of: dict[str, int | float | str] = field(default_factory=dict)
    least: float | None = None
    most: float | None = None

    def line(self) -> str:
        """One JSON object; with a target it has `target` and `met`."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        said["value"] = round(self.value, 3)
        if self.least is not None:
            said |= {"target": f">= {said.pop('least'):g}", "met": self.value >= self.least}
        if self.most is not None:
            said |= {"target": f"<= {said.pop('most'):g}", "met": self.value <= self.most}
        return json.dumps(said, sort_keys=True)


def percentile(samples: Sequence[float], share: float) -> float:
    """The nearest-rank percentile; raises ValueError when nothing was measured."""
    if not samples:
        raise ValueError("no samples")
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
