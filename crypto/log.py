"""The thread log: signed entries in, a state or one error code out (docs/protocol.md 5, order of checks in 5.4).

`replay` is total: any bytes give a state or a Ct1Error. Server and clients run the same rules; the TypeScript mirror
must return the same code for the same bytes, so the order of the checks is part of the protocol.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from crypto import tables
from crypto.directives import Directive, parse_directive, parse_revoke
from crypto.entries import (
    NO_HASH,
    NON_CRITICAL,
    Entry,
    EpochStart,
    Genesis,
    HistoryShare,
    MemberAdd,
    MemberRemove,
    Signed,
    SignedEntry,
    parse_entry,
    parse_payload,
)
from crypto.errors import Ct1Error
from crypto.primitives import digest, verify
from crypto.state import Directory, Epoch, Member, ThreadState, kind_for
from crypto.tables import (
    Action,
    AuthKind,
    Effect,
    EntryType,
    ErrorCode,
    GenesisFlag,
    GranteeKind,
    Label,
    RevokeKind,
    Role,
)

__all__ = ["Directory", "Entry", "SignedEntry", "ThreadState", "append", "replay", "start"]


def replay(entries: Sequence[SignedEntry], directory: Directory, now_ms: int) -> ThreadState:
    """The state of a whole log from genesis; raises Ct1Error with the code of the first rule broken."""
    if not entries:
        raise Ct1Error("E_LOG_SEQ", "an empty log")
    state = start(entries[0], directory, now_ms)
    for entry in entries[1:]:
        state = append(state, entry, directory, now_ms)
    return state


def start(signed: SignedEntry, directory: Directory, now_ms: int) -> ThreadState:
    """The state after GENESIS."""
    entry = parse_entry(signed.body)
    if entry.type != EntryType.GENESIS or entry.seq != 0:
        raise Ct1Error("E_LOG_SEQ", "a log begins with GENESIS at 0")
    if entry.thread_id != NO_HASH:
        raise Ct1Error("E_THREAD_ID", "GENESIS names no thread: its hash is the thread's name")
    if entry.prev != NO_HASH:
        raise Ct1Error("E_LOG_PREV", "GENESIS follows nothing")
    _check_time(entry, 0, now_ms)
    ukr = directory.ukr_of(entry.author, entry.author_gen)
    verify(ukr.sign_pk, Label.LOG_SIG, signed.body, signed.sig)
    genesis = parse_payload(entry)
    assert isinstance(genesis, Genesis)
    if genesis.flags & ~sum(GenesisFlag):
        raise Ct1Error("E_ENUM", "a flag that has no meaning")
    if bool(genesis.flags & GenesisFlag.COMPLIANCE) != (genesis.compliance_pk != bytes(32)):
        raise Ct1Error("E_ENC", "the compliance flag and the compliance key go together")
    if genesis.creator != entry.author or genesis.creator_fp != ukr.fp:
        raise Ct1Error("E_UNKNOWN_KEY", "the creator is not the author")
    return ThreadState(
        thread_id=digest(Label.THREAD_ID, signed.body),
        genesis=genesis,
        members=_first_members(genesis, directory, entry.ts),
        first_joined={},
        directives={},
        dead=frozenset(),
        epochs=(),
        shares=(),
        hashes=(signed.hash,),
        ts=entry.ts,
        change_seq=0,
    )


def _first_members(genesis: Genesis, directory: Directory, ts: int) -> dict[bytes, Member]:
    if genesis.auth_kind == AuthKind.WITNESSED or not genesis.authorities:
        raise Ct1Error("E_UNSUPPORTED", "witnessed authority needs a newer app")
    if not 1 <= genesis.quorum <= len(genesis.authorities):
        raise Ct1Error("E_QUORUM", "the quorum cannot be met")
    roots = dict(genesis.roots)
    if len(roots) != len(genesis.roots):
        raise Ct1Error("E_ENC", "an organisation has two roots")
    members: dict[bytes, Member] = {}
    for one in genesis.authorities:
        if one.user == bytes(16):
            continue
        role = Role.PATIENT if genesis.auth_kind == AuthKind.PATIENT else Role.REPRESENTATIVE
        members[one.user] = _member(directory, roots, one.user, one.fp, role, ts, is_authority=True)
    creator = genesis.creator
    if creator not in members:
        members[creator] = _member(directory, roots, creator, genesis.creator_fp, genesis.creator_role, ts)
    return members


def _member(
    directory: Directory,
    roots: dict[bytes, bytes],
    user: bytes,
    fp: bytes,
    role: Role,
    ts: int,
    *,
    is_authority: bool = False,
) -> Member:
    """A member whose key is known and certified for the role under the thread's roots at `ts`."""
    if directory.ukr(fp).user != user:
        raise Ct1Error("E_UNKNOWN_KEY", "the fingerprint is another person's")
    certificate = directory.certificate(fp, user, role, roots, ts)
    if certificate.kind != kind_for(role):
        raise Ct1Error("E_CERT", "the certificate's kind does not speak for this role")
    return Member(user, fp, role, certificate.org, 0, bytes(16), 1, is_authority)


