"""Whatever is done to the ledger behind the product's back is found, and the first wrong row is named."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction
from django.db.models import Model, QuerySet

from audit import merkle, triggers
from audit.actions import record
from audit.checkpoints import Inconsistent, make_checkpoint
from audit.keys import signer
from audit.models import Checkpoint, Entry, Node, Place, Publication, Tree
from audit.note import NoteError, Signer, open_note, sign_note
from audit.places import Reader, give_places
from audit.rules import leaf_hash
from audit.verify import Wrong, verify

pytestmark = [pytest.mark.django_db, pytest.mark.server]


@contextmanager
def behind_its_back() -> Iterator[None]:
    """With the database's own rights, and without its triggers."""
    triggers.drop(connection)
    try:
        yield
    finally:
        triggers.create(connection)


def strike(rows: QuerySet[Model]) -> None:
    """Removes rows as SQL would, past Django's own care for what refers to them."""
    rows._raw_delete(rows.db)


def write(count: int) -> None:
    for number in range(count):
        record(actor=uuid4(), verb="thread.read", patient=uuid4(), basis=["d1"], detail={"count": number})


@pytest.fixture
def ledger() -> list[int]:
    """Ten entries in the tree under a checkpoint, then five more under a second; their ids in order."""
    write(10)
    make_checkpoint()
    write(5)
    make_checkpoint()
    return list(Entry.objects.order_by("pk").values_list("pk", flat=True))


def test_it_works(ledger: list[int]) -> None:
    record(actor=None, verb="thread.read", patient=None)
    found = verify()
    assert (found.size, found.waiting, found.checkpoints) == (15, 1, 2)
    assert open_note(Checkpoint.objects.get(size=15).note, signer()).root == found.root


def test_more_than_one_stored_node_is_recomputed() -> None:
    write(600)
    make_checkpoint()
    assert Node.objects.count() == 2
    verify()
    leaf = bytes(Place.objects.get(index=599).leaf)
    root = open_note(Checkpoint.objects.get().note, signer()).root
    proof = merkle.inclusion_proof(Reader().subtree, 599, 600)
    assert merkle.includes(leaf, 599, 600, proof, root)


def change(ledger: list[int]) -> None:
    Entry.objects.filter(pk=ledger[6]).update(verb="nothing.happened")


def change_with_its_hash(ledger: list[int]) -> None:
    entry = Entry.objects.get(pk=ledger[6])
    entry.verb = "nothing.happened"
    Entry.objects.filter(pk=entry.pk).update(verb=entry.verb, leaf=merkle.hash_leaf(b"forged"))


def remove(ledger: list[int]) -> None:
    strike(Entry.objects.filter(pk=ledger[6]))


def remove_with_its_place(ledger: list[int]) -> None:
    strike(Place.objects.filter(entry_id=ledger[6]))
    strike(Entry.objects.filter(pk=ledger[6]))


def insert(ledger: list[int]) -> None:
    entry = Entry.objects.get(pk=ledger[6])
    entry.pk = None
    entry.verb = "forged.read"
    entry.leaf = merkle.hash_leaf(b"forged")
    entry.save(force_insert=True)


def reorder(ledger: list[int]) -> None:
    one, other = Place.objects.get(entry_id=ledger[6]), Place.objects.get(entry_id=ledger[7])
    strike(Place.objects.filter(pk__in=[one.pk, other.pk]))
    for place, moved in ((one, other), (other, one)):
        Place.objects.create(index=place.pk, entry_id=moved.entry_id, leaf=moved.leaf, seal=moved.seal)


def forge_a_node_row(ledger: list[int]) -> None:
    Node.objects.create(level=1, index=0, hash=merkle.hash_leaf(b"forged"))


def forge_the_trees_row(ledger: list[int]) -> None:
    Tree.objects.update(size=14)


def forge_a_checkpoint(ledger: list[int]) -> None:
    other = Signer.of(signer().name, b"e" * 32)
    row = Checkpoint.objects.get(size=10)
    note = sign_note(open_note(row.note, signer()), other)
    Checkpoint.objects.filter(pk=row.pk).update(note=note)


