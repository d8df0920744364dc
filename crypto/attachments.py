"""Files as they are sealed: measures that everybody may compute, the server too, and the sealing itself.

Opening one is crypto.opening's, which no server app may import.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crypto import tables
from crypto.encoding import Writer
from crypto.errors import Ct1Error
from crypto.primitives import (
    KEY_BYTES,
    NONCE_BYTES,
    Stream,
    StreamHash,
    domain,
    random_bytes,
)
from crypto.sealing import Random
from crypto.tables import Label

MAX_SIZE = tables.ATT_CHUNK * 2**32 - 1
"""Chunks are numbered in a u32."""


@dataclass(frozen=True)
class Place:
    """Where a file belongs: `att_id` of 16 bytes is the msg_id of the message that carries it, in a thread (32)."""

    att_id: bytes
    thread: bytes

    def associated(self, index: int) -> bytes:
        """What the chunk of this number is bound to."""
        return domain(Label.ATT, Writer().fixed(self.att_id, 16).fixed(self.thread, 32).u32(index).done())


def padded_size(size: int) -> int:
    """Padmé of a size in bytes: at most 12 % more, so that a size tells log log of itself; raises E_SIZE."""
    if not 0 <= size <= MAX_SIZE:
        raise Ct1Error("E_SIZE", "a file of that size cannot be numbered in chunks")
    return _padme(size)


def _padme(size: int) -> int:
    if size < 2:
        return size
    exponent = size.bit_length() - 1
    mask = (1 << (exponent - exponent.bit_length())) - 1
    return (size + mask) & ~mask


def chunk_count(padded: int) -> int:
    """How many chunks a padded content has; an empty file has one."""
    return max(1, -(-padded // tables.ATT_CHUNK))


def sealed_size(size: int) -> int:
    """The bytes of a sealed file whose content has `size` bytes."""
    padded = padded_size(size)
    return tables.ATT_HEADER + padded + tables.ATT_OVERHEAD * chunk_count(padded)


def is_sealed_size(sealed: int) -> bool:
    """Whether some content would be sealed to exactly so many bytes: else it is unpadded, or no sealed file."""
    rest = sealed - tables.ATT_HEADER
    if rest < tables.ATT_OVERHEAD:
        return False
    chunks = -(-rest // (tables.ATT_CHUNK + tables.ATT_OVERHEAD))
    padded = rest - tables.ATT_OVERHEAD * chunks
    return 0 <= padded <= MAX_SIZE + 1 and _padme(padded) == padded and chunk_count(padded) == chunks


@dataclass(frozen=True)
class SealedFile:
    """What the message that carries a file says of it: key, size of the content, hash of what is sealed."""

    key: bytes
    size: int
    hash: bytes


def _padded(content: Iterable[bytes], size: int) -> Iterator[bytes]:
    """The content in chunks, the padding's zeros behind it; raises E_SIZE when it has not `size` bytes."""
    padded = padded_size(size)
    held, given, made = bytearray(), 0, 0
    for part in content:
        held += part
        given += len(part)
        while len(held) > tables.ATT_CHUNK:
            yield bytes(held[: tables.ATT_CHUNK])
            del held[: tables.ATT_CHUNK]
            made += tables.ATT_CHUNK
    if given != size:
        raise Ct1Error("E_SIZE", "the file is not as long as it was said to be")
    while True:
        take = min(tables.ATT_CHUNK, padded - made)
        yield bytes(held).ljust(take, b"\0")
        held.clear()
        made += take
        if made >= padded:
            return


class FileSealer:
    """Seals one file under a fresh key; `file` is known when `pieces` has been read to its end."""

    def __init__(self, place: Place, size: int, rng: Random = random_bytes) -> None:
        self._place, self._size = place, size
        self._key, self._header = rng(KEY_BYTES), rng(NONCE_BYTES)
        self._hash = StreamHash()

    def pieces(self, content: Iterable[bytes]) -> Iterator[bytes]:
        """The header, then one sealed chunk at a time; raises E_SIZE when the content has another size than given."""
        stream = Stream(self._key, self._header)
        last = chunk_count(padded_size(self._size)) - 1
        yield self._taken(self._header)
        for index, chunk in enumerate(_padded(content, self._size)):
            yield self._taken(stream.seal(chunk, self._place.associated(index), is_last=index == last))

    def _taken(self, piece: bytes) -> bytes:
        self._hash.take(piece)
        return piece

    @property
    def file(self) -> SealedFile:
        return SealedFile(self._key, self._size, self._hash.done())
