"""Bytes on disk: they grow in order, become a blob at once or not at all, and no two requests write at a time."""

from __future__ import annotations

import fcntl
import os
import time
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messaging.attachments.storage import Blobs
from wire.errors import ConsiliumError

WHOLE = bytes(range(256)) * 4


def hash_of(content: bytes) -> bytes:
    return blake2b(content, digest_size=32).digest()


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE))), max_size=30))
def test_whatever_pieces_come_what_is_there_is_the_beginning_of_the_file(pieces: list[tuple[int, int]]) -> None:
    with TemporaryDirectory() as folder:
        blobs, name, there = Blobs(Path(folder)), uuid4(), 0
        for offset, length in pieces:
            piece = WHOLE[offset : offset + length]
            if offset > there:
                with pytest.raises(ConsiliumError) as refusal:
                    blobs.write(name, offset, piece, len(WHOLE))
                assert (refusal.value.code, refusal.value.re) == ("out_of_order", str(there))
            else:
                there = max(there, offset + len(piece))
                assert blobs.write(name, offset, piece, len(WHOLE)) == there
            assert blobs.received(name) == there
        blobs.write(name, there, WHOLE[there:], len(WHOLE))
        assert blobs.finish(name, len(WHOLE), hash_of(WHOLE))
        assert blobs.read(name, 0, len(WHOLE)) == WHOLE
        assert blobs.finish(name, len(WHOLE), hash_of(WHOLE))


def test_while_one_writes_another_is_told_to_wait(tmp_path: Path) -> None:
    blobs, name = Blobs(tmp_path), uuid4()
    blobs.write(name, 0, WHOLE[:10], len(WHOLE))
    [part] = tmp_path.glob("*/*")
    with part.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        with pytest.raises(ConsiliumError) as writing:
            blobs.write(name, 10, b"x", len(WHOLE))
        with pytest.raises(ConsiliumError) as finishing:
            blobs.finish(name, 10, bytes(32))
        assert (writing.value.status, writing.value.code) == (503, "busy")
        assert finishing.value.code == "busy"
    assert blobs.write(name, 10, WHOLE[10:20], len(WHOLE)) == 20


def test_a_blob_is_never_there_in_part(tmp_path: Path) -> None:
    blobs, name = Blobs(tmp_path), uuid4()
    blobs.write(name, 0, WHOLE, len(WHOLE))
    assert blobs.read(name, 0, 10) == b""
    assert not blobs.finish(name, len(WHOLE), bytes(32))
    assert blobs.received(name) == 0
    assert blobs.read(name, 0, 10) == b""


def test_what_is_destroyed_is_gone_whole_or_not(tmp_path: Path) -> None:
    blobs, whole, part = Blobs(tmp_path), uuid4(), uuid4()
    blobs.write(whole, 0, WHOLE, len(WHOLE))
    blobs.finish(whole, len(WHOLE), hash_of(WHOLE))
    blobs.write(part, 0, WHOLE[:7], len(WHOLE))
    for name in (whole, part, uuid4()):
        blobs.destroy(name)
        assert blobs.received(name) == 0
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_old_names_are_found_and_new_ones_are_not(tmp_path: Path) -> None:
    blobs, old, new = Blobs(tmp_path), uuid4(), uuid4()
    for name in (old, new):
        blobs.write(name, 0, WHOLE, len(WHOLE))
    [path] = tmp_path.glob(f"*/{old.hex}.part")
    os.utime(path, (time.time() - 1000, time.time() - 1000))
    (tmp_path / "ab").mkdir(exist_ok=True)
    (tmp_path / "ab" / "no name of ours").touch()
    assert list(blobs.names(older_than=500)) == [old]


def test_files_are_for_the_servers_account_alone(tmp_path: Path) -> None:
    blobs, name = Blobs(tmp_path), uuid4()
    blobs.write(name, 0, WHOLE, len(WHOLE))
    [path] = tmp_path.glob("*/*")
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