def append(state: ThreadState, signed: SignedEntry, directory: Directory, now_ms: int) -> ThreadState:
    """The state after one more entry; the old state is untouched."""
    entry = parse_entry(signed.body)
    if entry.seq != state.seq + 1 or entry.type == EntryType.GENESIS:
        raise Ct1Error("E_LOG_SEQ", f"expected entry {state.seq + 1}")
    if entry.thread_id != state.thread_id:
        raise Ct1Error("E_THREAD", "an entry of another thread")
    if entry.prev != state.head:
        raise Ct1Error("E_LOG_PREV", "the entry follows another head")
    _check_time(entry, state.ts, now_ms)
    ukr = directory.ukr_of(entry.author, entry.author_gen)
    verify(ukr.sign_pk, Label.LOG_SIG, signed.body, signed.sig)
    payload = parse_payload(entry)
    after = state
    if entry.type >= NON_CRITICAL:
        _effective_author(state, entry, ukr.fp)
    elif isinstance(payload, Signed):
        after = (
            _directive(state, entry, payload, directory)
            if entry.type == EntryType.DIRECTIVE
            else _revoke(state, entry, payload, directory)
        )
    else:
        author = _author(state, entry, ukr.fp, payload)
        after = _RULES[type(payload)](state, entry, author, payload, directory)
    return replace(after, hashes=(*after.hashes, signed.hash), ts=entry.ts)


def _check_time(entry: Entry, previous: int, now_ms: int) -> None:
    if entry.ts < previous or entry.ts > now_ms + tables.CLOCK_TOLERANCE_MS:
        raise Ct1Error("E_TS", "the entry's time goes backwards or lies ahead")


def _author(state: ThreadState, entry: Entry, fp: bytes, payload: object) -> Member:
    """Who wrote a membership entry: a member who is effective, or who takes leave."""
    leaving = isinstance(payload, MemberRemove) and payload.user == entry.author
    member = state.members.get(entry.author)
    if leaving and member is not None and member.fp == fp:
        return member
    return _effective_author(state, entry, fp)


def _effective_author(state: ThreadState, entry: Entry, fp: bytes) -> Member:
    member = state.members.get(entry.author)
    if member is None or member.fp != fp or not state.may(member, Action.READ, entry.ts):
        raise Ct1Error("E_NOT_MEMBER", "the author is no effective member with this key")
    return member


def _check_signers(state: ThreadState, payload: Signed, label: str, code: ErrorCode, directory: Directory) -> None:
    """The quorum of the thread's authorities signed; `code` when somebody else did."""
    known = {one.fp for one in state.genesis.authorities}
    fps = [signer.fp for signer in payload.signers]
    if not fps or any(fp not in known for fp in fps):
        raise Ct1Error(code, "signed by somebody who is no authority of this thread")
    if len(set(fps)) != len(fps) or len(fps) < state.genesis.quorum:
        raise Ct1Error("E_QUORUM", "too few of the authorities signed")
    for signer in payload.signers:
        verify(directory.ukr(signer.fp).sign_pk, label, payload.body, signer.sig)


