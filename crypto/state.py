"""What a thread's log comes to: members, directives, epochs, and who may be sealed to at a moment."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from crypto.authority import Authorities, Change
from crypto.directives import Directive, Revoke
from crypto.directory import Directory
from crypto.emergency import EmergencyReader
from crypto.entries import EpochStart, Genesis, HistoryShare, Recipient
from crypto.errors import Ct1Error
from crypto.policy import Terms
from crypto.primitives import digest
from crypto.tables import (
    LEADS,
    Action,
    CloseReason,
    Effect,
    GenesisFlag,
    GranteeKind,
    HistoryKind,
    Label,
    RecipientKind,
    RevokeKind,
    Role,
)

__all__ = ["Directory", "Epoch", "Member", "ThreadState"]


@dataclass(frozen=True)
class Member:
    """A person whom the log has admitted; whether they may read *now* is `State.effective`."""

    user: bytes
    fp: bytes
    role: Role
    org: bytes
    since_seq: int
    directive_id: bytes
    history_from: int
    """The first epoch that may be sealed to them."""
    is_authority: bool = False
    until: int = 0
    """The end in ms of the certificate by which they came in: with it ends a representative's office."""
    former: tuple[bytes, ...] = ()
    """Earlier keys that theirs continues: a deny of one means them still, and where genesis says so a permit."""

    def acts(self, now_ms: int) -> bool:
        """Whether they are an authority still in office; nobody needs to notice that a guardian's time has come."""
        return self.is_authority and (self.role != Role.REPRESENTATIVE or now_ms < self.until)


@dataclass(frozen=True)
class Epoch:
    """An epoch as the log started it."""

    start: EpochStart
    seq: int
    ts: int

    @property
    def number(self) -> int:
        return self.start.epoch

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        return self.start.recipients

    def includes(self, user: bytes, fp: bytes) -> bool:
        return (RecipientKind.MEMBER, user, fp) in self.recipients


@dataclass(frozen=True)
class Closing:
    """That a thread was closed, and why."""

    seq: int
    reason: CloseReason


