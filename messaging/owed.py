"""What a log lacks: consent in force that it does not carry, and people whom consent now lets in.

Consent reaches the server by one road and the logs by another (docs/protocol.md): the server enforces it at once,
and members' clients carry it into each log. The server never writes an entry; it can only say what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from crypto.authority import Authorities, Change
from crypto.directives import Directive, parse_revoke
from crypto.log import ThreadState
from crypto.naming import Named, name_object
from crypto.state import Member as LogMember
from crypto.tables import CHANGE_STANDS_MS, CHANGE_WAIT_MS, Action, AuthKind, Effect, EntryType, Role
from messaging.consents import ConsentObject, consent_objects
from messaging.keys import directory_of
from messaging.models import Invitation, Thread
from messaging.replay import accounts_of, now_ms, state_of
from people.models import Affiliation
from people.reading import current_fps, people_keys
from wire import messaging as wire


def lacking(
    state: ThreadState, objects: Iterable[ConsentObject], at_ms: int, earlier: frozenset[bytes] = frozenset()
) -> list[ConsentObject]:
    """The objects that must be appended, in the order in which the server received them.

    A directive: live, for this thread, and not there. A revocation: it ended a directive that the log still holds to
    be in force. One that ended nothing here is not owed: appended late, it would end what was permitted after it.
    A change of authority: from witnesses at once, else announced while there is time and again when its time has come.
    What the log's authority did not sign is not owed, or a thread would wait for ever for what its log refuses: such a
    word binds the server alone. `earlier`: keys that the authority has given up and whose word still counts.
    """
    known = {one.object_id: one for one in objects}
    owed: list[ConsentObject] = []
    authority = state.authority
    for one in known.values():
        if one.change is not None:
            if _wants_change(state, authority, one.change, at_ms):
                owed.append(one)
                takes_effect = one.change.not_before == 0 or one.object_id in state.announced
                authority = one.change.authorities if takes_effect else authority
        elif not _speaks_for(authority, one, earlier):
            continue
        elif one.directive is not None:
            here = state.covers_thread(one.directive)
            if one.in_force and one.directive.live(at_ms) and here and one.object_id not in state.directives:
                owed.append(one)
        elif (
            any(ended in state.directives and ended not in state.dead for ended in one.ends)
            or parse_revoke(one.body).target in state.announced
        ):
            owed.append(one)
    return owed


def _wants_change(state: ThreadState, authority: Authorities, change: Change, at_ms: int) -> bool:
    """Whether the log would take this change now, by the rules of docs/protocol.md 4.2."""
    if change.change_id in state.announced:
        return change.not_before <= at_ms <= change.not_before + CHANGE_STANDS_MS
    if change.change_id in state.changes or change.change_id in state.dead or change.authorities == authority:
        return False
    if change.not_before == 0:
        return authority.kind == AuthKind.WITNESSED
    return at_ms + CHANGE_WAIT_MS <= change.not_before


def _speaks_for(authority: Authorities, one: ConsentObject, earlier: frozenset[bytes]) -> bool:
    """Whether those who signed are the ones whom the log holds for the authority."""
    if one.directive is not None and one.directive.auth_kind != authority.kind:
        return False
    if authority.kind == AuthKind.WITNESSED:
        # Whoever else signs names a key; that witnesses did is told by there being none.
        return (one.directive or parse_revoke(one.body)).auth_fp == bytes(32)
    return {fp for fp, _ in one.signatures} <= authority.fps | earlier


def earlier_keys(state: ThreadState) -> frozenset[bytes]:
    """Keys that authorities of the log rotated away from, and did not give up for compromised."""
    renewed = [one.user for one in state.members.values() if one.is_authority and one.former]
    if not renewed:
        return frozenset()
    directory = directory_of({UUID(bytes=user) for user in renewed})
    return frozenset(old for fp in state.authority.fps for old in directory.chain(fp, rotated=True))


def is_worn(thread: Thread, state: ThreadState) -> bool:
    """Whether the epoch in use has carried as many messages as the genesis allows."""
    return thread.epoch > 0 and thread.head - thread.epoch_head >= state.policy.epoch_max_msgs


def owes(thread: Thread, state: ThreadState, now: datetime, epoch: int) -> bool:
    """Whether consent has moved, as of this consent epoch, and the log does not say so."""
    return bool(lacking(state, consent_objects(thread.patient_id, epoch), now_ms(now), earlier_keys(state)))


def owed(thread: Thread, now: datetime | None = None) -> wire.ThreadOwed:
    """What any member's client may append, and whom it may then let in."""
    state, at_ms = state_of(thread), now_ms(now)
    objects = lacking(state, consent_objects(thread.patient_id), at_ms, earlier_keys(state))
    waiting = thread.invitations.filter(state__in=Invitation.OPEN).order_by("created_at")
    members = []
    for row in waiting:
        directive = admitting(state, objects, row, at_ms)
        if directive is not None:
            members.append((row, directive))
    keys = {person.user: person for person in people_keys({row.invitee_id for row, _ in members}).people}
    return wire.ThreadOwed(
        rotate=is_worn(thread, state),
        objects=[
            wire.OwedObject(
                kind=one.kind,
                body=one.body,
                signatures=[wire.ConsentSignature(fp=fp, sig=sig) for fp, sig in one.signatures],
            )
            for one in objects
        ],
        members=[
            wire.OwedMember(
                invitation=row.pk.bytes,
                keys=keys[row.invitee_id.bytes],
                fp=row.fp,
                role=row.role,
                directive=directive.directive_id,
                history=int(directive.history),
                history_from=directive.history_from,
            )
            for row, directive in members
            if row.invitee_id.bytes in keys
        ],
        people=people_keys(_named_by(objects) | _renewed(state)).people,
    )


