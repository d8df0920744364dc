"""New keys for an old account: the next generation, signed by the one before."""

from __future__ import annotations

from pydantic import Field

from wire.base import B64, Body, Id16, Millis
from wire.people import Email, KeyringBlob, SlotIn, UkrBlob


class NewLocks(Body):
    """What replaces every way to the keys where somebody else may hold one: another password, another recovery code."""

    auth: B64 = Field(min_length=16, max_length=64)
    password: SlotIn
    recovery: SlotIn


class RenewKeys(Body):
    """`POST /api/keys/renew`: the next generation of one's keys, and the keyring that holds it; answered with `MyKeys`.

    Retry-safe: the same record is stored once. The record's reason says which it is. ROTATE: `locks` is null, and every
    way to the keys stays. COMPROMISE: `locks` replaces all of them; passkeys, links with identity providers and every
    other session end.
    """

    current_auth: B64 = Field(min_length=16, max_length=64)
    ukr: UkrBlob
    keyring: KeyringBlob
    locks: NewLocks | None


class ResetQuestion(Body):
    """`POST /api/reset/look`, without a session: what the code of somebody who has lost everything is for."""

    email: Email
    code: str = Field(min_length=8, max_length=64)


class ResetOffer(Body):
    """Whose keys begin anew: the next generation follows `bundles`, the next keyring is `version`."""

    user: Id16
    organisation_name: str
    bundles: list[UkrBlob]
    version: int
    expires: Millis


class ResetKeys(Body):
    """`POST /api/reset/finish`, without a session: keys that no old one has signed, in place of all that was lost.

    `slots` are one password slot and one recovery slot. The code is used up; every session, passkey, second factor
    and link with an identity provider ends, and the asker is signed in. Retry-safe for ten minutes: the same record
    with the same code is stored once.
    """

    email: Email
    code: str = Field(min_length=8, max_length=64)
    auth: B64 = Field(min_length=16, max_length=64)
    ukr: UkrBlob
    slots: list[SlotIn] = Field(min_length=2, max_length=2)
    keyring: KeyringBlob
