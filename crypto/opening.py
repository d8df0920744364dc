"""What only clients do: open epoch keys, messages and files. No server app may import this module (pyproject.toml)."""

from __future__ import annotations

from crypto import tables
from crypto.attachments import Place, SealedFile, chunk_count, padded_size
from crypto.errors import Ct1Error
from crypto.keys import Identity
from crypto.messages import SealedMessage, check_place
from crypto.primitives import Stream, StreamHash, aead_open, box_pair, open_seal, unpad
from crypto.sealing import epoch_commitment, message_keys, seal_prefix
from crypto.state import Directory, ThreadState


def open_epoch_seal(blob: bytes, thread_id: bytes, epoch: int, key_commit: bytes, identity: Identity) -> bytes:
    """The epoch's key; E_SEAL, E_SEAL_CTX when it was sealed for another place, E_KEY_COMMIT when it is another key."""
    return open_sealed_key(blob, thread_id, epoch, key_commit, identity.user, identity.box_seed)


def open_sealed_key(
    blob: bytes, thread_id: bytes, epoch: int, key_commit: bytes, user: bytes, box_seed: bytes
) -> bytes:
    """The same for a recipient who is no person: the compliance key, whose `user` is sixteen zeros."""
    plain = open_seal(blob, box_seed)
    prefix = seal_prefix(thread_id, epoch, user, box_pair(box_seed).public)
    if plain[:-32] != prefix:
        raise Ct1Error("E_SEAL_CTX", "the key was sealed for another thread, epoch or person")
    key = plain[-32:]
    if epoch_commitment(key, thread_id) != key_commit:
        raise Ct1Error("E_KEY_COMMIT", "not the key that the log commits to")
    return key


def open_message(sealed: SealedMessage, state: ThreadState, directory: Directory, epoch_key: bytes) -> bytes:
    """The body of a message that stands where it says, from whom it says (rules R2 to R8)."""
    check_place(sealed, state, directory)
    keys = message_keys(epoch_key, sealed.header_bytes)
    if keys.kc != sealed.kc:
        raise Ct1Error("E_KEY_COMMIT", "the message commits to another key")
    return open_with(sealed, keys.mk)


def open_with(sealed: SealedMessage, mk: bytes) -> bytes:
    """The body by the key of this one message, whoever sent it: E_AEAD, E_PAD."""
    padded = aead_open(mk, sealed.nonce, sealed.ct, sealed.header_bytes)
    # A short body is padded to 256 bytes; at 4 KiB and above the block is 4 KiB.
    return unpad(padded, tables.PAD_LARGE if len(padded) > tables.PAD_LARGE_FROM else tables.PAD_SMALL)


class FileOpener:
    """Opens one file as its sealed bytes arrive, in parts of any size; nothing of it is whole before `done`."""

    def __init__(self, file: SealedFile, place: Place) -> None:
        self._file, self._place = file, place
        self._padded = padded_size(file.size)
        self._chunks = chunk_count(self._padded)
        self._held, self._hash = bytearray(), StreamHash()
        self._stream: Stream | None = None
        self._index = 0

    def take(self, part: bytes) -> bytes:
        """The content that this part completes; raises E_ATT for what does not belong in its place, E_ATT_TRAIL."""
        self._hash.take(part)
        self._held += part
        opened = []
        while self._index < self._chunks and len(self._held) >= self._next():
            opened.append(self._open(self._cut(self._next())))
        if self._index == self._chunks and self._held:
            raise Ct1Error("E_ATT_TRAIL", "something follows the end of the file")
        return b"".join(opened)

    def done(self) -> None:
        """Says that nothing more arrives; raises E_ATT_TRUNC when something is missing, E_ATT for another hash."""
        if self._index < self._chunks:
            raise Ct1Error("E_ATT_TRUNC", "the file is not all there")
        if self._hash.done() != self._file.hash:
            raise Ct1Error("E_ATT", "not the file that the message names")

    def _next(self) -> int:
        """How many bytes the next thing to read has: the header, or a chunk."""
        if self._stream is None:
            return tables.ATT_HEADER
        rest = self._padded - self._index * tables.ATT_CHUNK
        return min(rest, tables.ATT_CHUNK) + tables.ATT_OVERHEAD

    def _cut(self, size: int) -> bytes:
        cut = bytes(self._held[:size])
        del self._held[:size]
        return cut

    def _open(self, sealed: bytes) -> bytes:
        if self._stream is None:
            self._stream = Stream(self._file.key, sealed)
            return b""
        is_last = self._index == self._chunks - 1
        chunk = self._stream.open(sealed, self._place.associated(self._index), is_last=is_last)
        wanted = max(0, min(self._file.size - self._index * tables.ATT_CHUNK, len(chunk)))
        self._index += 1
        if any(chunk[wanted:]):
            raise Ct1Error("E_ATT", "the padding is not zeros")
        return chunk[:wanted]
