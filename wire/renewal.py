"""New keys for an old account: the next generation, signed by the one before."""

from __future__ import annotations

from pydantic import Field

from wire.base import B64, Body
from wire.people import KeyringBlob, SlotIn, UkrBlob


class NewLocks(Body):
    """What replaces every way to the keys where somebody else may hold one: another password, another recovery code."""

    auth: B64 = Field(min_length=16, max_length=64)
    password: SlotIn
    recovery: SlotIn


class RenewKeys(Body):
    """`POST /api/keys/renew`: the next generation of one's keys, and the keyring that holds it; answered with `MyKeys`.

    Retry-safe: the same record is stored once. The record's reason says which it is. ROTATE: `locks` is null, and every
    way to the keys stays. COMPROMISE: `locks` replaces all of them; passkeys and every other session end.
    """

    current_auth: B64 = Field(min_length=16, max_length=64)
    ukr: UkrBlob
    keyring: KeyringBlob
    locks: NewLocks | None
