"""The next keys of a person: made, handed in, and carried into every thread."""

from __future__ import annotations

from client import vault as vaults
from client.account import Account, now_ms
from client.threads import tend_all
from crypto import slots
from crypto.keys import SignedUkr
from crypto.primitives import random_bytes
from wire.people import MyKeys, UkrBlob
from wire.renewal import NewLocks, RenewKeys


async def rotate_keys(account: Account, *, password: str) -> None:
    """The next generation, by routine: everything opens as before, and what is sealed from now on is sealed to it.

    Raises ApiError `conflict` when another device was first; nothing has changed then.
    """
    stored = await account.api.get("/keys/mine", MyKeys)
    vault, ukr = vaults.renewed(account.vault, now_ms(), is_compromised=False)
    root = vaults.password_root(password, await account.api.login_parameters(account.me.email))
    await _hand_in(account, vault, ukr, stored.keyring.version + 1, root.auth, None)


async def escape_with_new_keys(account: Account, *, current: str, new: str) -> str:
    """For a stolen device or a known password: new keys, new master key, new password; returns the new recovery code.

    Passkeys, the old recovery code and every other session end. What was written before stays readable, to whoever
    holds the old keys too: nothing can be taken back from them. What follows is closed to them.
    """
    stored = await account.api.get("/keys/mine", MyKeys)
    vault, ukr = vaults.renewed(account.vault, now_ms(), is_compromised=True)
    old_root = vaults.password_root(current, await account.api.login_parameters(account.me.email))
    at, code = vaults.fresh_parameters(), random_bytes(slots.RECOVERY_BYTES)
    root = vaults.password_root(new, at)
    locks = NewLocks(
        auth=root.auth, password=vaults.password_slot(vault, root, at), recovery=vaults.recovery_slot(vault, code)
    )
    await _hand_in(account, vault, ukr, stored.keyring.version + 1, old_root.auth, locks)
    return slots.recovery_text(code)


async def _hand_in(
    account: Account, vault: vaults.Vault, ukr: SignedUkr, version: int, auth: bytes, locks: NewLocks | None
) -> None:
    body = RenewKeys(
        current_auth=auth,
        ukr=UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig),
        keyring=vaults.keyring_blob(vault, version),
        locks=locks,
    )
    await account.api.post("/keys/renew", body, MyKeys)
    account.vault = vault
    await tend_all(account)
