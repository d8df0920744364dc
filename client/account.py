"""Accounts: signing up, signing in, a new password, a forgotten one."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from client import vault as vaults
from client.api import Api
from client.errors import ApiError
from client.second_factor import totp_code
from client.vault import Vault
from crypto import slots
from crypto.errors import Ct1Error
from crypto.pins import Pins, open_pins, seal_pins
from crypto.primitives import random_bytes
from wire.people import (
    ChangePassword,
    DeviceIn,
    Done,
    FinishRecovery,
    KeptPins,
    Me,
    MyKeys,
    OpenRecovery,
    OrganisationOut,
    PinsBlob,
    RecoverySlot,
)

PIN_TRIES = 5


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass
class Account:
    """A person who is signed in with open keys. `organisations` are the roots pinned at sign-in."""

    api: Api
    me: Me
    vault: Vault = field(repr=False)
    organisations: tuple[OrganisationOut, ...]
    sending: asyncio.Lock = field(default_factory=asyncio.Lock, repr=False)
    """Held while a message is sealed and acknowledged: a device's counters must arrive in their order."""
    _counter: int = 0
    pins: Pins = field(default_factory=Pins)
    """What this person has seen before, on this device and, by the server's sealed copy, on their others."""
    _pins_version: int = 0
    _kept: Pins = field(default_factory=Pins)

    def next_counter(self) -> int:
        """This device's message counter: it only goes up, over restarts too, because it begins at the clock."""
        self._counter = max(self._counter + 1, now_ms())
        return self._counter

    def count_from(self, counter: int) -> None:
        """A counter that this device is known to have used: the next is above it, whatever the clock says."""
        self._counter = max(self._counter, counter)

    @property
    def counter(self) -> int:
        """The last one used."""
        return self._counter

    async def load_pins(self) -> None:
        """Takes what the server keeps; raises Ct1Error E_LOG_ROLLBACK when that is older than what it had, or gone."""
        kept = (await self.api.get("/keys/pins", KeptPins)).pins
        key, user = self.vault.keyring.pins_key, self.me.id
        if kept is None:
            if self._pins_version:
                raise Ct1Error("E_LOG_ROLLBACK", "the server has lost the pins that it had")
            return
        self._kept = open_pins(kept.blob, key, user, kept.version, at_least=self._pins_version)
        self._pins_version, self.pins = kept.version, self.pins.merged(self._kept)

    async def keep_pins(self) -> None:
        """Gives the server what it lacks; another device that was first is merged with."""
        for _ in range(PIN_TRIES):
            if self.pins == self._kept:
                return
            pins, version = self.pins, self._pins_version + 1
            blob = seal_pins(pins, self.vault.keyring.pins_key, self.me.id, version)
            try:
                await self.api.put("/keys/pins", PinsBlob(version=version, blob=blob), PinsBlob)
            except ApiError as error:
                if error.code != "conflict":
                    raise
                await self.load_pins()
            else:
                self._kept, self._pins_version = pins, version

    @property
    def root_pks(self) -> list[bytes]:
        return [one.root_pk for one in self.organisations]


async def ready(api: Api, vault: Vault, label: str) -> Account:
    """The account of a session with open keys, its device registered and its pins taken."""
    config = await api.config()
    if not api.device:
        api.device = random_bytes(16)
    await api.post("/devices", DeviceIn(id=api.device, label=label), Done)
    account = Account(api, await api.get("/me", Me), vault, tuple(config.organisations))
    await account.load_pins()
    return account


async def sign_up(
    api: Api, *, email: str, password: str, name: str, enrolment_code: str, label: str = "headless client"
) -> tuple[Account, str]:
    """A new account with its keys; returns it and the recovery code, which nobody can show again.

    A sign-up that broke off before its keys were stored is taken up again by signing in to it.
    """
    at = await api.login_parameters(email)
    root = vaults.password_root(password, at)
    try:
        me = await api.sign_up(email, root.auth, enrolment_code)
    except ApiError as error:
        if error.code != "email_taken":
            raise
        me = await api.sign_in(email, root.auth)
    made = vaults.enrolment(me.id, name, enrolment_code, root, at, now_ms())
    await api.post("/keys/enrol", made.body, MyKeys)
    return await ready(api, made.vault, label), made.recovery_text


async def sign_in(
    api: Api, *, email: str, password: str, label: str = "headless client", second_factor: str = ""
) -> Account:
    """An account whose keys the password opens; raises ApiError or Ct1Error when it does not.

    `second_factor` is the secret of the account's authenticator app, where it has one; without it such an account
    raises ApiError `second_factor`.
    """
    root = vaults.password_root(password, await api.login_parameters(email))
    try:
        await api.sign_in(email, root.auth)
    except ApiError as error:
        if error.code != "second_factor" or not second_factor:
            raise
        await api.answer_second_factor(totp_code(second_factor, time.time()))
    vault = vaults.unlock(await api.get("/keys/mine", MyKeys), root)
    return await ready(api, vault, label)


async def change_password(account: Account, *, current: str, new: str) -> None:
    """A new password; every other session of the person ends."""
    old_root = vaults.password_root(current, await account.api.login_parameters(account.me.email))
    at = vaults.fresh_parameters()
    root = vaults.password_root(new, at)
    body = ChangePassword(
        current_auth=old_root.auth, auth=root.auth, slot=vaults.password_slot(account.vault, root, at)
    )
    await account.api.put("/keys/password", body, Done)


async def recover(
    api: Api, *, email: str, recovery_text: str, new_password: str, label: str = "headless client"
) -> tuple[Account, str]:
    """Survives a forgotten password with the recovery code: same keys, same history, a new password, a new code.

    Returns the account, which is signed in, and the text of the new recovery code; the old one is spent.
    """
    code = slots.parse_recovery(recovery_text)
    rc_auth = slots.recovery_auth(code)
    given = await api.post("/recovery/open", OpenRecovery(email=email, rc_auth=rc_auth), RecoverySlot)
    vault = vaults.unlock_with_code(given, code)
    at = vaults.fresh_parameters()
    root = vaults.password_root(new_password, at)
    slot = vaults.password_slot(vault, root, at)
    fresh = random_bytes(slots.RECOVERY_BYTES)
    recovery = vaults.recovery_slot(vault, fresh)
    body = FinishRecovery(email=email, rc_auth=rc_auth, auth=root.auth, slot=slot, recovery=recovery)
    await api.post("/recovery/finish", body, Done)
    return await ready(api, vault, label), slots.recovery_text(fresh)
