"""Which actions were put to the decision while a door was asked: the real decision, overheard."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from consent import model, rules
from messaging.footing import footings
from messaging.permits import permits


@contextmanager
def overhearing() -> Iterator[list[tuple[str, model.Decision]]]:
    """(action, decision) of each question, in order; what messaging has kept from before is forgotten first."""
    heard: list[tuple[str, model.Decision]] = []
    real = rules.decide

    def overheard(snapshot: model.Snapshot, request: model.Request) -> model.Decision:
        decision = real(snapshot, request)
        heard.append((request.action, decision))
        return decision

    permits.forget()
    footings.forget()
    with pytest.MonkeyPatch.context() as patch:
        for module in list(sys.modules.values()):
            if getattr(module, "decide", None) is real and module is not rules:
                patch.setattr(module, "decide", overheard)
        yield heard
