"""The rules of the entries that members write: who comes, who goes, epochs and shares (docs/protocol.md 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from crypto.directives import Directive
from crypto.directory import Directory
from crypto.entries import Close, Entry, EpochStart, HistoryShare, KeyUpdate, MemberAdd, MemberRemove
from crypto.errors import Ct1Error
from crypto.state import Closing, Epoch, Member, ThreadState
from crypto.tables import Action, Effect, GranteeKind, Role


def coming_in(
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
    former = directory.chain(fp)
    return Member(user, fp, role, certificate.org, 0, bytes(16), 1, is_authority, certificate.exp, former)


def _member_add(
    state: ThreadState, entry: Entry, author: Member, payload: MemberAdd, directory: Directory
) -> ThreadState:
    if not state.leads(author, entry.ts):
        raise Ct1Error("E_SCOPE", "only an authority or a leading member admits")
    if payload.user in state.members:
        raise Ct1Error("E_DUP", "this person is a member")
    member = coming_in(directory, state.roots, payload.user, payload.fp, payload.role, entry.ts)
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
    if payload.user != author.user and not state.leads(author, entry.ts):
        raise Ct1Error("E_SCOPE", "only an authority or a leading member removes others")
    if state.members[payload.user].acts(entry.ts):
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
    reader = state.reader(payload.user, payload.fp, entry.ts)
    if reader is None:
        raise Ct1Error("E_NOT_MEMBER", "history is shared with those alone who may read now")
    in_range = state.share_floor(reader, entry.ts) <= payload.first <= payload.last <= len(state.epochs)
    if not in_range:
        raise Ct1Error("E_HISTORY", "more history than the reader is given")
    if not all(state.holds(author.user, number) for number in range(payload.first, payload.last + 1)):
        raise Ct1Error("E_HISTORY", "the author does not hold these epochs")
    return replace(state, shares=(*state.shares, payload))


def _key_update(
    state: ThreadState, entry: Entry, author: Member, payload: KeyUpdate, directory: Directory
) -> ThreadState:
    if payload.user != author.user or payload.old_fp != author.fp:
        raise Ct1Error("E_NOT_MEMBER", "the old key is no member's who writes here")
    ukr = directory.ukr_of(entry.author, entry.author_gen)
    if payload.new_fp != ukr.fp or payload.ukr_hash != ukr.hash:
        raise Ct1Error("E_UNKNOWN_KEY", "the entry is not signed with the key that it brings")
    if payload.old_fp not in directory.chain(ukr.fp):
        raise Ct1Error("E_KEY_CHANGED", "the old key has not signed for the new one")
    fresh = coming_in(directory, state.roots, author.user, ukr.fp, author.role, entry.ts)
    member = replace(author, fp=fresh.fp, org=fresh.org, until=fresh.until, former=fresh.former)
    after = replace(
        state,
        members={**state.members, author.user: member},
        authority=state.authority.renewed(author.user, ukr.fp) if author.is_authority else state.authority,
        replaced={**state.replaced, payload.old_fp: entry.seq},
        change_seq=entry.seq,
    )
    swept = {
        key for key, one in after.directives.items() for revoke in after.revokes.values() if after.sweeps(revoke, one)
    }
    return replace(after, dead=after.dead | swept)


def _close(state: ThreadState, entry: Entry, author: Member, payload: Close, directory: Directory) -> ThreadState:
    if not state.leads(author, entry.ts):
        raise Ct1Error("E_SCOPE", "only an authority or a leading member closes a thread")
    return replace(state, closing=Closing(entry.seq, payload.reason), change_seq=entry.seq)


RULES: dict[type, Callable[..., ThreadState]] = {
    MemberAdd: _member_add,
    MemberRemove: _member_remove,
    EpochStart: _epoch,
    HistoryShare: _history_share,
    KeyUpdate: _key_update,
    Close: _close,
}
WHEN_OPEN = (MemberAdd, EpochStart, Close)
"""Entries that a closed thread does not take: nobody comes to it, and it needs no further key."""
