"""The thread log: signed entries in, a state or one error code out (docs/protocol.md 3.5, order of checks in 4).

`replay` is total: any bytes give a state or a Ct1Error. Server and clients run the same rules; the TypeScript mirror
must return the same code for the same bytes, so the order of the checks is part of the protocol.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from crypto import tables
from crypto.authority import check_quorum
from crypto.consenting import authorities_in, carry
from crypto.directory import Directory
from crypto.entries import (
    NO_HASH,
    NON_CRITICAL,
    Entry,
    Genesis,
    KeyUpdate,
    MemberRemove,
    Signed,
    SignedEntry,
    parse_entry,
    parse_payload,
)
from crypto.errors import Ct1Error
from crypto.membership import RULES, WHEN_OPEN, coming_in
from crypto.policy import Terms
from crypto.primitives import digest, verify
from crypto.state import Member, ThreadState
from crypto.tables import Action, AuthKind, EntryType, ErrorCode, GenesisFlag, Label

__all__ = ["Directory", "Entry", "SignedEntry", "ThreadState", "append", "replay", "start"]


def replay(entries: Sequence[SignedEntry], directory: Directory, now_ms: int) -> ThreadState:
    """The state of a whole log from genesis; raises Ct1Error with the code of the first rule broken."""
    if not entries:
        raise Ct1Error("E_LOG_SEQ", "an empty log")
    state = start(entries[0], directory, now_ms)
    for entry in entries[1:]:
        state = append(state, entry, directory, now_ms)
    return state


LATER: frozenset[ErrorCode] = frozenset({"E_UNSUPPORTED", "E_VERSION", "E_SUITE"})
"""What an entry of a later version of the protocol is refused with."""


def replay_known(
    entries: Sequence[SignedEntry], directory: Directory, now_ms: int
) -> tuple[ThreadState, ErrorCode | None]:
    """The state up to the first entry of a later version, and that entry's code: the thread can be read up to there.

    Whoever holds such a state writes and sends nothing; any other fault is raised as `replay` raises it.
    """
    if not entries:
        raise Ct1Error("E_LOG_SEQ", "an empty log")
    state = start(entries[0], directory, now_ms)
    for entry in entries[1:]:
        try:
            state = append(state, entry, directory, now_ms)
        except Ct1Error as refusal:
            if refusal.code in LATER:
                return state, refusal.code
            raise
    return state, None


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
        authority=genesis.authority,
        policy=Terms.first(genesis),
    )


def _first_members(genesis: Genesis, directory: Directory, ts: int) -> dict[bytes, Member]:
    is_witnessed = genesis.auth_kind == AuthKind.WITNESSED
    if is_witnessed == bool(genesis.authorities):
        raise Ct1Error("E_GRANT_AUTHORITY", "either witnesses consent, or those who are named")
    if not is_witnessed:
        check_quorum(genesis.authority)
    elif genesis.quorum < tables.MIN_WITNESSES:
        raise Ct1Error("E_QUORUM", "one witness is none")
    roots = dict(genesis.roots)
    if len(roots) != len(genesis.roots):
        raise Ct1Error("E_ENC", "an organisation has two roots")
    members = authorities_in(directory, roots, genesis.authority, ts)
    creator = genesis.creator
    if creator not in members:
        members[creator] = coming_in(directory, roots, creator, genesis.creator_fp, genesis.creator_role, ts)
    return members


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
        after = carry(state, entry, ukr.fp, payload, directory)
    else:
        author = _author(state, entry, ukr.fp, payload)
        if state.closing is not None and isinstance(payload, WHEN_OPEN):
            raise Ct1Error("E_SCOPE", "the thread is closed")
        after = RULES[type(payload)](state, entry, author, payload, directory)
    return replace(after, hashes=(*after.hashes, signed.hash), ts=entry.ts)


def _check_time(entry: Entry, previous: int, now_ms: int) -> None:
    if entry.ts < previous or entry.ts > now_ms + tables.CLOCK_TOLERANCE_MS:
        raise Ct1Error("E_TS", "the entry's time goes backwards or lies ahead")


def _author(state: ThreadState, entry: Entry, fp: bytes, payload: object) -> Member:
    """Who wrote a membership entry: a member who is effective, takes leave, or comes with a new key."""
    leaving = isinstance(payload, MemberRemove) and payload.user == entry.author
    member = state.members.get(entry.author)
    if isinstance(payload, KeyUpdate) and member is not None:
        return member
    if leaving and member is not None and member.fp == fp:
        return member
    return _effective_author(state, entry, fp)


def _effective_author(state: ThreadState, entry: Entry, fp: bytes) -> Member:
    member = state.members.get(entry.author)
    if member is None or member.fp != fp or not state.may(member, Action.READ, entry.ts):
        raise Ct1Error("E_NOT_MEMBER", "the author is no effective member with this key")
    return member
