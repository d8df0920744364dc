"""Emergency access from both sides: who declares it and reads, and the colleague who co-signs."""

from __future__ import annotations

from collections.abc import Sequence

from client.account import Account, now_ms
from client.errors import ApiError
from client.log import Batch, directory_of
from client.threads import TRIES, Thread
from crypto.directives import Signer
from crypto.emergency import Emergency, sign_emergency
from crypto.entries import Signed
from crypto.primitives import random_bytes
from crypto.tables import EMERGENCY_MAX_MS, EMERGENCY_REASON_MAX, EntryType, Role
from wire.base import b64
from wire.emergency import (
    Category,
    EmergenciesOut,
    EmergencyCosign,
    EmergencyFound,
    EmergencyIn,
    EmergencyLook,
    EmergencyOut,
    EmergencySignature,
    EmergencyThread,
    ReasonCode,
)
from wire.people import KeysQuestion, PeopleKeys, PersonKeys

READING: tuple[Category, ...] = ("allergy", "crisis_plan", "diagnosis", "medication", "message", "screening")


async def look(account: Account, name: str, birth_date: str) -> EmergencyFound:
    """The one patient of this full name and birth date."""
    return await account.api.post("/emergency/look", EmergencyLook(name=name, birth_date=birth_date), EmergencyFound)


async def declare(
    account: Account,
    patient: bytes,
    reason: str,
    *,
    code: ReasonCode = "other",
    categories: Sequence[Category] = READING,
    cosigner: bytes | None = None,
) -> EmergencyOut:
    """Declares on the server; the words are attested. Raises ApiError with the decision's reason."""
    body = EmergencyIn(
        id=random_bytes(16),
        categories=list(categories),
        reason_code=code,
        reason=reason,
        attest=True,
        cosigner=cosigner,
    )
    return await account.api.post(f"/patients/{b64(patient)}/emergencies", body, EmergencyOut)


async def emergencies(account: Account) -> list[EmergencyOut]:
    """One's own, those that wait for one's co-signature, and those to review."""
    return (await account.api.get("/emergencies", EmergenciesOut)).emergencies


def declaration(declared: EmergencyOut, thread: bytes, exp: int) -> Emergency:
    """What goes into one thread's log; `exp` in ms."""
    reason = f"{declared.reason_code}: {declared.reason}".encode()[:EMERGENCY_REASON_MAX]
    return Emergency(
        declaration_id=declared.id,
        thread_id=thread,
        user=declared.user,
        fp=declared.fp,
        role=Role(declared.role),
        exp=exp,
        # Cut by bytes: half a character at the end is left out.
        reason=reason.decode("utf-8", "ignore").encode(),
    )


async def cosign(account: Account, waiting: EmergencyOut) -> EmergencyOut:
    """Signs the declaration for each thread that it reaches, and opens it."""
    exp = now_ms() + waiting.hours * 3_600_000
    identity = account.vault.identity
    signatures = []
    for one in waiting.threads:
        if one.flagged:
            body = declaration(waiting, one.thread, exp).encode()
            sig = sign_emergency(identity.sign_seed, body)
            signatures.append(EmergencySignature(thread=one.thread, body=body, fp=identity.fp, sig=sig))
    path = f"/emergencies/{b64(waiting.id)}/cosign"
    return await account.api.post(path, EmergencyCosign(exp=exp, signatures=signatures), EmergencyOut)


async def ask_for_keys(account: Account, declared: EmergencyOut, one: EmergencyThread) -> Thread:
    """Puts the emergency into a thread's log, where every member reads it; the keys come when one of them answers."""
    thread = Thread(account, one.thread)
    mine = await _keys_of(account, declared)
    for _ in range(TRIES):
        state = await thread.sync()
        if any(reader.declaration.declaration_id == declared.id for reader in state.emergencies):
            return thread
        batch = Batch(
            state, directory_of([*thread.people.values(), *mine], account.root_pks), account.vault.identity, now_ms()
        )
        batch.carry(EntryType.BREAK_GLASS, _signed(declared, one, batch.now_ms))
        if await thread.append(batch):
            return thread
    raise ApiError("conflict", "the thread's log moves too fast")


async def _keys_of(account: Account, declared: EmergencyOut) -> list[PersonKeys]:
    """One's own and a co-signer's, whom the log does not name before."""
    users = [declared.user] if declared.cosigner is None else [declared.user, declared.cosigner]
    return (await account.api.post("/people/keys", KeysQuestion(users=users), PeopleKeys)).people


def _signed(declared: EmergencyOut, one: EmergencyThread, at_ms: int) -> Signed:
    if one.cosigned is not None:
        return Signed(one.cosigned.body, (Signer(one.cosigned.fp, one.cosigned.sig),))
    exp = min(declared.expires_at, at_ms + EMERGENCY_MAX_MS)
    return Signed(declaration(declared, one.thread, exp).encode(), ())
