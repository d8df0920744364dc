"""What a thread's log comes to: members, directives, epochs, and who may be sealed to at a moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crypto.directives import Directive, Revoke
from crypto.entries import EpochStart, Genesis, HistoryShare, Recipient
from crypto.errors import Ct1Error
from crypto.keys import (
    Certificate,
    SignedCertificate,
    SignedUkr,
    Ukr,
    parse_certificate,
    root_fingerprint,
    verify_certificate,
    verify_ukr,
)
from crypto.primitives import digest
from crypto.tables import LEADS, Action, CertKind, Effect, GranteeKind, HistoryKind, Label, RecipientKind, Role


@dataclass(frozen=True)
class Directory:
    """The verified key records and certificates that a log is read with."""

    ukrs: Mapping[bytes, Ukr] = field(default_factory=dict)
    """By fingerprint."""
    certificates: Mapping[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    """By the subject's fingerprint."""

    @classmethod
    def build(
        cls, ukrs: Sequence[SignedUkr], certificates: Sequence[SignedCertificate], root_pks: Sequence[bytes]
    ) -> Directory:
        """Verifies everything once; raises E_SIG, E_KEY_CHANGED, E_CERT for what does not hold."""
        by_fp: dict[bytes, Ukr] = {}
        for signed in ukrs:
            previous = next((ukr for ukr in by_fp.values() if signed.sig and ukr.fp in signed.body), None)
            ukr = verify_ukr(signed.body, signed.pop, signed.sig, previous)
            by_fp[ukr.fp] = ukr
        roots = {root_fingerprint(pk): pk for pk in root_pks}
        by_subject: dict[bytes, tuple[Certificate, ...]] = {}
        for certificate in certificates:
            verified = _verified(certificate, roots)
            by_subject[verified.subject_fp] = (*by_subject.get(verified.subject_fp, ()), verified)
        return cls(by_fp, by_subject)

    def ukr(self, fp: bytes) -> Ukr:
        found = self.ukrs.get(fp)
        if found is None:
            raise Ct1Error("E_UNKNOWN_KEY", "no verified key record has this fingerprint")
        return found

    def ukr_of(self, user: bytes, gen: int) -> Ukr:
        for ukr in self.ukrs.values():
            if ukr.user == user and ukr.gen == gen:
                return ukr
        raise Ct1Error("E_UNKNOWN_KEY", "no verified key record of this person and generation")

    def certificate(self, fp: bytes, user: bytes, role: int, roots: Mapping[bytes, bytes], at_ms: int) -> Certificate:
        """The certificate that ties a key to a role under one of the thread's own roots at a moment; E_CERT."""
        for certificate in self.certificates.get(fp, ()):
            chains = roots.get(certificate.org) == certificate.issuer_fp
            if chains and certificate.subject == user and certificate.covers(role, at_ms):
                return certificate
        raise Ct1Error("E_CERT", "no certificate under the thread's roots covers this key and role")


def _verified(signed: SignedCertificate, roots: Mapping[bytes, bytes]) -> Certificate:
    # The issuer is named inside the body; parsing before verifying is safe, since the name only chooses the key.
    root_pk = roots.get(parse_certificate(signed.body).issuer_fp)
    if root_pk is None:
        raise Ct1Error("E_CERT", "the issuer is no known root")
    return verify_certificate(signed, root_pk)


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
    """The newest REVOKE, MEMBER_REMOVE or EPOCH: a message that cites less is stale."""
    revokes: Mapping[bytes, Revoke] = field(default_factory=dict)
    """By id."""

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

    def is_authority(self, user: bytes) -> bool:
        return any(one.user == user for one in self.genesis.authorities)

    def may(self, member: Member, action: Action, now_ms: int) -> bool:
        """Whether the live directives let a member do one action: any deny wins, else any permit."""
        if member.is_authority:
            return True
        mine = self._live_for(member, action, now_ms)
        if any(d.effect == Effect.DENY and self._deny_reaches(d) for d in mine):
            return False
        return any(d.effect == Effect.PERMIT and self.permit_covers(d) for d in mine)

    def _live_for(self, member: Member, action: Action, now_ms: int) -> list[Directive]:
        live = (d for key, d in self.directives.items() if key not in self.dead and d.live(now_ms) and d.treats)
        return [d for d in live if d.actions & action and self.grantee_matches(d, member)]

    def share_floor(self, member: Member, now_ms: int) -> int:
        """The first epoch that may be shared back with a member: what they were admitted to and consent still gives.

        A narrower permit that took the place of a wider one binds at once, whatever the admission said.
        """
        if member.is_authority:
            return 1
        permits = (d for d in self._live_for(member, Action.READ, now_ms) if d.effect == Effect.PERMIT)
        floors = [self.history_floor(d, member.user) for d in permits if self.permit_covers(d)]
        return max(member.history_from, min(floors, default=len(self.epochs) + 1))

    def effective(self, now_ms: int) -> dict[bytes, Member]:
        """The members who may read now, by user."""
        return {user: one for user, one in self.members.items() if self.may(one, Action.READ, now_ms)}

    def recipients(self, now_ms: int) -> tuple[Recipient, ...]:
        """Exactly to whom an epoch that starts now must be sealed, in order."""
        people = [(int(RecipientKind.MEMBER), one.user, one.fp) for one in self.effective(now_ms).values()]
        if self.genesis.compliance_pk != bytes(32):
            # Fixed in genesis and listed like everybody else: there is no silent escrow.
            fp = digest(Label.COMP_FP, self.genesis.compliance_pk)
            people.append((int(RecipientKind.COMPLIANCE), bytes(16), fp))
        return tuple(sorted(people))

    def needs_rotation(self, now_ms: int) -> bool:
        """Whether somebody must start an epoch before a message may be sent."""
        epoch = self.epoch
        if epoch is None or epoch.recipients != self.recipients(now_ms):
            return True
        return now_ms - epoch.ts > self.genesis.epoch_max_age_s * 1000

    def covers_thread(self, directive: Directive) -> bool:
        return not directive.threads or self.thread_id in directive.threads

    def permit_covers(self, directive: Directive) -> bool:
        """A permit must name every protected label of the thread."""
        return self.covers_thread(directive) and set(self.labels) <= set(directive.labels)

    def _deny_reaches(self, directive: Directive) -> bool:
        """A deny reaches on any overlap; one without labels reaches all."""
        overlaps = not directive.labels or bool(set(self.labels) & set(directive.labels))
        return self.covers_thread(directive) and overlaps

    def grantee_matches(self, directive: Directive, member: Member) -> bool:
        match directive.grantee_kind:
            case GranteeKind.KEY:
                return directive.grantee == member.fp
            case GranteeKind.ORGANISATION:
                return directive.grantee == member.org
            case GranteeKind.ROLE:
                return directive.grantee == bytes([member.role])
            case GranteeKind.CARE_TEAM:
                return True

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
                later = (epoch.number for epoch in self.epochs if epoch.ts >= directive.history_from)
                return next(later, own)

    def holds(self, user: bytes, number: int) -> bool:
        """Whether a member was given an epoch's key, at its start or by a later share."""
        epoch = self.epoch_numbered(number)
        if any(one[1] == user for one in epoch.recipients):
            return True
        return any(share.user == user and share.first <= number <= share.last for share in self.shares)

    def leads(self, member: Member) -> bool:
        return member.is_authority or member.role in LEADS


def kind_for(role: Role) -> CertKind:
    """Which certificates speak for a role."""
    return {Role.PATIENT: CertKind.PATIENT, Role.REPRESENTATIVE: CertKind.REPRESENTATIVE}.get(role, CertKind.STAFF)
