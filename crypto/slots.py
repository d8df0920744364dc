"""The user master key and the slots that wrap it: password, passkey and recovery code (docs/protocol.md 4).

Wrapping is symmetric only: a server that could seal to a public slot key could plant a keyring of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto import tables
from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.keys import Identity
from crypto.primitives import NONCE_BYTES, aead_open, aead_seal, argon2id, blake2b, domain, kdf, random_bytes
from crypto.tables import Label, SlotKind

Random = Callable[[int], bytes]
NO_PEPPER = bytes(32)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans("ILO", "110")
RECOVERY_BYTES = 20
PRF_BYTES = 32


@dataclass(frozen=True)
class PasswordRoot:
    """What a password comes to: `auth` is shown to the server, `kek` wraps the master key and never leaves."""

    auth: bytes
    kek: bytes


@dataclass(frozen=True)
class SlotTerms:
    """What a slot's associated data binds; `t` passes and `m` bytes of Argon2id, zero where no password is used."""

    user: bytes
    kind: SlotKind
    slot_id: bytes
    t: int = 0
    m: int = 0
    salt: bytes = bytes(16)

    def associated(self) -> bytes:
        writer = Writer(Label.SLOT).fixed(self.user, 16).u8(self.kind).fixed(self.slot_id, 16)
        return writer.u32(self.t).u64(self.m).fixed(self.salt, 16).done()


@dataclass(frozen=True)
class Keyring:
    """A person's private keys of every generation, and the key of their pins."""

    identities: tuple[Identity, ...]
    pins_key: bytes


def password_root(
    password: str, salt: bytes, t: int = tables.PASSWORD_T, m: int = tables.PASSWORD_M, pepper: bytes = NO_PEPPER
) -> PasswordRoot:
    """Argon2id, split in halves that cannot be computed from each other; E_KDF_WEAK and E_KDF_DOS bound the server."""
    if t < tables.PASSWORD_T or m < tables.PASSWORD_M:
        raise Ct1Error("E_KDF_WEAK", "the server asks for weaker password hashing than is allowed")
    if t > tables.PASSWORD_MAX_T or m > tables.PASSWORD_MAX_M:
        raise Ct1Error("E_KDF_DOS", "the server asks for more password hashing than is reasonable")
    root = argon2id(password.encode("utf-8"), salt, t, m, 64)
    return PasswordRoot(kdf(root[:32], Label.AUTH), kdf(root[32:], Label.SLOT_KEK, pepper))


def wrap_umk(umk: bytes, kek: bytes, terms: SlotTerms, rng: Random = random_bytes) -> bytes:
    """`commitment ‖ nonce ‖ AEAD(master key)`; the commitment makes one blob open under one key only."""
    nonce = rng(NONCE_BYTES)
    return kdf(kek, Label.SLOT_COMMIT) + nonce + aead_seal(kek, nonce, umk, terms.associated())


def unwrap_umk(blob: bytes, kek: bytes, terms: SlotTerms) -> bytes:
    """The master key; raises E_UNWRAP for a wrong password or code, or a slot of somebody else."""
    if blob[:32] != kdf(kek, Label.SLOT_COMMIT):
        raise Ct1Error("E_UNWRAP", "the slot does not open with this key")
    nonce, ciphertext = blob[32 : 32 + NONCE_BYTES], blob[32 + NONCE_BYTES :]
    if len(nonce) != NONCE_BYTES:
        raise Ct1Error("E_UNWRAP", "the slot is cut short")
    return aead_open(kek, nonce, ciphertext, terms.associated(), code="E_UNWRAP")


def _check_character(data: bytes) -> str:
    return ALPHABET[blake2b(data, size=16)[0] & 31]


def recovery_text(code: bytes) -> str:
    """20 bytes as 32 characters of Crockford's base32 and a check character, in groups of four."""
    number = int.from_bytes(code, "big")
    letters = "".join(ALPHABET[number >> shift & 31] for shift in range(155, -1, -5)) + _check_character(code)
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def parse_recovery(text: str) -> bytes:
    """The 20 bytes of a typed code; raises E_UNWRAP for a slip of the pen, before anything is asked of the server."""
    letters = "".join(text.upper().split()).replace("-", "").translate(_READ_AS)
    if len(letters) != 33 or any(letter not in ALPHABET for letter in letters):
        raise Ct1Error("E_UNWRAP", "a recovery code has 33 letters and digits")
    number = 0
    for letter in letters[:32]:
        number = number << 5 | ALPHABET.index(letter)
    code = number.to_bytes(RECOVERY_BYTES, "big")
    if letters[32] != _check_character(code):
        raise Ct1Error("E_UNWRAP", "the recovery code has a typing mistake")
    return code


def passkey_salt() -> bytes:
    """What a passkey's PRF is asked for: one for everybody, since an empty browser asks before it knows for whom."""
    return domain(Label.PRF, b"")


def passkey_kek(prf: bytes, credential: bytes) -> bytes:
    """The key of a passkey's slot, of the 32 bytes that its PRF answered; E_UNWRAP when it answered nothing."""
    if len(prf) != PRF_BYTES:
        raise Ct1Error("E_UNWRAP", "the passkey keeps no secret that could open the keys")
    return kdf(prf, Label.SLOT_KEK_PRF, credential)


def recovery_kek(code: bytes, slot_id: bytes) -> bytes:
    return kdf(blake2b(code), Label.SLOT_KEK_RC, slot_id)


def recovery_auth(code: bytes) -> bytes:
    """What fetches the recovery slot from the server; the key of the slot cannot be computed from it."""
    return kdf(blake2b(code), Label.RC_AUTH)


def seal_keyring(umk: bytes, user: bytes, version: int, keyring: Keyring, rng: Random = random_bytes) -> bytes:
    """`nonce ‖ AEAD(keyring)` under the master key."""
    writer = Writer().each(keyring.identities, _write_identity)
    nonce = rng(NONCE_BYTES)
    body = writer.fixed(keyring.pins_key, 32).done()
    return nonce + aead_seal(kdf(umk, Label.KEYRING, user), nonce, body, _keyring_terms(user, version))


def open_keyring(umk: bytes, user: bytes, version: int, blob: bytes, *, newest_gen: int = 0) -> Keyring:
    """The keyring; E_UNWRAP when it is not this version's, E_KEYRING_ROLLBACK when it lacks a generation known."""
    key, terms = kdf(umk, Label.KEYRING, user), _keyring_terms(user, version)
    body = aead_open(key, blob[:NONCE_BYTES], blob[NONCE_BYTES:], terms, code="E_UNWRAP")
    reader = Reader(body)
    identities = reader.each(lambda inner: _read_identity(inner, user))
    pins_key = reader.fixed(32)
    reader.done()
    if newest_gen > max((identity.gen for identity in identities), default=0):
        raise Ct1Error("E_KEYRING_ROLLBACK", "the server gave an older keyring")
    return Keyring(tuple(identities), pins_key)


def _keyring_terms(user: bytes, version: int) -> bytes:
    return domain(Label.KEYRING, Writer().fixed(user, 16).u64(version).done())


def _write_identity(writer: Writer, identity: Identity) -> None:
    writer.u32(identity.gen).fixed(identity.sign_seed, 32).fixed(identity.box_seed, 32).u64(identity.created)


def _read_identity(reader: Reader, user: bytes) -> Identity:
    return Identity(user, reader.u32(), reader.fixed(32), reader.fixed(32), reader.u64())


def newest(identities: Sequence[Identity]) -> Identity:
    """The generation in use."""
    return max(identities, key=lambda identity: identity.gen)