def _renewed(state: ThreadState) -> set[UUID]:
    """Members who have other keys by now than the log knows: continued ones to take up, or a reset to stop at."""
    fps = current_fps(UUID(bytes=user) for user in state.members)
    return {user for user, fp in fps.items() if state.members[user.bytes].fp != fp}


_ENTRIES = {
    "directive": EntryType.DIRECTIVE,
    "revoke": EntryType.REVOKE,
    "authority": EntryType.AUTHORITY_CHANGE,
}


def _named_by(objects: Iterable[ConsentObject]) -> set[UUID]:
    """Whose keys the log will be read with once it carries these: witnesses, say, who are in no thread."""
    named = Named()
    for one in objects:
        named.fps |= {fp for fp, _ in one.signatures}
        name_object(named, _ENTRIES[one.kind], one.body)
    return accounts_of(named)


def admitting(
    state: ThreadState, objects: Iterable[ConsentObject], invitation: Invitation, at_ms: int
) -> Directive | None:
    """The permit under which an invited person can be let in, once the log carries what it lacks, or None."""
    coming = {one.object_id: one.directive for one in objects if one.directive is not None}
    ended = {one_id for one in objects for one_id in one.ends}
    dead = state.dead | ended | {old for one in coming.values() for old in one.supersedes}
    after = replace(state, directives={**state.directives, **coming}, dead=frozenset(dead))
    post = Affiliation.objects.filter(user_id=invitation.invitee_id, role=invitation.role, until=None).first()
    if post is None or invitation.invitee_id.bytes in state.members:
        return None
    joiner = LogMember(
        user=invitation.invitee_id.bytes,
        fp=invitation.fp,
        role=Role(invitation.role),
        org=post.organisation_id.bytes,
        since_seq=state.seq + 1,
        directive_id=bytes(16),
        history_from=0,
    )
    if not after.may(joiner, Action.READ, at_ms):
        return None
    permits = (
        one
        for key, one in after.directives.items()
        if one.effect == Effect.PERMIT and key not in after.dead and one.live(at_ms) and one.actions & Action.READ
    )
    return next((one for one in permits if after.permit_covers(one) and after.grantee_matches(one, joiner)), None)