def _check_office(state: ThreadState, payload: Signed, ts: int, directory: Directory) -> None:
    """Representatives give consent while their certificates stand, and no longer: a guardian's office ends."""
    if state.genesis.auth_kind == AuthKind.PATIENT:
        return
    for signer in payload.signers:
        user = directory.ukr(signer.fp).user
        directory.certificate(signer.fp, user, Role.REPRESENTATIVE, state.roots, ts)


def _directive(state: ThreadState, entry: Entry, payload: Signed, directory: Directory) -> ThreadState:
    directive = parse_directive(payload.body)
    if directive.patient_ref != state.patient_ref:
        raise Ct1Error("E_GRANT_SUBJECT", "a directive of another patient")
    if directive.auth_kind != state.genesis.auth_kind:
        raise Ct1Error("E_GRANT_AUTHORITY", "a directive of another kind of authority")
    _check_signers(state, payload, Label.DIRECTIVE_SIG, "E_GRANT_AUTHORITY", directory)
    if directive.auth_fp not in {signer.fp for signer in payload.signers}:
        raise Ct1Error("E_GRANT_AUTHORITY", "the named authority did not sign")
    _check_office(state, payload, entry.ts, directory)
    if directive.directive_id in state.directives:
        raise Ct1Error("E_GRANT_DUP", "this directive is in the log")
    if not state.covers_thread(directive):
        raise Ct1Error("E_GRANT_THREAD", "a directive of other threads")
    swept = {directive.directive_id} if any(one.sweeps(directive) for one in state.revokes.values()) else set()
    return replace(
        state,
        directives={**state.directives, directive.directive_id: directive},
        dead=state.dead | set(directive.supersedes) | swept,
    )


def _revoke(state: ThreadState, entry: Entry, payload: Signed, directory: Directory) -> ThreadState:
    revoke = parse_revoke(payload.body)
    if revoke.patient_ref != state.patient_ref:
        raise Ct1Error("E_REVOKE_AUTHORITY", "a revocation of another patient")
    _check_signers(state, payload, Label.REVOKE_SIG, "E_REVOKE_AUTHORITY", directory)
    if revoke.auth_fp not in {signer.fp for signer in payload.signers}:
        raise Ct1Error("E_REVOKE_AUTHORITY", "the named authority did not sign")
    if revoke.revoke_id in state.revokes:
        raise Ct1Error("E_DUP", "this revocation is in the log")
    if revoke.ts > entry.ts + tables.CLOCK_TOLERANCE_MS:
        raise Ct1Error("E_TS", "a revocation that lies ahead would end what is not given yet")
    ended = {key for key, one in state.directives.items() if revoke.sweeps(one)}
    if revoke.kind == RevokeKind.DIRECTIVE:
        ended.add(revoke.target)
    revokes = {**state.revokes, revoke.revoke_id: revoke}
    return replace(state, dead=state.dead | ended, revokes=revokes, change_seq=entry.seq)


