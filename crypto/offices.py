"""Who signed a consent object, and whether they were entitled to: the rules in italics of docs/protocol.md 4.2."""

from __future__ import annotations

from dataclasses import dataclass

from crypto.directives import Directive
from crypto.directory import Directory
from crypto.entries import Signed
from crypto.errors import Ct1Error
from crypto.keys import Ukr
from crypto.primitives import verify
from crypto.state import ThreadState
from crypto.tables import AuthKind, CertKind, Effect, ErrorCode, GranteeKind, Role


@dataclass(frozen=True)
class Signing:
    """The signatures of one object, judged in a thread at a moment; `code` is for a signer who has no say in it."""

    state: ThreadState
    payload: Signed
    label: str
    code: ErrorCode
    directory: Directory
    ts: int

    @property
    def is_witnessed(self) -> bool:
        return self.state.authority.kind == AuthKind.WITNESSED

    @property
    def users(self) -> frozenset[bytes]:
        """The accounts of those who signed; E_UNKNOWN_KEY."""
        return frozenset(ukr.user for ukr in self._ukrs())

    def require_authority(self, needed: int) -> None:
        """At least `needed` of those who consent in this thread: its authorities, or witnesses where it has none."""
        if self.is_witnessed:
            self.require_witnesses(needed)
            return
        signers, fps = self.payload.signers, self.state.authority.fps
        known = fps | {fp for one in fps for fp in self.directory.chain(one, rotated=True)}
        if not signers or any(signer.fp not in known for signer in signers):
            raise Ct1Error(self.code, "signed by somebody who is no authority of this thread")
        self._require_different_people(needed)

    def require_witnesses(self, needed: int) -> None:
        """At least `needed` different people who hold a witness's certificate."""
        if not self.payload.signers:
            raise Ct1Error(self.code, "nobody witnessed it")
        self._require_different_people(needed)
        for ukr in self._ukrs():
            self.directory.require_standing(ukr.fp, ukr.user, CertKind.WITNESS, self.state.roots, self.ts)

    def require_named(self, auth_fp: bytes) -> None:
        """The object names one of its signers, or for witnessed consent nobody."""
        if self.is_witnessed:
            if auth_fp != bytes(32):
                raise Ct1Error(self.code, "what is witnessed names no authority")
        elif all(signer.fp != auth_fp for signer in self.payload.signers):
            raise Ct1Error(self.code, "the named authority did not sign")

    def require_office(self) -> None:
        """Representatives give consent while their certificates stand, and no longer: a guardian's office ends."""
        if self.state.authority.kind in (AuthKind.REPRESENTATIVE, AuthKind.QUORUM):
            for ukr in self._ukrs():
                self.directory.certificate(ukr.fp, ukr.user, Role.REPRESENTATIVE, self.state.roots, self.ts)

    def require_disinterest(self, directive: Directive) -> None:
        """Nobody witnesses what concerns them: not the person whose key it names, nor a member whom a permit matches.

        That no certificate *later* brings a witness under the permit is not asked here but settled by
        `ThreadState.grantee_matches`: a rule that hung on the absence of a certificate would break by showing one.
        """
        state, concerned = self.state, set[bytes]()
        if directive.grantee_kind == GranteeKind.KEY:
            concerned = {self.directory.ukr(directive.grantee).user}
        elif directive.effect == Effect.PERMIT:
            concerned = {one.user for one in state.members.values() if state.grantee_matches(directive, one)}
        if concerned & self.users:
            raise Ct1Error("E_GRANT_AUTHORITY", "a witness is the one whom it concerns")

    def require_cosigners(self, author: bytes) -> None:
        """Those who co-sign, if any, are certified staff: each another person, and none the one who declares."""
        users = [author]
        for signer in self.payload.signers:
            ukr = self.directory.ukr(signer.fp)
            verify(ukr.sign_pk, self.label, self.payload.body, signer.sig)
            self.directory.require_standing(ukr.fp, ukr.user, CertKind.STAFF, self.state.roots, self.ts)
            users.append(ukr.user)
        if len(set(users)) != len(users):
            raise Ct1Error("E_QUORUM", "nobody co-signs their own emergency, or twice")

    def _ukrs(self) -> list[Ukr]:
        return [self.directory.ukr(signer.fp) for signer in self.payload.signers]

    def _require_different_people(self, needed: int) -> None:
        signers = self.payload.signers
        if len({signer.fp for signer in signers}) != len(signers) or len(signers) < needed:
            raise Ct1Error("E_QUORUM", "too few signed, or a key twice")
        for signer in signers:
            verify(self.directory.ukr(signer.fp).sign_pk, self.label, self.payload.body, signer.sig)
        if len(self.users) != len(signers):
            # Two generations of one person's keys are one person.
            raise Ct1Error("E_QUORUM", "one person counts once")