@dataclass(frozen=True)
class ThreadState:
    """A pure function of the entries, immutable; `seq`, `head` and `ts` are those of the newest entry."""

    thread_id: bytes
    genesis: Genesis
    members: Mapping[bytes, Member]
    """Present members by user."""
    first_joined: Mapping[bytes, int]
    """The epoch that followed a person's first join, which a return may not go below under `1 from join`."""
    directives: Mapping[bytes, Directive]
    dead: frozenset[bytes]
    """Directive ids that were revoked or superseded: dead for ever."""
    epochs: tuple[Epoch, ...]
    shares: tuple[HistoryShare, ...]
    hashes: tuple[bytes, ...]
    ts: int
    change_seq: int
    """The newest REVOKE, MEMBER_REMOVE, KEY_UPDATE, EPOCH or CLOSE: a message that cites less is stale."""
    authority: Authorities
    """Who consents now: as genesis says, until a change takes effect."""
    policy: Terms
    """As genesis says, until a policy changes it."""
    revokes: Mapping[bytes, Revoke] = field(default_factory=dict)
    """By id."""
    witnesses: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    """By directive: the accounts of those who witnessed it."""
    changes: Mapping[bytes, Change] = field(default_factory=dict)
    """Every change of authority by id, whatever came of it."""
    announced: frozenset[bytes] = frozenset()
    """Ids of the changes that wait for their time."""
    emergencies: tuple[EmergencyReader, ...] = ()
    replaced: Mapping[bytes, int] = field(default_factory=dict)
    """Keys that were given up in this log, and at which entry."""
    closing: Closing | None = None

    @property
    def seq(self) -> int:
        return len(self.hashes) - 1

    @property
    def head(self) -> bytes:
        return self.hashes[-1]

    @property
    def patient_ref(self) -> bytes:
        return self.genesis.patient_ref

    @property
    def labels(self) -> tuple[bytes, ...]:
        return self.genesis.labels

    @property
    def epoch(self) -> Epoch | None:
        return self.epochs[-1] if self.epochs else None

    @property
    def roots(self) -> dict[bytes, bytes]:
        return dict(self.genesis.roots)

    def epoch_numbered(self, number: int) -> Epoch:
        if not 1 <= number <= len(self.epochs):
            raise Ct1Error("E_NO_EPOCH", f"there is no epoch {number}")
        return self.epochs[number - 1]

    def uses(self, one_id: bytes) -> bool:
        """Whether a directive, change or emergency has this id: a revocation must name one thing alone."""
        emergencies = (one.declaration.declaration_id for one in self.emergencies)
        return one_id in self.directives or one_id in self.changes or one_id in emergencies

    def may(self, member: Member, action: Action, now_ms: int) -> bool:
        """Whether the live directives let a member do one action: any deny wins, else any permit."""
        if member.acts(now_ms):
            return True
        mine = self._live_for(member, action, now_ms)
        if any(d.effect == Effect.DENY and self.deny_reaches(d) for d in mine):
            return False
        return any(d.effect == Effect.PERMIT and self.permit_covers(d) for d in mine)

    def _live_for(self, member: Member, action: Action, now_ms: int) -> list[Directive]:
        live = (d for key, d in self.directives.items() if key not in self.dead and d.live(now_ms) and d.treats)
        return [d for d in live if d.actions & action and self.grantee_matches(d, member)]

    def share_floor(self, member: Member | EmergencyReader, now_ms: int) -> int:
        """The first epoch that may be shared back with a reader: what they were admitted to and consent still gives.

        A narrower permit that took the place of a wider one binds at once, whatever the admission said.
        """
        if isinstance(member, EmergencyReader):
            return member.history_from
        if member.acts(now_ms):
            return 1
        permits = (d for d in self._live_for(member, Action.READ, now_ms) if d.effect == Effect.PERMIT)
        floors = [self.history_floor(d, member.user) for d in permits if self.permit_covers(d)]
        return max(member.history_from, min(floors, default=len(self.epochs) + 1))

    def effective(self, now_ms: int) -> dict[bytes, Member]:
        """The members who may read now, by user."""
        return {user: one for user, one in self.members.items() if self.may(one, Action.READ, now_ms)}

    def recipients(self, now_ms: int) -> tuple[Recipient, ...]:
        """Exactly to whom an epoch that starts now must be sealed, in order."""
        members = self.effective(now_ms)
        people = {(int(RecipientKind.MEMBER), one.user, one.fp) for one in members.values()}
        people |= {(int(RecipientKind.EMERGENCY), one.user, one.fp) for one in self.emergency_readers(now_ms)}
        if self.policy.compliance_pk != bytes(32):
            # In the log and listed like everybody else: there is no silent escrow.
            fp = digest(Label.COMP_FP, self.policy.compliance_pk)
            people.add((int(RecipientKind.COMPLIANCE), bytes(16), fp))
        return tuple(sorted(people))

    def emergency_readers(self, now_ms: int) -> list[EmergencyReader]:
        """Those who read now by an emergency alone."""
        if not self.emergencies:
            return []
        members = self.effective(now_ms)
        live = (one for one in self.emergencies if one.declaration.declaration_id not in self.dead)
        return [one for one in live if now_ms < one.declaration.exp and one.user not in members]

    def reader(self, user: bytes, fp: bytes, now_ms: int) -> Member | EmergencyReader | None:
        """Who may be given keys now, by account and key: an effective member or an emergency reader."""
        member = self.members.get(user)
        if member is not None and member.fp == fp and self.may(member, Action.READ, now_ms):
            return member
        found = (one for one in self.emergency_readers(now_ms) if one.user == user and one.fp == fp)
        return next(found, None)

    def needs_rotation(self, now_ms: int) -> bool:
        """Whether somebody must start an epoch before a message may be sent."""
        epoch = self.epoch
        if self.closing is not None:
            return False
        if epoch is None or epoch.recipients != self.recipients(now_ms):
            return True
        return now_ms - epoch.ts > self.policy.epoch_max_age_s * 1000

    def covers_thread(self, directive: Directive) -> bool:
        return not directive.threads or self.thread_id in directive.threads

    def permit_covers(self, directive: Directive) -> bool:
        """A permit must name every protected label of the thread."""
        return self.covers_thread(directive) and set(self.labels) <= set(directive.labels)

    def deny_reaches(self, directive: Directive) -> bool:
        """A deny reaches on any overlap; one without labels reaches all."""
        overlaps = not directive.labels or bool(set(self.labels) & set(directive.labels))
        return self.covers_thread(directive) and overlaps

    def grantee_matches(self, directive: Directive, member: Member) -> bool:
        """Whether a directive means this member; what somebody witnessed never lets that person in."""
        if directive.effect == Effect.PERMIT and member.user in self.witnesses.get(directive.directive_id, ()):
            return False
        match directive.grantee_kind:
            case GranteeKind.KEY:
                return directive.grantee in self.keys_meant(member, directive.effect)
            case GranteeKind.ORGANISATION:
                return directive.grantee == member.org
            case GranteeKind.ROLE:
                return directive.grantee == bytes([member.role])
            case GranteeKind.CARE_TEAM:
                return True

    def keys_meant(self, member: Member, effect: Effect) -> tuple[bytes, ...]:
        """The keys by which a directive may name a member; a refusal is not shaken off by a new key."""
        follows = effect == Effect.DENY or self.policy.flags & GenesisFlag.FOLLOW_ROTATION
        return (member.fp, *member.former) if follows else (member.fp,)

    def sweeps(self, revoke: Revoke, directive: Directive) -> bool:
        """Whether a revocation ends a permit: by its own bytes, or by another key of the member whom it names."""
        if revoke.sweeps(directive):
            return True
        if (revoke.kind, directive.grantee_kind) != (RevokeKind.GRANTEE, GranteeKind.KEY):
            return False
        keys = ((one.fp, *one.former) for one in self.members.values())
        is_theirs = any(revoke.target in mine and directive.grantee in mine for mine in keys)
        return is_theirs and revoke.sweeps(replace(directive, grantee=revoke.target))

    def history_floor(self, directive: Directive, user: bytes) -> int:
        """The first epoch that a directive lets a joiner have (docs/protocol.md 6.3)."""
        own = len(self.epochs) + 1
        match directive.history:
            case HistoryKind.NONE:
                return own
            case HistoryKind.FROM_JOIN:
                return min(own, self.first_joined.get(user, own))
            case HistoryKind.ALL:
                return 1
            case HistoryKind.FROM_DATE:
                return self.first_epoch_since(directive.history_from)

    def first_epoch_since(self, ts: int) -> int:
        """The first epoch that did not begin before a moment, or the next one."""
        return next((epoch.number for epoch in self.epochs if epoch.ts >= ts), len(self.epochs) + 1)

    def holds(self, user: bytes, number: int, keys: Collection[bytes] | None = None) -> bool:
        """Whether a member was given an epoch's key, at its start or by a later share; with `keys`, to one of these."""
        given = [(one, fp) for _, one, fp in self.epoch_numbered(number).recipients]
        given += [(one.user, one.fp) for one in self.shares if one.first <= number <= one.last]
        return any(one == user and (keys is None or fp in keys) for one, fp in given)

    def leads(self, member: Member, now_ms: int) -> bool:
        return member.acts(now_ms) or member.role in LEADS
