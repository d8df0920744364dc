"""Recomputes the whole ledger from its rows and names the first that is wrong."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db import connection

from audit import rules
from audit.keys import seal_key, signer
from audit.merkle import Frontier, perfect
from audit.models import Checkpoint, Node, Tree
from audit.note import NoteError, Statement, open_note
from audit.places import SPAN

CHUNK = 5000
_COLUMNS = (
    *("id", "at", "actor", "actor_org", "patient", "verb", "object_kind", "object_id"),
    *("outcome", "reason", "basis", "detail", "leaf", "seal"),
)
_OF_ENTRY = ", ".join(f"e.{name}" for name in _COLUMNS)
_PLACED = f"""SELECT p."index", p.entry_id, p.leaf, p.seal, {_OF_ENTRY}
    FROM audit_place p LEFT JOIN audit_entry e ON e.id = p.entry_id ORDER BY p."index" """  # noqa: S608
_UNPLACED = f"""SELECT {_OF_ENTRY} FROM audit_entry e
    LEFT JOIN audit_place p ON p.entry_id = e.id WHERE p."index" IS NULL ORDER BY e.id"""  # noqa: S608


class Wrong(Exception):
    """The first row that is not as it was written: which, and what is wrong with it."""


@dataclass(frozen=True)
class Verified:
    """A ledger in order: its size and root, and how many entries wait for a place."""

    size: int
    root: bytes
    waiting: int
    checkpoints: int


def verify(published: Iterable[str] = ()) -> Verified:
    """Recomputes entries, seals, places, nodes and checkpoints, and holds them against published notes too.

    Raises Wrong, naming the first wrong row in the order of the tree. Some 20 µs an entry, in bounded memory.
    """
    statements = _statements(published)
    frontier, whole = Frontier(), _Nodes()
    for row in _rows(_PLACED):
        leaf = _check_placed(frontier.size, row)
        frontier.append(leaf)
        whole.append(leaf)
        for statement in statements.pop(frontier.size, ()):
            if statement.root != frontier.root():
                raise Wrong(f"checkpoint at {statement.size}: its root is not that of the entries before it")
    whole.finish()
    if statements:
        raise Wrong(f"checkpoint at {min(statements)}: there are only {frontier.size} entries, some were removed")
    _check_tree(frontier)
    waiting = sum(1 for row in _rows(_UNPLACED) if _check_entry(row))
    return Verified(frontier.size, frontier.root(), waiting, Checkpoint.objects.count())


def _statements(published: Iterable[str]) -> dict[int, list[Statement]]:
    """By size, what was signed: the checkpoints that are kept, and those that came back from outside."""
    found: dict[int, list[Statement]] = {}
    kept = [(f"checkpoint at {row.size}", row.size, row.note) for row in Checkpoint.objects.order_by("size")]
    for name, size, note in [*kept, *(("a published checkpoint", None, note) for note in published)]:
        try:
            statement = open_note(note, signer())
        except NoteError as error:
            raise Wrong(f"{name}: {error}") from error
        if size is not None and statement.size != size:
            raise Wrong(f"{name}: it says {statement.size}")
        found.setdefault(statement.size, []).append(statement)
    for empty in found.pop(0, ()):
        if empty.root != Frontier().root():
            raise Wrong("checkpoint at 0: its root is not that of an empty tree")
    return found


def _rows(query: str) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(query)
        while rows := cursor.fetchmany(CHUNK):
            yield from rows


def _check_placed(expected: int, row: Sequence[Any]) -> bytes:
    """The leaf of the entry in this place; Wrong for a gap, a removed, exchanged, changed or foreign entry."""
    index, entry_id, leaf, seal, found = row[:5]
    if index != expected:
        raise Wrong(f"place {expected}: it was removed (the next that is there is {index})")
    if found is None:
        raise Wrong(f"entry {entry_id} (place {index}): the entry was removed")
    if bytes(seal) != rules.place_seal(seal_key(), index, entry_id, bytes(leaf)):
        raise Wrong(f"place {index}: entry {entry_id} was not given this place: re-ordered, changed or inserted")
    if _check_entry(row[4:]) != bytes(leaf):
        raise Wrong(f"entry {entry_id} (place {index}): it is not the entry that was given this place")
    return bytes(leaf)


def _check_entry(row: Sequence[Any]) -> bytes:
    """The entry's leaf, recomputed from what the row says; Wrong where it was changed or never written by us."""
    entry_id, leaf, seal = row[0], bytes(row[-2]), bytes(row[-1])
    if rules.leaf_hash(_content(row[1:-2])) != leaf:
        raise Wrong(f"entry {entry_id}: it was changed after it was written")
    if rules.seal_of(seal_key(), leaf) != seal:
        raise Wrong(f"entry {entry_id}: it was inserted, or written anew, without the ledger's key")
    return leaf