@pytest.mark.parametrize(
    ("done", "named"),
    [
        (change, "entry {6}: it was changed"),
        (change_with_its_hash, "entry {6}: it was changed"),
        (remove, r"entry {6} \(place 6\): the entry was removed"),
        (remove_with_its_place, "place 6: it was removed"),
        (insert, r"entry \d+: it was changed|entry \d+: it was inserted"),
        (reorder, "place 6: entry {7} was not given this place"),
        (forge_a_node_row, "node 0 of level 1: nothing lies below"),
        (forge_the_trees_row, "the tree's row: it counts 14 places, there are 15"),
        (forge_a_checkpoint, "checkpoint at 10: this log's key has not signed"),
    ],
)
def test_what_was_done_is_found_and_named(ledger: list[int], done: Callable[[list[int]], None], named: str) -> None:
    with behind_its_back():
        done(ledger)
    with pytest.raises(Wrong, match=named.replace("{6}", str(ledger[6])).replace("{7}", str(ledger[7]))):
        verify()


def test_an_entry_that_was_inserted_with_its_right_hash_lacks_the_seal(ledger: list[int]) -> None:
    entry = Entry.objects.get(pk=ledger[6])
    entry.pk, entry.verb = None, "forged.read"
    entry.leaf = leaf_hash(entry.content())
    with behind_its_back():
        entry.save(force_insert=True)
    with pytest.raises(Wrong, match=f"entry {entry.pk}: it was inserted"):
        verify()
    give_places()
    with pytest.raises(Wrong, match=f"entry {entry.pk}: it was inserted"):
        verify()


def test_a_tail_that_was_cut_off_is_missed_by_what_was_published(ledger: list[int]) -> None:
    published = Checkpoint.objects.get(size=15).note
    with behind_its_back():
        strike(Place.objects.filter(index__gte=10))
        strike(Entry.objects.filter(pk__in=ledger[10:]))
        strike(Publication.objects.filter(checkpoint__size=15))
        strike(Checkpoint.objects.filter(size=15))
        frontier = merkle.Frontier()
        for leaf in Place.objects.order_by("index").values_list("leaf", flat=True):
            frontier.append(bytes(leaf))
        Tree.objects.update(size=10, peaks=[peak.hex() for peak in frontier.peaks])
    assert verify().size == 10
    with pytest.raises(Wrong, match="checkpoint at 15: there are only 10 entries"):
        verify([published])


def test_nothing_is_signed_over_a_past_that_was_rewritten(ledger: list[int]) -> None:
    with behind_its_back():
        frontier = merkle.Frontier()
        for number in range(15):
            frontier.append(merkle.hash_leaf(bytes([number])))
        Place.objects.filter(index=3).update(leaf=merkle.hash_leaf(b"forged"))
        Tree.objects.update(peaks=[peak.hex() for peak in frontier.peaks])
    write(1)
    with pytest.raises(Inconsistent):
        make_checkpoint()
    assert Checkpoint.objects.count() == 2


def test_a_checkpoint_of_another_key_or_name_or_none_is_refused() -> None:
    write(1)
    note = make_checkpoint().note
    with pytest.raises(NoteError, match="has not signed"):
        open_note(note, Signer.of(signer().name, b"x" * 32))
    with pytest.raises(NoteError, match="another log"):
        open_note(note, Signer.of("another/log", b"x" * 32))
    with pytest.raises(NoteError, match="does not verify"):
        open_note(note.replace("\n1\n", "\n2\n", 1), signer())
    for damaged in ("", "consilium/ledger", note.replace("\n\n", "\n"), "x" * 5000):
        with pytest.raises(NoteError):
            open_note(damaged, signer())


def test_two_checkpoints_of_one_size_are_one(ledger: list[int]) -> None:
    assert make_checkpoint().pk == make_checkpoint().pk


def test_the_database_keeps_the_tree_too(ledger: list[int]) -> None:
    for rows in (Place.objects, Checkpoint.objects):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            strike(rows.all())


def test_the_command_says_what_is_wrong_in_one_line(
    ledger: list[int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    notes = tmp_path / "checkpoints"
    notes.write_text("\n".join(row.note for row in Checkpoint.objects.order_by("size")) + "\n", encoding="utf-8")
    call_command("verify_ledger", checkpoints=[str(notes)])
    assert "15 entries in the tree, 0 waiting for their place, 2 checkpoints, 2 from outside" in capsys.readouterr().out
    with behind_its_back():
        change(ledger)
    with pytest.raises(CommandError, match=f"NOT as it was written. entry {ledger[6]}"):
        call_command("verify_ledger")
    with pytest.raises(CommandError, match="missing"):
        call_command("verify_ledger", checkpoints=[str(tmp_path / "missing")])
