"""Consent as the patient gives it: the words, the signed directive, and its way into every log."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from client.account import Account, now_ms
from client.errors import ApiError, Untrusted
from client.log import directory_of
from client.threads import tend_all
from crypto.directives import Directive, Revoke, sign_directive, sign_revoke, statement_hash
from crypto.primitives import random_bytes
from crypto.tables import Action, AuthKind, Effect, GranteeKind, HistoryKind, PinState, RevokeKind, RevokeReason, Role
from wire.base import b64
from wire.consent import ConsentGiven, ConsentSigner, DirectiveIn, DirectivesOut, RevocationIn
from wire.messaging import AdmissionRequest, AdmissionRequests
from wire.people import PersonKeys

WORKING = int(Action.READ | Action.POST | Action.ATTACH | Action.JOIN)
LEADING = WORKING | int(Action.ADMIT)
QUARTER_MS = 90 * 86_400_000
_WORDS = {
    Action.READ: "read what is written about me",
    Action.POST: "write",
    Action.ATTACH: "add files",
    Action.JOIN: "join sessions",
    Action.ADMIT: "bring in others whom I permit",
    Action.RECORD: "record sessions",
    Action.EXPORT: "take copies",
}


@dataclass(frozen=True)
class Permission:
    """What a patient grants to one person's key; times in ms, no `threads` means every thread."""

    grantee_fp: bytes
    grantee_name: str
    actions: int = WORKING
    history: HistoryKind = HistoryKind.ALL
    threads: tuple[bytes, ...] = ()
    labels: tuple[str, ...] = ()
    lasts_ms: int = QUARTER_MS

    def statement(self, begins: int) -> str:
        """The exact words that the patient agrees to."""
        acts = [words for bit, words in _WORDS.items() if self.actions & bit]
        listed = ", ".join(acts[:-1]) + (" and " if len(acts) > 1 else "") + acts[-1]
        before = "but nothing that was written before" if self.history == HistoryKind.NONE else "with what was before"
        days = [datetime.fromtimestamp(at / 1000, UTC).strftime("%-d %B %Y") for at in (begins, begins + self.lasts_ms)]
        return f"I permit {self.grantee_name} to {listed}, {before}, from {days[0]} until {days[1]}."

    def directive(self, voice: Voice, *, supersedes: Sequence[bytes] = ()) -> tuple[Directive, str]:
        """The permit, in force from now on, and the statement that it is the signature of."""
        begins = now_ms()
        statement = self.statement(begins)
        made = Directive(
            directive_id=random_bytes(16),
            patient_ref=voice.patient,
            effect=Effect.PERMIT,
            auth_kind=voice.kind,
            auth_fp=voice.fp,
            grantee_kind=GranteeKind.KEY,
            grantee=self.grantee_fp,
            actions=self.actions,
            nbf=begins,
            exp=begins + self.lasts_ms,
            threads=tuple(sorted(self.threads)),
            labels=tuple(sorted(label.encode() for label in self.labels)),
            history=self.history,
            supersedes=tuple(sorted(supersedes)),
            text_hash=statement_hash(statement),
        )
        return made, statement


@dataclass(frozen=True)
class Voice:
    """In whose name consent is given: for which patient, by what right, and with whose key (zero: witnesses')."""

    patient: bytes
    kind: AuthKind
    fp: bytes = bytes(32)

    @property
    def path(self) -> str:
        return f"/patients/{b64(self.patient)}"

    def revoke(self, *, directive_id: bytes = b"", grantee_fp: bytes = b"") -> Revoke:
        """The end of one directive, of all that one person was granted, or, with neither, of every permit."""
        kind = RevokeKind.DIRECTIVE if directive_id else RevokeKind.GRANTEE if grantee_fp else RevokeKind.EVERYONE
        target, reason = directive_id or grantee_fp, RevokeReason.CHANGED_MIND
        return Revoke(random_bytes(16), self.patient, kind, target, self.fp, now_ms(), reason)


def voice_of(account: Account, patient: bytes = b"") -> Voice:
    """One's own voice as the patient, or, with `patient`, as the one who acts for that patient."""
    fp = account.vault.identity.fp
    if patient and patient != account.me.patient:
        return Voice(patient, AuthKind.REPRESENTATIVE, fp)
    if account.me.patient is None:
        raise ApiError("refused", "only a patient, or who acts for one, gives consent")
    return Voice(account.me.patient, AuthKind.PATIENT, fp)


