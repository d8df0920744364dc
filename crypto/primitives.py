"""The only door to libsodium: each operation of CT1 with the reason why it is safe as used here.

No options and no algorithm names from the wire: a caller cannot ask for anything weaker.
"""

from __future__ import annotations

from dataclasses import dataclass

import nacl.bindings as sodium
from nacl.exceptions import CryptoError
from nacl.pwhash.argon2id import kdf as _argon2id

from crypto.errors import Ct1Error
from crypto.tables import ErrorCode

KEY_BYTES = 32
NONCE_BYTES = 24
SIGNATURE_BYTES = 64
SEAL_OVERHEAD = 48
_MORE = sodium.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL = sodium.crypto_secretstream_xchacha20poly1305_TAG_FINAL


@dataclass(frozen=True)
class KeyPair:
    """A public key and the secret that libsodium derives from its 32-byte seed."""

    public: bytes
    secret: bytes


def random_bytes(size: int) -> bytes:
    """Bytes from the operating system's generator."""
    return sodium.randombytes(size)


def domain(label: str, data: bytes) -> bytes:
    """`u8(len(label)) ‖ label ‖ data`: no input of one purpose can be read as an input of another."""
    raw = label.encode("ascii")
    return bytes([len(raw)]) + raw + data


def blake2b(data: bytes, *, key: bytes = b"", size: int = 32) -> bytes:
    """BLAKE2b (RFC 7693); a MAC and PRF when keyed."""
    return sodium.crypto_generichash_blake2b_salt_personal(data, digest_size=size, key=key)


def digest(label: str, data: bytes) -> bytes:
    """BLAKE2b-256 of the labelled data."""
    return blake2b(domain(label, data))


def kdf(key: bytes, label: str, context: bytes = b"", size: int = 32) -> bytes:
    """Keyed BLAKE2b as a KDF: a PRF under a uniform 32-byte key, one output length a label."""
    return blake2b(domain(label, context), key=key, size=size)


def signing_pair(seed: bytes) -> KeyPair:
    """The Ed25519 pair of a 32-byte seed (RFC 8032)."""
    return KeyPair(*sodium.crypto_sign_seed_keypair(seed))


def sign(seed: bytes, label: str, data: bytes) -> bytes:
    """An Ed25519 signature over the labelled data."""
    return sodium.crypto_sign(domain(label, data), signing_pair(seed).secret)[:SIGNATURE_BYTES]


def verify(public: bytes, label: str, data: bytes, signature: bytes) -> None:
    """Raises E_SIG unless libsodium accepts.

    libsodium refuses S+L, small-order and non-canonical keys, which OpenSSL and WebCrypto accept: with two verifier
    families one member would accept a log that another refuses.
    """
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        raise Ct1Error("E_SIG", f"{label}: a key or signature of the wrong length")
    try:
        sodium.crypto_sign_open(signature + domain(label, data), public)
    except CryptoError as error:
        raise Ct1Error("E_SIG", f"{label}: the signature does not verify") from error


def sign_bare(seed: bytes, data: bytes) -> bytes:
    """An Ed25519 signature over data whose form another standard fixes (C2SP notes); CT1's own are always labelled."""
    return sodium.crypto_sign(data, signing_pair(seed).secret)[:SIGNATURE_BYTES]


def verify_bare(public: bytes, data: bytes, signature: bytes) -> bool:
    """Whether libsodium accepts a signature made by `sign_bare`."""
    if len(public) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        sodium.crypto_sign_open(signature + data, public)
    except CryptoError:
        return False
    return True


def box_pair(seed: bytes) -> KeyPair:
    """The X25519 pair of a 32-byte seed."""
    return KeyPair(*sodium.crypto_box_seed_keypair(seed))


def seal(data: bytes, box_pk: bytes) -> bytes:
    """An anonymous box to one public key; who sent it must be proved elsewhere (the commitment in the log)."""
    try:
        return sodium.crypto_box_seal(data, box_pk)
    except (CryptoError, ValueError, TypeError) as error:
        raise Ct1Error("E_SEAL", "the recipient's key cannot be sealed to") from error


def open_seal(blob: bytes, box_seed: bytes) -> bytes:
    """The content of a sealed box; raises E_SEAL."""
    if len(blob) < SEAL_OVERHEAD:
        raise Ct1Error("E_SEAL", "too short for a sealed box")
    pair = box_pair(box_seed)
    try:
        return sodium.crypto_box_seal_open(blob, pair.public, pair.secret)
    except (CryptoError, ValueError, TypeError) as error:
        raise Ct1Error("E_SEAL", "the sealed box does not open") from error


