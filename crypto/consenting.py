"""The rules of the entries that carry consent: directives, revocations, authorities, emergencies (protocol.md 4.2).

Whoever appends them, what counts is who signed the object inside.
"""

from __future__ import annotations

from dataclasses import replace

from crypto import tables
from crypto.authority import Authorities, Change, parse_change
from crypto.directives import Revoke, parse_directive, parse_revoke
from crypto.directory import Directory
from crypto.emergency import Emergency, EmergencyReader, parse_emergency
from crypto.entries import Entry, Signed
from crypto.errors import Ct1Error
from crypto.membership import coming_in
from crypto.offices import Signing
from crypto.policy import parse_policy
from crypto.state import Member, ThreadState
from crypto.tables import Action, AuthKind, Effect, EntryType, GenesisFlag, GranteeKind, Label, RevokeKind, Role


def carry(state: ThreadState, entry: Entry, author_fp: bytes, payload: Signed, directory: Directory) -> ThreadState:
    """The state after an entry that carries a signed object."""
    match entry.type:
        case EntryType.DIRECTIVE:
            return _directive(state, entry, payload, directory)
        case EntryType.REVOKE:
            return _revoke(state, entry, payload, directory)
        case EntryType.AUTHORITY_CHANGE:
            return _authority_change(state, entry, payload, directory)
        case EntryType.POLICY_CHANGE:
            return _policy_change(state, entry, payload, directory)
        case _:
            return _break_glass(state, entry, author_fp, payload, directory)


def _directive(state: ThreadState, entry: Entry, payload: Signed, directory: Directory) -> ThreadState:
    directive, authority = parse_directive(payload.body), state.authority
    if directive.patient_ref != state.patient_ref:
        raise Ct1Error("E_GRANT_SUBJECT", "a directive of another patient")
    if directive.auth_kind != authority.kind:
        raise Ct1Error("E_GRANT_AUTHORITY", "a directive of another kind of authority")
    signing = Signing(state, payload, Label.DIRECTIVE_SIG, "E_GRANT_AUTHORITY", directory, entry.ts)
    signing.require_authority(authority.quorum)
    signing.require_named(directive.auth_fp)
    signing.require_office()
    witnesses = {}
    if signing.is_witnessed:
        signing.require_disinterest(directive)
        witnesses = {directive.directive_id: signing.users}
    if any(_is_protected(state, old) for old in directive.supersedes):
        raise Ct1Error("E_GRANT_AUTHORITY", "what the patient refused in person nobody else supersedes")
    if state.uses(directive.directive_id):
        raise Ct1Error("E_GRANT_DUP", "this directive is in the log")
    if not state.covers_thread(directive):
        raise Ct1Error("E_GRANT_THREAD", "a directive of other threads")
    swept = {directive.directive_id} if any(state.sweeps(one, directive) for one in state.revokes.values()) else set()
    return replace(
        state,
        directives={**state.directives, directive.directive_id: directive},
        witnesses={**state.witnesses, **witnesses},
        dead=state.dead | set(directive.supersedes) | swept,
    )


def _is_protected(state: ThreadState, directive_id: bytes) -> bool:
    """A deny that the patient gave in person, where somebody else consents now."""
    directive = state.directives.get(directive_id)
    if directive is None or directive.effect != Effect.DENY:
        return False
    return directive.auth_kind == AuthKind.PATIENT and state.authority.kind != AuthKind.PATIENT


