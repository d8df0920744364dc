"""What only clients do: open epoch keys and messages. No server app may import this module (pyproject.toml)."""

from __future__ import annotations

from crypto import tables
from crypto.errors import Ct1Error
from crypto.keys import Identity
from crypto.messages import SealedMessage, check_place
from crypto.primitives import aead_open, open_seal, unpad
from crypto.sealing import epoch_commitment, message_keys, seal_prefix
from crypto.state import Directory, ThreadState


def open_epoch_seal(blob: bytes, thread_id: bytes, epoch: int, key_commit: bytes, identity: Identity) -> bytes:
    """The epoch's key; E_SEAL, E_SEAL_CTX when it was sealed for another place, E_KEY_COMMIT when it is another key."""
    plain = open_seal(blob, identity.box_seed)
    prefix = seal_prefix(thread_id, epoch, identity.user, identity.box_pk)
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
    padded = aead_open(keys.mk, sealed.nonce, sealed.ct, sealed.header_bytes)
    # A short body is padded to 256 bytes; at 4 KiB and above the block is 4 KiB.
    return unpad(padded, tables.PAD_LARGE if len(padded) > tables.PAD_LARGE_FROM else tables.PAD_SMALL)