def _member_add(
    state: ThreadState, entry: Entry, author: Member, payload: MemberAdd, directory: Directory
) -> ThreadState:
    if not state.leads(author):
        raise Ct1Error("E_SCOPE", "only an authority or a leading member admits")
    if payload.user in state.members:
        raise Ct1Error("E_DUP", "this person is a member")
    member = _member(directory, state.roots, payload.user, payload.fp, payload.role, entry.ts)
    directive = _admitting(state, payload, entry.ts)
    if not state.grantee_matches(directive, member):
        is_role = directive.grantee_kind == GranteeKind.ROLE
        raise Ct1Error("E_GRANT_ROLE" if is_role else "E_GRANT_SUBJECT", "the directive names somebody else")
    named = directive.grantee_kind == GranteeKind.KEY
    if not named and not state.may(author, Action.ADMIT, entry.ts):
        raise Ct1Error("E_SCOPE", "admitting under a group's directive needs the right to admit others")
    floor = state.history_floor(directive, payload.user)
    if payload.history_from < floor:
        raise Ct1Error("E_HISTORY", "more history than the directive gives")
    joined = replace(member, since_seq=entry.seq, directive_id=payload.directive_id, history_from=payload.history_from)
    after = replace(
        state,
        members={**state.members, payload.user: joined},
        first_joined={payload.user: len(state.epochs) + 1, **state.first_joined},
    )
    if not after.may(joined, Action.READ, entry.ts):
        raise Ct1Error("E_NO_GRANT", "the live directives do not let this person read")
    return after


def _admitting(state: ThreadState, payload: MemberAdd, ts: int) -> Directive:
    """The permit that a MEMBER_ADD names, live at `ts`."""
    directive = state.directives.get(payload.directive_id)
    if directive is None or directive.effect != Effect.PERMIT:
        raise Ct1Error("E_NO_GRANT", "no such permit in the log")
    if payload.directive_id in state.dead:
        raise Ct1Error("E_GRANT_REVOKED", "the permit was revoked")
    if ts >= directive.exp:
        raise Ct1Error("E_GRANT_EXPIRED", "the permit has expired")
    if not directive.live(ts):
        raise Ct1Error("E_GRANT_TIME", "the permit is not yet valid")
    return directive


def _member_remove(
    state: ThreadState, entry: Entry, author: Member, payload: MemberRemove, directory: Directory
) -> ThreadState:
    if payload.user not in state.members:
        raise Ct1Error("E_NOT_MEMBER", "nobody to remove")
    if payload.user != author.user and not state.leads(author):
        raise Ct1Error("E_SCOPE", "only an authority or a leading member removes others")
    if state.members[payload.user].is_authority:
        raise Ct1Error("E_SCOPE", "an authority of the thread stays")
    members = {user: one for user, one in state.members.items() if user != payload.user}
    return replace(state, members=members, change_seq=entry.seq)


def _epoch(state: ThreadState, entry: Entry, author: Member, payload: EpochStart, directory: Directory) -> ThreadState:
    if payload.epoch != len(state.epochs) + 1:
        raise Ct1Error("E_EPOCH_SEQ", f"expected epoch {len(state.epochs) + 1}")
    if any(epoch.start.key_commit == payload.key_commit for epoch in state.epochs):
        raise Ct1Error("E_KEY_REUSE", "an earlier epoch had this key")
    if payload.recipients != state.recipients(entry.ts):
        raise Ct1Error("E_RECIPIENTS", "the recipients are not exactly those who may read")
    epoch = Epoch(payload, entry.seq, entry.ts)
    return replace(state, epochs=(*state.epochs, epoch), change_seq=entry.seq)


def _history_share(
    state: ThreadState, entry: Entry, author: Member, payload: HistoryShare, directory: Directory
) -> ThreadState:
    member = state.members.get(payload.user)
    if member is None or member.fp != payload.fp or not state.may(member, Action.READ, entry.ts):
        raise Ct1Error("E_NOT_MEMBER", "history is shared with effective members alone")
    in_range = state.share_floor(member, entry.ts) <= payload.first <= payload.last <= len(state.epochs)
    if not in_range:
        raise Ct1Error("E_HISTORY", "more history than consent gives the member")
    if not all(state.holds(author.user, number) for number in range(payload.first, payload.last + 1)):
        raise Ct1Error("E_HISTORY", "the author does not hold these epochs")
    return replace(state, shares=(*state.shares, payload))


_RULES: dict[type, Callable[..., ThreadState]] = {
    MemberAdd: _member_add,
    MemberRemove: _member_remove,
    EpochStart: _epoch,
    HistoryShare: _history_share,
}