def _revoke(state: ThreadState, entry: Entry, payload: Signed, directory: Directory) -> ThreadState:
    revoke = parse_revoke(payload.body)
    if revoke.patient_ref != state.patient_ref:
        raise Ct1Error("E_REVOKE_AUTHORITY", "a revocation of another patient")
    closes = _closes(state, revoke)
    needed = 1 if closes or revoke.target in state.announced else state.authority.quorum
    signing = Signing(state, payload, Label.REVOKE_SIG, "E_REVOKE_AUTHORITY", directory, entry.ts)
    signing.require_authority(needed)
    signing.require_named(revoke.auth_fp)
    if not closes:
        signing.require_office()
    if revoke.kind == RevokeKind.DIRECTIVE and _is_protected(state, revoke.target):
        raise Ct1Error("E_REVOKE_AUTHORITY", "what the patient refused in person nobody else lifts")
    if revoke.revoke_id in state.revokes:
        raise Ct1Error("E_DUP", "this revocation is in the log")
    if revoke.ts > entry.ts + tables.CLOCK_TOLERANCE_MS:
        raise Ct1Error("E_TS", "a revocation that lies ahead would end what is not given yet")
    ended = {key for key, one in state.directives.items() if state.sweeps(revoke, one)}
    if revoke.kind == RevokeKind.DIRECTIVE:
        ended.add(revoke.target)
    return replace(
        state,
        dead=state.dead | ended,
        announced=state.announced - ended,
        revokes={**state.revokes, revoke.revoke_id: revoke},
        change_seq=entry.seq,
    )


def _closes(state: ThreadState, revoke: Revoke) -> bool:
    """Whether it can only shut somebody out: then one signature is enough, since shutting out is easily mended.

    What ends a deny, or an id that the log does not know yet and that might be one, opens a door: the quorum's.
    """
    if revoke.kind != RevokeKind.DIRECTIVE:
        return True
    directive = state.directives.get(revoke.target)
    if directive is not None:
        return directive.effect == Effect.PERMIT
    return any(one.declaration.declaration_id == revoke.target for one in state.emergencies)


def _authority_change(state: ThreadState, entry: Entry, payload: Signed, directory: Directory) -> ThreadState:
    change = parse_change(payload.body)
    if change.patient_ref != state.patient_ref:
        raise Ct1Error("E_GRANT_SUBJECT", "authorities of another patient")
    is_announced = change.change_id in state.announced and state.changes[change.change_id] == change
    if state.uses(change.change_id) and not is_announced:
        raise Ct1Error("E_DUP", "this change is in the log")
    signing = Signing(state, payload, Label.AUTHORITY_SIG, "E_GRANT_AUTHORITY", directory, entry.ts)
    if change.not_before:
        signing.require_witnesses(tables.MIN_WITNESSES)
    else:
        signing.require_authority(state.authority.quorum)
        signing.require_office()
    if (change.not_before or signing.is_witnessed) and signing.users & set(change.authorities.accounts):
        raise Ct1Error("E_GRANT_AUTHORITY", "a witness would become the authority")
    members = authorities_in(directory, state.roots, change.authorities, entry.ts)
    if change.change_id in state.dead:
        raise Ct1Error("E_GRANT_REVOKED", "the change was cancelled")
    changes = {**state.changes, change.change_id: change}
    if change.not_before and not is_announced:
        _check_announcement(change, entry.ts)
        return replace(state, changes=changes, announced=state.announced | {change.change_id})
    if change.not_before:
        _check_ripe(change, entry.ts)
    return _handed_over(replace(state, changes=changes), entry, change.authorities, members)


def _policy_change(state: ThreadState, entry: Entry, payload: Signed, directory: Directory) -> ThreadState:
    policy = parse_policy(payload.body)
    if policy.thread_id != state.thread_id:
        raise Ct1Error("E_GRANT_THREAD", "a policy of another thread")
    signing = Signing(state, payload, Label.POLICY_SIG, "E_GRANT_AUTHORITY", directory, entry.ts)
    signing.require_authority(state.authority.quorum)
    signing.require_office()
    return replace(state, policy=state.policy.after(policy, state.roots, directory.roots), change_seq=entry.seq)


def _check_announcement(change: Change, ts: int) -> None:
    """Three days in which the old authority, told by every client, can say no; and not so far ahead that all forget."""
    if not ts + tables.CHANGE_WAIT_MS <= change.not_before <= ts + tables.CHANGE_STANDS_MS:
        raise Ct1Error("E_GRANT_TIME", "a change by witnesses waits 72 hours, and at most 30 days")


