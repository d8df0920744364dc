"""A patient's word on paper or by mouth: one witness writes it down, the second reads it again and signs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from client.account import Account, now_ms
from client.authorities import own_key
from client.consent import Permission, Voice
from client.errors import Untrusted
from crypto.authority import Change, parse_change, sign_change
from crypto.directives import parse_directive, parse_revoke, sign_directive, sign_revoke, statement_hash
from crypto.primitives import random_bytes
from crypto.tables import CHANGE_WAIT_MS, AuthKind, ChangeReason, GranteeKind
from wire.base import b64
from wire.consent import ConsentSigner
from wire.people import PatientOut
from wire.witness import WitnessingIn, WitnessingOut, WitnessingsOut

CARRYING_MS = 86_400_000
Kind = Literal["directive", "revoke", "authority"]
Method = Literal["paper", "verbal"]
_SIGN: dict[Kind, Callable[[bytes, bytes], bytes]] = {
    "directive": sign_directive,
    "revoke": sign_revoke,
    "authority": sign_change,
}


async def write_down_permission(
    account: Account, patient: bytes, wish: Permission, method: Method = "paper"
) -> WitnessingOut:
    """The permission that a patient gave, with oneself as the first witness; in force with the second."""
    directive, statement = wish.directive(Voice(patient, AuthKind.WITNESSED))
    return await _bring_in(account, patient, "directive", directive.encode(), method, statement)


async def write_down_withdrawal(
    account: Account, patient: bytes, *, directive_id: bytes = b"", grantee_fp: bytes = b"", method: Method = "verbal"
) -> WitnessingOut:
    """The end of permissions as a patient asked for it: in force at once, by one witness."""
    revoke = Voice(patient, AuthKind.WITNESSED).revoke(directive_id=directive_id, grantee_fp=grantee_fp)
    return await _bring_in(account, patient, "revoke", revoke.encode(), method)


async def write_down_hand_over(
    account: Account,
    patient: PatientOut,
    method: Method = "verbal",
    *,
    announced: bool = False,
    reason: ChangeReason = ChangeReason.OWN_KEY,
) -> WitnessingOut:
    """The patient has a key by now: with the second witness, every thread of the patient is the patient's own.

    At once where witnesses consented; `announced`, in four days, where an office has ended or a key is lost. A day of
    these is for a member's client to carry the announcement into the log, where it must stand for three.
    """
    not_before = now_ms() + CHANGE_WAIT_MS + CARRYING_MS if announced else 0
    change = Change(random_bytes(16), patient.id, await own_key(account, patient), not_before, reason)
    return await _bring_in(account, patient.id, "authority", change.encode(), method)


async def waiting(account: Account) -> list[WitnessingOut]:
    """What waits for another witness among one's patients."""
    return (await account.api.get("/witnessings", WitnessingsOut)).witnessings


async def countersign(account: Account, one: WitnessingOut) -> WitnessingOut:
    """Signs as another witness, after reading that the bytes say what was shown and concern somebody else."""
    check(account, one)
    return await account.api.post(
        f"/witnessings/{b64(one.id)}/sign", _signer(account, one.kind, one.body), WitnessingOut
    )


def check(account: Account, one: WitnessingOut) -> None:
    """Raises Untrusted for bytes that are of another patient, say other words, or name the witness; Ct1Error."""
    if one.kind == "directive":
        directive = parse_directive(one.body)
        patient_ref = directive.patient_ref
        if statement_hash(one.statement) != directive.text_hash:
            raise Untrusted("the words that are shown are not the words that are signed")
        if directive.exp <= now_ms():
            raise Untrusted("it has ended already")
        if (directive.grantee_kind, directive.grantee) == (GranteeKind.KEY, account.vault.identity.fp):
            raise Untrusted("nobody witnesses what concerns them")
    elif one.kind == "revoke":
        patient_ref = parse_revoke(one.body).patient_ref
    else:
        change = parse_change(one.body)
        patient_ref = change.patient_ref
        if change.authorities.kind != AuthKind.PATIENT or account.me.id in change.authorities.accounts:
            raise Untrusted("witnesses hand over to the patient alone")
    if patient_ref != one.patient:
        raise Untrusted("it is about another patient")


async def _bring_in(
    account: Account, patient: bytes, kind: Kind, body: bytes, method: Method, statement: str = ""
) -> WitnessingOut:
    signer = _signer(account, kind, body)
    said = WitnessingIn(id=random_bytes(16), kind=kind, method=method, body=body, signer=signer, statement=statement)
    return await account.api.post(f"/patients/{b64(patient)}/witnessings", said, WitnessingOut)


def _signer(account: Account, kind: Kind, body: bytes) -> ConsentSigner:
    identity = account.vault.identity
    return ConsentSigner(fp=identity.fp, sig=_SIGN[kind](identity.sign_seed, body))
