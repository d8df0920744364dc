"""Sensitivity labels: which are protected, and which lie within which (HL7 v3 ActCode; docs/consent.md)."""

from __future__ import annotations

from functools import lru_cache

from consent.model import LABEL_WITHIN, UNPROTECTED_LABELS

_NONE: frozenset[str] = frozenset()


def protected(labels: frozenset[str]) -> frozenset[str]:
    """The labels that a permit must cover."""
    return labels - UNPROTECTED_LABELS


@lru_cache(maxsize=4096)
def labels_reached(labels: frozenset[str]) -> frozenset[str]:
    """The labels and every wider code they lie within: a deny on ETH reaches ETHUD."""
    return labels.union(*(LABEL_WITHIN.get(label, _NONE) for label in labels))


def covering(label: str) -> frozenset[str]:
    """The codes by which a permit reaches an item with this label: its own, and any wider one."""
    return labels_reached(frozenset({label}))
