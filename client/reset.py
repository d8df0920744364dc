"""Everything was lost: new keys that no old one has signed, with a code of the organisation's."""

from __future__ import annotations

from client import vault as vaults
from client.account import Account, now_ms, ready
from client.api import Api
from crypto import slots
from crypto.primitives import random_bytes
from wire.people import Done, UkrBlob
from wire.renewal import ResetKeys, ResetOffer, ResetQuestion


async def begin_anew(
    api: Api, *, email: str, code: str, new_password: str, label: str = "headless client"
) -> tuple[Account, str]:
    """Keys from nothing for an account that was lost; returns it, signed in, and the text of its recovery code.

    Nothing that was written before opens with them. Colleagues stop until they have compared the new key, every
    permission names the old one, and history comes back only where somebody who reads shares it under a new permission.
    """
    offer = await api.post("/reset/look", ResetQuestion(email=email, code=code), ResetOffer)
    at, fresh = vaults.fresh_parameters(), random_bytes(slots.RECOVERY_BYTES)
    root = vaults.password_root(new_password, at)
    vault, ukr = vaults.reset(offer.user, offer.bundles, now_ms())
    body = ResetKeys(
        email=email,
        code=code,
        auth=root.auth,
        ukr=UkrBlob(ukr=ukr.body, pop=ukr.pop, sig=ukr.sig),
        slots=[vaults.password_slot(vault, root, at), vaults.recovery_slot(vault, fresh)],
        keyring=vaults.keyring_blob(vault, offer.version),
    )
    await api.post("/reset/finish", body, Done)
    return await ready(api, vault, label), slots.recovery_text(fresh)
