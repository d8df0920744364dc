from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction

from audit.access import PAGE, entries_about
from audit.actions import record
from audit.models import Entry
from audit.rules import leaf_hash

pytestmark = [pytest.mark.django_db, pytest.mark.server]


def test_it_works() -> None:
    patient, actor = uuid4(), uuid4()
    record(actor=actor, verb="thread.read", patient=patient, basis=["d1"], detail={"messages": 3})
    (entry,) = entries_about(patient)
    assert (entry.actor, entry.verb, entry.outcome, entry.basis) == (actor, "thread.read", "done", ["d1"])
    assert bytes(entry.leaf) == leaf_hash(entry.content())


def test_the_database_refuses_to_change_an_entry() -> None:
    record(actor=None, verb="thread.read", patient=uuid4())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.update(verb="nothing")
    assert Entry.objects.get().verb == "thread.read"


def test_the_database_refuses_to_remove_an_entry() -> None:
    record(actor=None, verb="thread.read", patient=uuid4())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Entry.objects.all().delete()
    assert Entry.objects.count() == 1


def test_what_is_rolled_back_leaves_no_entry() -> None:
    def act_and_fail() -> None:
        with transaction.atomic():
            record(actor=None, verb="thread.read", patient=uuid4())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act_and_fail()
    assert Entry.objects.count() == 0


def test_a_patient_sees_entries_about_themselves_alone_newest_first_and_by_pages() -> None:
    mine, theirs = uuid4(), uuid4()
    for number in range(PAGE + 5):
        record(actor=None, verb="thread.read", patient=mine, detail={"n": number})
        record(actor=None, verb="thread.read", patient=theirs)
    first = entries_about(mine, limit=10_000)
    rest = entries_about(mine, before=first[-1].pk)
    assert [entry.detail["n"] for entry in [*first, *rest]] == list(range(PAGE + 4, -1, -1))
    assert {entry.patient for entry in [*first, *rest]} == {mine}


def test_an_entry_that_differs_in_one_field_has_another_leaf() -> None:
    record(actor=None, verb="thread.read", patient=uuid4())
    entry = Entry.objects.get()
    assert leaf_hash({**entry.content(), "outcome": "deny"}) != bytes(entry.leaf)