async def sign_permission(
    account: Account, wish: Permission, *, supersedes: Sequence[bytes] = (), patient: bytes = b""
) -> bytes:
    """Signs a permit and hands it in: in force at once, then carried into the patient's logs; returns its id."""
    directive_id = await hand_in_permission(account, wish, supersedes=supersedes, patient=patient)
    await carry_consent(account)
    return directive_id


async def hand_in_permission(
    account: Account, wish: Permission, *, supersedes: Sequence[bytes] = (), patient: bytes = b""
) -> bytes:
    """Signs a permit and hands it in, and carries it nowhere: it is in force when this returns its id."""
    voice, identity = voice_of(account, patient), account.vault.identity
    directive, statement = wish.directive(voice, supersedes=supersedes)
    body = directive.encode()
    signer = ConsentSigner(fp=identity.fp, sig=sign_directive(identity.sign_seed, body))
    given = DirectiveIn(body=body, signers=[signer], statement=statement)
    await account.api.post(f"{voice.path}/directives", given, ConsentGiven)
    return directive.directive_id


async def withdraw(
    account: Account, *, directive_id: bytes = b"", grantee_fp: bytes = b"", patient: bytes = b""
) -> bytes:
    """Withdraws one directive, or all that one person was granted, or, with neither, everything; returns the id."""
    revoke_id = await hand_in_withdrawal(account, directive_id=directive_id, grantee_fp=grantee_fp, patient=patient)
    await carry_consent(account)
    return revoke_id


async def hand_in_withdrawal(
    account: Account, *, directive_id: bytes = b"", grantee_fp: bytes = b"", patient: bytes = b""
) -> bytes:
    """As withdraw, and carries it nowhere: what was withdrawn has ended when this returns."""
    voice, identity = voice_of(account, patient), account.vault.identity
    revoke = voice.revoke(directive_id=directive_id, grantee_fp=grantee_fp)
    body = revoke.encode()
    signer = ConsentSigner(fp=identity.fp, sig=sign_revoke(identity.sign_seed, body))
    await account.api.post(f"{voice.path}/revocations", RevocationIn(body=body, signers=[signer]), ConsentGiven)
    return revoke.revoke_id


async def carry_consent(account: Account) -> None:
    """Carries what was signed into each of one's threads, with the members and keys that follow from it."""
    await tend_all(account)


async def directives(account: Account) -> DirectivesOut:
    """All that the patient has signed, the newest first."""
    return await account.api.get(f"{voice_of(account).path}/directives", DirectivesOut)


async def requests(account: Account, patient: bytes = b"") -> list[AdmissionRequest]:
    """What waits for one's answer, as the patient or, with `patient`, as the one who acts for that patient."""
    answer = await account.api.get(f"{voice_of(account, patient).path}/requests", AdmissionRequests)
    return answer.requests


async def agree(account: Account, request: AdmissionRequest, patient: bytes = b"") -> bytes:
    """Signs what a request asks for, in its thread, after checking whose key it is; returns the directive's id."""
    check_keys(account, request.keys, request.fp, request.role, request.invitee_organisation)
    wish = Permission(
        grantee_fp=request.fp,
        grantee_name=f"{request.invitee_name} ({request.invitee_organisation_name})",
        actions=request.actions,
        history=HistoryKind(request.history),
        threads=(request.thread,),
        labels=tuple(request.labels),
    )
    return await sign_permission(account, wish, patient=patient)


def check_keys(account: Account, person: PersonKeys, fp: bytes, role: int, organisation: bytes) -> None:
    """Raises Untrusted or Ct1Error unless the organisation's pinned root certifies this key for this role.

    E_KEY_CHANGED where this person knew another key, which this one does not continue: until `accept_keys`.
    """
    directory = directory_of([person], account.root_pks)
    if directory.ukr(fp).user != person.user:
        raise Untrusted("the key is another person's")
    roots = {one.id: one.root_fp for one in account.organisations if one.id == organisation}
    directory.certificate(fp, person.user, Role(role), roots, now_ms())
    account.pins = account.pins.after_person(person.user, fp, directory, now_ms())


def accept_keys(account: Account, person: bytes, fp: bytes, *, verified: bool = False) -> None:
    """Takes another key for somebody: compared in person, or taken after a stop."""
    account.pins = account.pins.accepted(person, fp, PinState.VERIFIED if verified else PinState.SEEN, now_ms())