def aead_seal(key: bytes, nonce: bytes, plaintext: bytes, associated: bytes) -> bytes:
    """XChaCha20-Poly1305: the 24-byte nonce is long enough to be drawn at random for ever under one key."""
    return sodium.crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, associated, nonce, key)


def aead_open(key: bytes, nonce: bytes, ciphertext: bytes, associated: bytes, *, code: ErrorCode = "E_AEAD") -> bytes:
    """The plaintext, or `code` when key, nonce, ciphertext or associated data is not what was sealed."""
    if len(ciphertext) < 16:
        raise Ct1Error(code, "too short for an authenticated ciphertext")
    try:
        return sodium.crypto_aead_xchacha20poly1305_ietf_decrypt(ciphertext, associated, nonce, key)
    except CryptoError as error:
        raise Ct1Error(code, "the ciphertext does not authenticate") from error


class Stream:
    """Secretstream XChaCha20-Poly1305: chunks in their order, of which the last one says so.

    The state begins alike on both sides, so a header that the caller drew serves the sealing too.
    """

    def __init__(self, key: bytes, header: bytes) -> None:
        self._state = sodium.crypto_secretstream_xchacha20poly1305_state()
        sodium.crypto_secretstream_xchacha20poly1305_init_pull(self._state, header, key)

    def seal(self, chunk: bytes, associated: bytes, *, is_last: bool) -> bytes:
        tag = _FINAL if is_last else _MORE
        return sodium.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, associated, tag)

    def open(self, sealed: bytes, associated: bytes, *, is_last: bool) -> bytes:
        """The chunk; raises E_ATT when it does not authenticate here, or is the last one where it must not be."""
        try:
            chunk, tag = sodium.crypto_secretstream_xchacha20poly1305_pull(self._state, sealed, associated)
        except (CryptoError, ValueError) as error:
            raise Ct1Error("E_ATT", "a part of the file does not authenticate") from error
        if tag != (_FINAL if is_last else _MORE):
            raise Ct1Error("E_ATT", "the file ends elsewhere than it says")
        return chunk


class StreamHash:
    """BLAKE2b-256 of bytes that arrive in parts."""

    def __init__(self) -> None:
        self._state = sodium.crypto_generichash_blake2b_init(digest_size=32)

    def take(self, part: bytes) -> None:
        sodium.crypto_generichash_blake2b_update(self._state, part)

    def done(self) -> bytes:
        """The hash of what was taken so far; more may be taken after."""
        return sodium.crypto_generichash_blake2b_final(self._state.copy())


def secretbox_seal(plaintext: bytes, key: bytes) -> bytes:
    """`nonce ‖ box` under the server's own keyring (names at rest, never message content)."""
    nonce = random_bytes(sodium.crypto_secretbox_NONCEBYTES)
    return nonce + sodium.crypto_secretbox(plaintext, nonce, key)


def secretbox_open(blob: bytes, key: bytes) -> bytes:
    """What secretbox_seal sealed; raises E_AEAD."""
    size = sodium.crypto_secretbox_NONCEBYTES
    try:
        return sodium.crypto_secretbox_open(blob[size:], blob[:size], key)
    except (CryptoError, ValueError) as error:
        raise Ct1Error("E_AEAD", "the stored value does not authenticate") from error


def argon2id(password: bytes, salt: bytes, passes: int, memory: int, size: int) -> bytes:
    """Argon2id version 1.3 (RFC 9106) with one lane; `memory` in bytes, `salt` 16 bytes."""
    return _argon2id(size, password, salt, opslimit=passes, memlimit=memory)


def pad(body: bytes, block: int) -> bytes:
    """ISO/IEC 7816-4 padding to a multiple of `block`: 0x80, then zeros."""
    padded = body + b"\x80"
    return padded + bytes(-len(padded) % block)


def unpad(padded: bytes, block: int) -> bytes:
    """The body before the padding; raises E_PAD when it is not exactly what `pad` makes."""
    end = len(padded)
    while end and padded[end - 1] == 0:
        end -= 1
    if not end or padded[end - 1] != 0x80 or len(padded) % block or len(padded) - end >= block:
        raise Ct1Error("E_PAD", "the padding is not ISO/IEC 7816-4 to this block")
    return padded[: end - 1]
