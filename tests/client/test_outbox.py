"""The outbox: what a person has written survives whatever ends the process, and nobody else reads it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from client.outbox import MOST_WAITING, Draft, Outbox, OutboxFull, OutboxInUse
from crypto.errors import Ct1Error
from crypto.primitives import random_bytes

KEY, DEVICE = bytes(range(32)), bytes(16)
THREAD, OTHER = b"t" * 32, b"u" * 32


def draft(text: str, thread: bytes = THREAD) -> Draft:
    return Draft(random_bytes(16), thread, 1, text.encode(), 7)


def opened(path: Path, device: bytes = DEVICE, key: bytes = KEY) -> Outbox:
    return Outbox(path, key, device)


def test_it_works(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "outbox")
    first, second = draft("One."), draft("Two.")
    assert outbox.add(first) and outbox.add(second)
    outbox.keep_wire(first.msg_id, b"sealed", 41)
    outbox.close()
    again = opened(tmp_path / "outbox")
    assert [one.body for one in again.drafts] == [b"One.", b"Two."]
    assert again.next_in(THREAD) is not None and again.next_in(THREAD).wire == b"sealed"  # type: ignore[union-attr]
    assert again.counter == 41
    assert again.drop(first.msg_id) and not again.drop(first.msg_id)
    assert again.next_in(THREAD) == second and again.next_in(OTHER) is None


def test_the_file_says_nothing_of_what_it_holds(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "outbox")
    outbox.add(draft("a word that is not to be found"))
    outbox.mark_done(THREAD, 3)
    outbox.close()
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"not to be found" not in held and THREAD not in held and THREAD.hex().encode() not in held


def test_another_persons_key_does_not_open_it(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "outbox")
    outbox.add(draft("mine"))
    outbox.close()
    with pytest.raises(Ct1Error):
        opened(tmp_path / "outbox", key=bytes(32))


def test_a_row_in_another_rows_place_is_refused(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "outbox")
    outbox.add(draft("one"))
    outbox.add(draft("two"))
    outbox.close()
    with closing(sqlite3.connect(tmp_path / "outbox", isolation_level=None)) as file:
        file.execute("UPDATE draft SET sealed = (SELECT sealed FROM draft WHERE number = 2) WHERE number = 1")
    with pytest.raises(Ct1Error):
        opened(tmp_path / "outbox")


def test_two_processes_do_not_share_one(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "outbox")
    with pytest.raises(OutboxInUse):
        opened(tmp_path / "outbox")
    outbox.close()


def test_what_is_no_outbox_is_refused(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_bytes(b"a letter" * 1000)
    with pytest.raises(OutboxInUse):
        opened(tmp_path / "outbox")


def test_the_same_id_is_kept_once(tmp_path: Path) -> None:
    outbox, one = opened(tmp_path / "outbox"), draft("once")
    assert outbox.add(one) and not outbox.add(one)
    assert len(outbox.drafts) == 1


def test_what_was_sealed_for_another_device_is_sealed_again(tmp_path: Path) -> None:
    outbox, one = opened(tmp_path / "outbox"), draft("moved")
    outbox.add(one)
    outbox.keep_wire(one.msg_id, b"for the old device", 9)
    outbox.close()
    assert [kept.wire for kept in opened(tmp_path / "outbox", device=b"d" * 16).drafts] == [b""]


def test_a_failed_one_lets_the_next_go_and_waits_for_its_persons_word(tmp_path: Path) -> None:
    outbox, one, two = opened(tmp_path / "outbox"), draft("refused"), draft("next")
    outbox.add(one)
    outbox.add(two)
    outbox.fail(one.msg_id, "E_SCOPE")
    assert outbox.next_in(THREAD) == two
    outbox.retry(one.msg_id)
    assert outbox.next_in(THREAD) == one


def test_marks_only_go_up(tmp_path: Path) -> None:
    outbox = opened(tmp_path / "outbox")
    outbox.mark_done(THREAD, 9)
    outbox.mark_done(THREAD, 4)
    outbox.close()
    again = opened(tmp_path / "outbox")
    assert (again.done_with(THREAD), again.done_with(OTHER)) == (9, 0)


def test_it_has_an_end() -> None:
    outbox = Outbox(":memory:", KEY, DEVICE)
    for number in range(MOST_WAITING):
        outbox.add(Draft(number.to_bytes(16, "big"), THREAD, 1, b"", 0))
    with pytest.raises(OutboxFull):
        outbox.add(draft("one too many"))
