"""The consent objects: one signed directive is the server's policy and the keys' grant (docs/protocol.md 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from crypto import tables
from crypto.encoding import Reader, Writer, sorted_once
from crypto.errors import Ct1Error
from crypto.primitives import digest, sign, verify
from crypto.tables import AuthKind, Effect, GranteeKind, HistoryKind, Label, RevokeKind, RevokeReason

_GRANTEE_BYTES = {GranteeKind.KEY: 32, GranteeKind.ORGANISATION: 16, GranteeKind.ROLE: 1, GranteeKind.CARE_TEAM: 0}
_TARGET_BYTES = {RevokeKind.DIRECTIVE: (16,), RevokeKind.GRANTEE: (0, 1, 16, 32), RevokeKind.EVERYONE: (0,)}
_ALL_ACTIONS = sum(tables.Action)


@dataclass(frozen=True)
class Directive:
    """A permit or deny as its patient signed it; times in ms, `labels`, `purposes`, `threads` sorted by bytes."""

    directive_id: bytes
    patient_ref: bytes
    effect: Effect
    auth_kind: AuthKind
    auth_fp: bytes
    grantee_kind: GranteeKind
    grantee: bytes
    actions: int
    nbf: int
    exp: int
    threads: tuple[bytes, ...] = ()
    labels: tuple[bytes, ...] = ()
    purposes: tuple[bytes, ...] = (b"TREAT",)
    history: HistoryKind = HistoryKind.NONE
    history_from: int = 0
    supersedes: tuple[bytes, ...] = ()
    text_hash: bytes = bytes(32)
    server: bytes = field(default=b"{}")

    def encode(self) -> bytes:
        writer = Writer(Label.DIRECTIVE).fixed(self.directive_id, 16).fixed(self.patient_ref, 16).u8(self.effect)
        writer.u8(self.auth_kind).fixed(self.auth_fp, 32).u8(self.grantee_kind).v16(self.grantee).u32(self.actions)
        writer.each(self.threads, lambda w, thread: w.fixed(thread, 32)).each(self.labels, Writer.v16)
        writer.each(self.purposes, Writer.v16).u8(self.history).u64(self.history_from).u64(self.nbf).u64(self.exp)
        writer.each(self.supersedes, lambda w, old: w.fixed(old, 16)).fixed(self.text_hash, 32).v32(self.server)
        return writer.done()

    def live(self, now_ms: int) -> bool:
        """Whether its time has come and not gone; a signer's clock may be five minutes ahead of the reader's."""
        return self.nbf <= now_ms + tables.CLOCK_TOLERANCE_MS and now_ms < self.exp

    @property
    def treats(self) -> bool:
        """Whether it speaks of treatment, which is what a thread is read for; no purposes means any."""
        return not self.purposes or tables.PURPOSE_TREATMENT.encode() in self.purposes


@dataclass(frozen=True)
class Revoke:
    """The end of one directive, of all of a grantee's, or of all of a patient's."""

    revoke_id: bytes
    patient_ref: bytes
    kind: RevokeKind
    target: bytes
    auth_fp: bytes
    ts: int
    reason: RevokeReason = RevokeReason.UNSAID

    def sweeps(self, directive: Directive) -> bool:
        """Whether it ends this permit as one of many: those that began at or before its instant, wherever they stand.

        By the instant and not by the order in a log, else an old permit that somebody held back would come to life
        when it is appended after the revocation. A deny is never swept away: that would open what the patient shut.
        """
        if directive.effect != Effect.PERMIT or directive.nbf > self.ts:
            return False
        if self.kind == RevokeKind.GRANTEE:
            return directive.grantee == self.target
        return self.kind == RevokeKind.EVERYONE

    def encode(self) -> bytes:
        writer = Writer(Label.REVOKE).fixed(self.revoke_id, 16).fixed(self.patient_ref, 16).u8(self.kind)
        return writer.v16(self.target).fixed(self.auth_fp, 32).u64(self.ts).u8(self.reason).done()


@dataclass(frozen=True)
class Signer:
    """One signature on a consent object, and the fingerprint of the key that made it."""

    fp: bytes
    sig: bytes


def parse_directive(body: bytes) -> Directive:
    """The directive of signed bytes; raises E_ENC, E_ENUM, E_GRANT_SUBJECT or E_GRANT_TIME."""
    reader = Reader(body, Label.DIRECTIVE)
    directive = Directive(
        directive_id=reader.fixed(16),
        patient_ref=reader.fixed(16),
        effect=reader.enum(Effect),
        auth_kind=reader.enum(AuthKind),
        auth_fp=reader.fixed(32),
        grantee_kind=reader.enum(GranteeKind),
        grantee=reader.v16(),
        actions=reader.u32(),
        threads=sorted_once(reader.each(lambda r: r.fixed(32)), "threads"),
        labels=sorted_once(reader.each(Reader.utf8), "labels"),
        purposes=sorted_once(reader.each(Reader.utf8), "purposes"),
        history=reader.enum(HistoryKind),
        history_from=reader.u64(),
        nbf=reader.u64(),
        exp=reader.u64(),
        supersedes=sorted_once(reader.each(lambda r: r.fixed(16)), "supersedes"),
        text_hash=reader.fixed(32),
        server=reader.v32(),
    )
    reader.done()
    if len(directive.grantee) != _GRANTEE_BYTES[directive.grantee_kind]:
        raise Ct1Error("E_GRANT_SUBJECT", "the grantee does not have its kind's length")
    if not directive.actions or directive.actions & ~_ALL_ACTIONS:
        raise Ct1Error("E_ENUM", "unknown or no actions")
    if directive.nbf >= directive.exp or directive.exp - directive.nbf > tables.DIRECTIVE_MAX_MS:
        raise Ct1Error("E_GRANT_TIME", "a directive lasts more than nothing and at most 366 days")
    return directive


def parse_revoke(body: bytes) -> Revoke:
    reader = Reader(body, Label.REVOKE)
    revoke = Revoke(
        revoke_id=reader.fixed(16),
        patient_ref=reader.fixed(16),
        kind=reader.enum(RevokeKind),
        target=reader.v16(),
        auth_fp=reader.fixed(32),
        ts=reader.u64(),
        reason=reader.enum(RevokeReason),
    )
    reader.done()
    if len(revoke.target) not in _TARGET_BYTES[revoke.kind]:
        raise Ct1Error("E_ENC", "the target does not have its kind's length")
    return revoke


def sign_directive(sign_seed: bytes, body: bytes) -> bytes:
    return sign(sign_seed, Label.DIRECTIVE_SIG, body)


def sign_revoke(sign_seed: bytes, body: bytes) -> bytes:
    return sign(sign_seed, Label.REVOKE_SIG, body)


def verify_directive(body: bytes, sign_pk: bytes, sig: bytes) -> Directive:
    """The directive, signed by this key; raises E_SIG."""
    directive = parse_directive(body)
    verify(sign_pk, Label.DIRECTIVE_SIG, body, sig)
    return directive


def verify_revoke(body: bytes, sign_pk: bytes, sig: bytes) -> Revoke:
    """The revocation, signed by this key; raises E_SIG."""
    revoke = parse_revoke(body)
    verify(sign_pk, Label.REVOKE_SIG, body, sig)
    return revoke


def statement_hash(statement: str) -> bytes:
    """What `text_hash` holds: evidence of the exact words that were agreed to."""
    return digest(Label.STATEMENT, statement.encode("utf-8"))
