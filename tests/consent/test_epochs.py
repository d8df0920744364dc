"""Posts that hold a patient's consent still do not keep the patient's own word from being written."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import connection, transaction

from consent.epochs import epoch_of, hold_epochs, raise_epoch
from tests.cast import Cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.server]
WAIT_S = 30


def waiting() -> int:
    """How many transactions wait for another one."""
    with connection.cursor() as cursor:
        # Within a transaction the activity of the first look would be shown for ever.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return int(cursor.fetchone()[0])


def until(holds: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def begun(act: Callable[[], object]) -> threading.Thread:
    """A transaction of its own in which this is done."""

    def run() -> None:
        try:
            with transaction.atomic():
                act()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_it_works(cast: Cast) -> None:
    raise_epoch(cast.patient.pk)
    with transaction.atomic():
        assert hold_epochs([cast.patient.pk])() == {cast.patient.pk: epoch_of(cast.patient.pk)}


def test_a_post_that_comes_after_the_patients_word_waits_for_it(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        # A transaction that writes is alone.
        return
    patient, order = cast.patient.pk, list[str]()
    before = raise_epoch(patient)

    def speak() -> None:
        raise_epoch(patient)
        order.append("word")

    def post() -> None:
        order.append(f"post under {hold_epochs([patient])()[patient] - before}")

    with transaction.atomic():
        hold_epochs([patient])()
        word = begun(speak)
        until(lambda: waiting() == 1, "the word waits for the post that is being written")
        late = begun(post)
        until(lambda: waiting() == 2 or not late.is_alive(), "the second post waits or is through")
    word.join(WAIT_S)
    late.join(WAIT_S)
    assert order == ["word", "post under 1"]


def test_one_patients_posts_keep_no_other_patients_word(cast: Cast) -> None:
    if connection.vendor != "postgresql":
        return
    before = epoch_of(cast.patient.pk)
    with transaction.atomic():
        hold_epochs([uuid4()])()
        begun(lambda: raise_epoch(cast.patient.pk)).join(WAIT_S)
    assert epoch_of(cast.patient.pk) == before + 1