def _check_ripe(change: Change, ts: int) -> None:
    if ts < change.not_before:
        raise Ct1Error("E_GRANT_TIME", "the change is announced and its time has not come")
    if ts > change.not_before + tables.CHANGE_STANDS_MS:
        raise Ct1Error("E_GRANT_EXPIRED", "the announcement is too old: it must be made again")


def _handed_over(state: ThreadState, entry: Entry, authority: Authorities, members: dict[bytes, Member]) -> ThreadState:
    """The thread in the hands of its new authority; the old ones stay as members, with what permits give them."""
    before = {user: replace(one, is_authority=False) for user, one in state.members.items()}
    after = {user: replace(one, since_seq=entry.seq) for user, one in members.items()}
    epoch = len(state.epochs) + 1
    return replace(
        state,
        authority=authority,
        members={**before, **after},
        first_joined={**dict.fromkeys(after, epoch), **state.first_joined},
        announced=frozenset(),
        change_seq=entry.seq,
    )


def authorities_in(
    directory: Directory, roots: dict[bytes, bytes], authority: Authorities, ts: int
) -> dict[bytes, Member]:
    """The authorities who have an account, as members; E_UNKNOWN_KEY, E_CERT."""
    return {
        one.user: coming_in(directory, roots, one.user, one.fp, authority.role, ts, is_authority=True)
        for one in authority.people
        if one.user in authority.accounts
    }


def _break_glass(
    state: ThreadState, entry: Entry, author_fp: bytes, payload: Signed, directory: Directory
) -> ThreadState:
    if not state.policy.flags & GenesisFlag.BREAK_GLASS:
        raise Ct1Error("E_SCOPE", "this thread is opened by consent alone")
    emergency = parse_emergency(payload.body)
    if emergency.thread_id != state.thread_id:
        raise Ct1Error("E_GRANT_THREAD", "an emergency of another thread")
    if (emergency.user, emergency.fp) != (entry.author, author_fp):
        raise Ct1Error("E_GRANT_SUBJECT", "an emergency is declared in one's own name")
    if emergency.role in (Role.PATIENT, Role.REPRESENTATIVE):
        raise Ct1Error("E_GRANT_ROLE", "an emergency is declared by staff")
    if state.uses(emergency.declaration_id):
        raise Ct1Error("E_DUP", "this emergency is in the log")
    if not entry.ts < emergency.exp <= entry.ts + tables.EMERGENCY_MAX_MS:
        raise Ct1Error("E_GRANT_TIME", "an emergency lasts at most four hours")
    member = coming_in(directory, state.roots, emergency.user, emergency.fp, emergency.role, entry.ts)
    if emergency.user in state.effective(entry.ts):
        raise Ct1Error("E_DUP", "a member who may read needs no emergency")
    signing = Signing(state, payload, Label.BREAK_GLASS_SIG, "E_QUORUM", directory, entry.ts)
    signing.require_cosigners(entry.author)
    if not payload.signers and _needs_cosigner(state, emergency, member.former, entry.ts):
        raise Ct1Error("E_QUORUM", "the patient refused this person by name, or it is not their first: two must sign")
    if emergency.declaration_id in state.dead:
        raise Ct1Error("E_GRANT_REVOKED", "the emergency was ended before it began")
    floor = state.first_epoch_since(entry.ts - tables.EMERGENCY_HISTORY_MS)
    reader = EmergencyReader(emergency, member.org, entry.seq, entry.ts, floor)
    return replace(state, emergencies=(*state.emergencies, reader))


def _needs_cosigner(state: ThreadState, emergency: Emergency, former: tuple[bytes, ...], ts: int) -> bool:
    """Whether the patient refused this key by name, or the person has been let in so within the last day."""
    keys = (emergency.fp, *former)
    refused = any(
        one.effect == Effect.DENY
        and key not in state.dead
        and one.live(ts)
        and one.actions & Action.READ
        and one.grantee_kind == GranteeKind.KEY
        and one.grantee in keys
        and state.deny_reaches(one)
        for key, one in state.directives.items()
    )
    mine = (one.declaration for one in state.emergencies if one.user == emergency.user)
    return refused or any(ts < one.exp + tables.EMERGENCY_AGAIN_MS for one in mine)
