"""Sealed bytes on disk: they grow in a file of their own, become a blob by one rename, and end at once.

How far an upload has come is the length of its file and stands nowhere else: nothing can disagree with it after a
crash. Several web processes of one host, or of several over one shared disk, keep out of each other's way by `flock`.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from wire.attachments import AttachmentCode
from wire.errors import Code, Conflict, TooLarge, Unavailable

_READ = 1_048_576
_PART = ".part"


class Blobs:
    """The blobs of one folder, by the UUIDs that name them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def _path(self, name: UUID) -> Path:
        return self._folder / name.hex[:2] / name.hex

    def _part(self, name: UUID) -> Path:
        return self._path(name).with_suffix(_PART)

    def received(self, name: UUID) -> int:
        """How many bytes are there, from the first on."""
        for path in (self._path(name), self._part(name)):
            with suppress(FileNotFoundError):
                return path.stat().st_size
        return 0

    def write(self, name: UUID, offset: int, piece: bytes, size: int) -> int:
        """Takes a piece at its place and answers how many bytes are there; what came before may come again.

        Raises Conflict for one that leaves a gap or differs from what came before, TooLarge for one that ends beyond
        `size`, Unavailable when the disk is full; then nothing of it is kept.
        """
        if offset + len(piece) > size:
            raise TooLarge("The file is longer than it was said to be.", re="size")
        with self._locked(name) as part:
            held = part.seek(0, os.SEEK_END)
            if offset > held:
                raise Conflict("An earlier piece is missing.", code=AttachmentCode.OUT_OF_ORDER, re=str(held))
            part.seek(offset)
            if part.read(min(held - offset, len(piece))) != piece[: held - offset]:
                raise Conflict("Other bytes came here before.", code=AttachmentCode.DIFFERS, re=str(held))
            _append(part, held, piece[held - offset :])
            return max(held, offset + len(piece))

    def finish(self, name: UUID, size: int, expected: bytes) -> bool:
        """Makes a blob of what came, durably; False, and all of it is forgotten, when its hash is another.

        Repeated, it answers the same. Raises Conflict while bytes are missing.
        """
        path = self._path(name)
        if path.exists():
            return _hash_of(path) == expected
        with self._locked(name) as part:
            held = part.seek(0, os.SEEK_END)
            if held != size:
                raise Conflict("Not all of the file is there.", code=AttachmentCode.INCOMPLETE, re=str(held))
            if _hash_of(self._part(name)) != expected:
                part.truncate(0)
                return False
            os.fsync(part.fileno())
            self._part(name).rename(path)
        _sync_folder(path.parent)
        return True

    def read(self, name: UUID, start: int, end: int) -> bytes:
        """The bytes from `start` up to `end` of a blob; fewer where it is shorter or was destroyed meanwhile."""
        try:
            with self._path(name).open("rb") as blob:
                blob.seek(start)
                return blob.read(end - start)
        except FileNotFoundError:
            return b""

    def destroy(self, name: UUID) -> None:
        """Removes whatever there is of it; repeated, it does nothing."""
        for path in (self._path(name), self._part(name)):
            path.unlink(missing_ok=True)

    def names(self, older_than: float) -> Iterator[UUID]:
        """Every name that has bytes on disk which were last written so many seconds ago, in no order."""
        before = time.time() - older_than
        for path in self._folder.glob("??/*"):
            with suppress(ValueError, FileNotFoundError):
                if path.stat().st_mtime < before:
                    yield UUID(hex=path.stem)

    @contextmanager
    def _locked(self, name: UUID) -> Iterator[BinaryIO]:
        """The growing file, for one request at a time; raises Unavailable while another is at it."""
        path = self._part(name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Never with "w": of two that open it first, the second would empty what the first has written.
        with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as part:
            try:
                fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Unavailable("A piece of this file is just being written.", code=Code.BUSY) from error
            # Between opening and locking it may have become a blob, or have been destroyed.
            if not _is_at(path, part):
                raise Unavailable("The file is just being finished.", code=Code.BUSY)
            yield part


def _is_at(path: Path, part: BinaryIO) -> bool:
    """Whether an open file is still the one that its path names."""
    with suppress(FileNotFoundError):
        return os.fstat(part.fileno()).st_ino == path.stat().st_ino
    return False


def _append(part: BinaryIO, held: int, rest: bytes) -> None:
    try:
        part.seek(held)
        part.write(rest)
        part.flush()
    except OSError as error:
        # A torn piece would be repeated as if it were whole.
        part.truncate(held)
        raise Unavailable("There is no room for files just now.", code=AttachmentCode.DISK_FULL) from error


def _hash_of(path: Path) -> bytes:
    state = hashlib.blake2b(digest_size=32)
    with path.open("rb") as file:
        while block := file.read(_READ):
            state.update(block)
    return state.digest()


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
