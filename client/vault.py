"""A person's keys on this side of the wire: made, wrapped, opened; nothing here leaves unwrapped."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from client.errors import Untrusted
from crypto import keys, slots, tables
from crypto.errors import Ct1Error
from crypto.keys import Identity, SignedUkr
from crypto.primitives import random_bytes
from crypto.slots import Keyring, SlotTerms
from crypto.tables import SlotKind, UkrReason
from wire.people import (
    EnrolKeys,
    KeyringBlob,
    LoginParameters,
    MyKeys,
    RecoverySlot,
    SlotIn,
    SlotOut,
    UkrBlob,
)

Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Vault:
    """The open keys of one person; `umk` is the user master key that the slots wrap."""

    user: bytes
    keyring: Keyring
    umk: bytes = field(repr=False)

    @property
    def identity(self) -> Identity:
        """The generation in use."""
        return slots.newest(self.keyring.identities)

    def identity_with(self, fp: bytes) -> Identity | None:
        """The generation that a fingerprint names, if it is this person's."""
        return next((one for one in self.keyring.identities if one.fp == fp), None)


def renewed(vault: Vault, now_ms: int, *, is_compromised: bool, rng: Random = random_bytes) -> tuple[Vault, SignedUkr]:
    """The vault with the next generation in use, and the record that the generation before has signed.

    With `is_compromised` the master key is new too: whoever holds a slot of the old one has nothing of what follows.
    """
    old = vault.identity
    new = keys.new_identity(vault.user, old.gen + 1, now_ms, rng)
    reason = UkrReason.COMPROMISE if is_compromised else UkrReason.ROTATE
    ukr = keys.make_ukr(new, now_ms, previous=old, reason=reason)
    ring = Keyring((*vault.keyring.identities, new), vault.keyring.pins_key)
    return Vault(vault.user, ring, rng(32) if is_compromised else vault.umk), ukr


def reset(user: bytes, bundles: Sequence[UkrBlob], now_ms: int, rng: Random = random_bytes) -> tuple[Vault, SignedUkr]:
    """A vault of fresh keys for an account whose old ones are lost, and the record that calls itself a reset."""
    identity = keys.new_identity(user, newest_fp(bundles)[0] + 1, now_ms, rng)
    ukr = keys.make_ukr(identity, now_ms, reason=UkrReason.RESET)
    return Vault(user, Keyring((identity,), rng(32)), rng(32)), ukr


def keyring_blob(vault: Vault, version: int, rng: Random = random_bytes) -> KeyringBlob:
    """The keyring as the server keeps it, under the number that it then has."""
    return KeyringBlob(version=version, blob=slots.seal_keyring(vault.umk, vault.user, version, vault.keyring, rng))


def password_root(password: str, parameters: LoginParameters) -> slots.PasswordRoot:
    """`auth` for the server and the key of the password slot; some 0.1 s of Argon2id by design."""
    return slots.password_root(password, parameters.salt, parameters.t, parameters.m)


def new_vault(user: bytes, now_ms: int, rng: Random = random_bytes) -> Vault:
    """Fresh keys for a new account."""
    identity = keys.new_identity(user, 1, now_ms, rng)
    return Vault(user, Keyring((identity,), rng(32)), rng(32))


def password_slot(vault: Vault, root: slots.PasswordRoot, at: LoginParameters, rng: Random = random_bytes) -> SlotIn:
    """A password slot under the salt and cost of `at`."""
    terms = SlotTerms(vault.user, SlotKind.PASSWORD, rng(16), at.t, at.m, at.salt)
    return _slot(terms, slots.wrap_umk(vault.umk, root.kek, terms, rng))


def recovery_slot(vault: Vault, code: bytes, rng: Random = random_bytes) -> SlotIn:
    """A recovery slot, with the secret that fetches it."""
    terms = SlotTerms(vault.user, SlotKind.RECOVERY, rng(16))
    blob = slots.wrap_umk(vault.umk, slots.recovery_kek(code, terms.slot_id), terms, rng)
    return _slot(terms, blob, slots.recovery_auth(code))


def _slot(terms: SlotTerms, blob: bytes, rc_auth: bytes | None = None) -> SlotIn:
    return SlotIn(
        kind=terms.kind,
        slot_id=terms.slot_id,
        salt=terms.salt,
        t=terms.t,
        m=terms.m,
        blob=blob,
        rc_auth=rc_auth,
    )


@dataclass(frozen=True)
class Enrolment:
    """What a new account sends, what it keeps, and the code that its person writes down."""

    body: EnrolKeys
    vault: Vault
    recovery_text: str


def enrolment(
    user: bytes,
    name: str,
    enrolment_code: str,
    root: slots.PasswordRoot,
    at: LoginParameters,
    now_ms: int,
    rng: Random = random_bytes,
) -> Enrolment:
    """The first keys of an account, with a password slot and a recovery slot."""
    vault, code = new_vault(user, now_ms, rng), rng(slots.RECOVERY_BYTES)
    ukr = keys.make_ukr(vault.identity, now_ms)
    body = EnrolKeys(
        enrolment_code=enrolment_code,
        name=name,
        ukr=UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig),
        slots=[password_slot(vault, root, at, rng), recovery_slot(vault, code, rng)],
        keyring=keyring_blob(vault, 1, rng),
    )
    return Enrolment(body, vault, slots.recovery_text(code))


def unlock(stored: MyKeys, root: slots.PasswordRoot) -> Vault:
    """The vault that a password opens; raises Ct1Error E_UNWRAP or E_KEYRING_ROLLBACK, Untrusted for strange keys."""
    slot = next((one for one in stored.slots if one.kind == SlotKind.PASSWORD), None)
    if slot is None:
        raise Ct1Error("E_UNWRAP", "there is no password slot")
    return _open(stored.user, slot, root.kek, stored.keyring, stored.bundles)


def unlock_with_code(given: RecoverySlot, code: bytes) -> Vault:
    """The vault that a recovery code opens."""
    kek = slots.recovery_kek(code, given.slot.slot_id)
    return _open(given.user, given.slot, kek, given.keyring, given.bundles)


def _open(user: bytes, slot: SlotOut, kek: bytes, ring: KeyringBlob, bundles: Sequence[UkrBlob]) -> Vault:
    terms = SlotTerms(user, SlotKind(slot.kind), slot.slot_id, slot.t, slot.m, slot.salt)
    umk = slots.unwrap_umk(slot.blob, kek, terms)
    newest = newest_fp(bundles)
    keyring = slots.open_keyring(umk, user, ring.version, ring.blob, newest_gen=newest[0])
    vault = Vault(user, keyring, umk)
    if vault.identity.gen == newest[0] and vault.identity.fp != newest[1]:
        raise Untrusted("the server shows other keys for this account than the keyring holds")
    return vault


def newest_fp(bundles: Sequence[UkrBlob]) -> tuple[int, bytes]:
    """Generation and fingerprint of the newest of a person's key records, each verified to continue the last."""
    previous: keys.Ukr | None = None
    for blob in bundles:
        previous = keys.verify_ukr(blob.ukr, blob.pop, blob.sig, previous)
    return (previous.gen, previous.fp) if previous else (0, keys.NO_FP)


def signed_ukr(blob: UkrBlob) -> SignedUkr:
    return SignedUkr(blob.ukr, blob.pop, blob.sig)


def fresh_parameters(rng: Random = random_bytes) -> LoginParameters:
    """Salt and cost for a new password."""
    return LoginParameters(salt=rng(16), t=tables.PASSWORD_T, m=tables.PASSWORD_M)