def _content(row: Sequence[Any]) -> dict[str, object]:
    """As Entry.content, from a row as the database gives it."""
    at, actor, actor_org, patient, verb, kind, object_id, outcome, reason, basis, detail = row
    return {
        "at": _micros(at),
        "actor": _hex(actor),
        "actor_org": _hex(actor_org),
        "patient": _hex(patient),
        "verb": verb,
        "object_kind": kind,
        "object_id": object_id,
        "outcome": outcome,
        "reason": reason,
        "basis": _json(basis),
        "detail": _json(detail),
    }


def _micros(at: Any) -> int:
    """A moment in microseconds; SQLite keeps text in UTC without a zone."""
    try:
        moment = datetime.fromisoformat(at) if isinstance(at, str) else at
        return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1_000_000)
    except (ValueError, AttributeError):
        return -1


def _hex(value: UUID | str | None) -> str:
    return value.hex if isinstance(value, UUID) else str(value or "")


def _json(value: Any) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return None


class _Nodes:
    """Recomputes stored subtrees as leaves pass by and compares; a level waits for 256 of the one below."""

    def __init__(self) -> None:
        self._pending: list[list[bytes]] = [[]]
        self._counted = [0]
        self._stored: dict[int, Iterator[tuple[int, bytes]]] = {}

    def append(self, leaf: bytes) -> None:
        level, hashed = 0, leaf
        while True:
            self._pending[level].append(hashed)
            if len(self._pending[level]) < SPAN:
                return
            hashed = perfect(self._pending[level])
            self._pending[level] = []
            level += 1
            if level == len(self._pending):
                self._pending.append([])
                self._counted.append(0)
            self._compare(level, hashed)
            self._counted[level] += 1

    def _compare(self, level: int, hashed: bytes) -> None:
        rows = self._stored.setdefault(level, _stored_nodes(level))
        index, stored = next(rows, (-1, b""))
        if (index, stored) != (self._counted[level], hashed):
            raise Wrong(f"node {self._counted[level]} of level {level}: it is not the hash of what lies below it")

    def finish(self) -> None:
        """Wrong for a stored node that nothing lies below."""
        for level, index in Node.objects.order_by("level", "index").values_list("level", "index").iterator(CHUNK):
            if level >= len(self._counted) or index >= self._counted[level]:
                raise Wrong(f"node {index} of level {level}: nothing lies below it")


def _stored_nodes(level: int) -> Iterator[tuple[int, bytes]]:
    rows = Node.objects.filter(level=level).order_by("index").values_list("index", "hash")
    return ((index, bytes(hashed)) for index, hashed in rows.iterator(CHUNK))


def _check_tree(frontier: Frontier) -> None:
    tree = Tree.objects.first()
    size, peaks = (tree.size, tree.peaks) if tree else (0, [])
    if size != frontier.size:
        raise Wrong(f"the tree's row: it counts {size} places, there are {frontier.size}")
    if [bytes.fromhex(peak) for peak in peaks] != frontier.peaks:
        raise Wrong("the tree's row: its peaks are not those of the places")
