"""What a client does before it sends: seal an epoch's key to each reader, and a message under the epoch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crypto import tables
from crypto.encoding import Writer
from crypto.errors import Ct1Error
from crypto.keys import Identity
from crypto.messages import Header, SealedMessage, block_of
from crypto.primitives import NONCE_BYTES, aead_seal, digest, domain, kdf, pad, random_bytes, seal, sign
from crypto.tables import Label

Random = Callable[[int], bytes]


@dataclass(frozen=True)
class MessageKeys:
    """The key of one message and its commitment: revealing `mk` discloses this message and no other."""

    mk: bytes
    kc: bytes


def new_epoch_key(rng: Random = random_bytes) -> bytes:
    """A fresh 32-byte epoch key; never one that was received (rule S8)."""
    return rng(32)


def epoch_commitment(epoch_key: bytes, thread_id: bytes) -> bytes:
    """Binds every member to one key; without the epoch's number, so that a key used twice is seen (E_KEY_REUSE)."""
    return kdf(epoch_key, Label.EPOCH_COMMIT, thread_id)


def seal_prefix(thread_id: bytes, epoch: int, user: bytes, box_pk: bytes) -> bytes:
    inner = Writer().fixed(thread_id, 32).u32(epoch).fixed(user, 16).fixed(box_pk, 32).done()
    return domain(Label.EPOCH_SEAL, inner)


def seal_epoch_key(epoch_key: bytes, thread_id: bytes, epoch: int, user: bytes, box_pk: bytes) -> bytes:
    """The epoch's key in a sealed box for one reader, bound to thread, epoch, person and key.

    `user` is sixteen zeros for the compliance key.
    """
    return seal(seal_prefix(thread_id, epoch, user, box_pk) + epoch_key, box_pk)


def message_keys(epoch_key: bytes, header_bytes: bytes) -> MessageKeys:
    keys = kdf(epoch_key, Label.MSG_KEY, header_bytes, 64)
    return MessageKeys(keys[:32], keys[32:])


def seal_message(
    header: Header, body: bytes, epoch_key: bytes, identity: Identity, rng: Random = random_bytes
) -> SealedMessage:
    """A message as it is sent. The whole header is associated data and the key is committed to, so that one
    ciphertext means one message in one place; raises E_SIZE for a body over 64 KiB."""
    if len(body) > tables.MAX_BODY:
        raise Ct1Error("E_SIZE", "the body is too large: send an attachment")
    header_bytes, nonce = header.encode(), rng(NONCE_BYTES)
    keys = message_keys(epoch_key, header_bytes)
    ct = aead_seal(keys.mk, nonce, pad(body, block_of(len(body))), header_bytes)
    signed = header_bytes + keys.kc + nonce + digest(Label.MSG_CT, ct)
    sig = sign(identity.sign_seed, Label.MSG_SIG, signed)
    wire = Writer().v16(header_bytes).fixed(nonce, 24).fixed(keys.kc, 32).v32(ct).fixed(sig, 64).done()
    return SealedMessage(header, header_bytes, nonce, keys.kc, ct, sig, wire)
