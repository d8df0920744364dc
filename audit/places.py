"""Giving entries their places in the tree: one sequencer at a time, each entry once, in one order for ever."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Max

from audit import rules
from audit.keys import seal_key
from audit.merkle import Frontier, perfect
from audit.models import Entry, Node, Place, Tree

BATCH = 2000
LOOK_BACK = 10_000
"""How many ids below the newest place are looked through again: an entry's id is given before its transaction
commits, so that a lower id may come into sight after a higher one has its place."""
SPAN = 256
"""Leaves, or nodes of the level below, under one stored node."""


def give_places(*, everything: bool = False) -> int:
    """Gives places to entries that have none and returns to how many; `everything` looks at all ids, however old.

    Each batch is one transaction under the lock on the tree's row, so that two sequencers take turns.
    """
    given = 0
    while True:
        with transaction.atomic():
            tree = _locked()
            entries = _unplaced(everything)
            if entries:
                _place(tree, entries)
        given += len(entries)
        if len(entries) < BATCH:
            return given


def _locked() -> Tree:
    Tree.objects.get_or_create(pk=1)
    return Tree.objects.select_for_update().get(pk=1)


def _unplaced(everything: bool) -> list[tuple[int, bytes]]:
    rows = Entry.objects.filter(place=None)
    if not everything:
        newest = Place.objects.aggregate(newest=Max("entry_id"))["newest"] or 0
        rows = rows.filter(pk__gt=newest - LOOK_BACK)
    return [(pk, bytes(leaf)) for pk, leaf in rows.order_by("pk").values_list("pk", "leaf")[:BATCH]]


def _place(tree: Tree, entries: Sequence[tuple[int, bytes]]) -> None:
    frontier = Frontier(tree.size, [bytes.fromhex(peak) for peak in tree.peaks])
    key = seal_key()
    Place.objects.bulk_create(
        [
            Place(index=index, entry_id=entry, leaf=leaf, seal=rules.place_seal(key, index, entry, leaf))
            for index, (entry, leaf) in enumerate(entries, tree.size)
        ]
    )
    for _, leaf in entries:
        frontier.append(leaf)
    _complete_nodes(tree.size, frontier.size)
    tree.size, tree.peaks = frontier.size, [peak.hex() for peak in frontier.peaks]
    tree.save()


def _complete_nodes(old: int, size: int) -> None:
    """Stores the subtrees that these leaves made whole, level by level."""
    level, before, now = 1, old // SPAN, size // SPAN
    while now > before:
        Node.objects.bulk_create(
            [Node(level=level, index=index, hash=perfect(_below(level, index))) for index in range(before, now)]
        )
        level, before, now = level + 1, before // SPAN, now // SPAN


def _below(level: int, index: int) -> list[bytes]:
    first = index * SPAN
    return row_hashes(level - 1, first, SPAN)


def row_hashes(level: int, first: int, count: int) -> list[bytes]:
    """The hashes of a level (0: leaves) from `first` on; fewer where there are no more."""
    if level == 0:
        rows = Place.objects.filter(index__gte=first, index__lt=first + count).order_by("index")
        return [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
    nodes = Node.objects.filter(level=level, index__gte=first, index__lt=first + count).order_by("index")
    return [bytes(one) for one in nodes.values_list("hash", flat=True)]


class Reader:
    """Reads hashes of stored subtrees, each block of 256 once: the proofs of a report share most of what they need."""

    def __init__(self) -> None:
        self._blocks: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, first: int, size: int) -> bytes:
        """The hash of a perfect subtree; LookupError where the tree does not hold what lies below it."""
        level, width = 0, 1
        while width * SPAN <= size:
            level, width = level + 1, width * SPAN
        place, count = first // width, size // width
        block = place // SPAN
        if (level, block) not in self._blocks:
            self._blocks[level, block] = row_hashes(level, block * SPAN, SPAN)
        hashes = self._blocks[level, block][place % SPAN :][:count]
        if len(hashes) != count:
            raise LookupError(f"the ledger's tree lacks nodes of level {level} from {place} on")
        return perfect(hashes)
