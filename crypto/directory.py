"""What a replay knows of the world outside the log: verified keys and certificates (docs/protocol.md 3.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from crypto.errors import Ct1Error
from crypto.keys import (
    Certificate,
    SignedCertificate,
    SignedUkr,
    Ukr,
    parse_certificate,
    previous_fp,
    root_fingerprint,
    verify_certificate,
    verify_ukr,
)
from crypto.tables import CertKind, ErrorCode, Role, UkrReason


@dataclass(frozen=True)
class Refused:
    """A record that was left out: its place among those of its kind, and the rule that it breaks."""

    kind: Literal["ukr", "certificate"]
    place: int
    code: ErrorCode


@dataclass(frozen=True)
class Directory:
    """The verified key records and certificates that a log is read with, and what was refused."""

    ukrs: Mapping[bytes, Ukr] = field(default_factory=dict)
    """By fingerprint, in the order given."""
    certificates: Mapping[bytes, tuple[Certificate, ...]] = field(default_factory=dict)
    """By the subject's fingerprint."""
    refused: tuple[Refused, ...] = ()
    roots: Mapping[bytes, bytes] = field(default_factory=dict)
    """The roots' public keys, by fingerprint."""

    @classmethod
    def build(
        cls, ukrs: Sequence[SignedUkr], certificates: Sequence[SignedCertificate], root_pks: Sequence[bytes]
    ) -> Directory:
        """Verifies everything once and leaves out what does not hold, so that one rotten record closes no thread.

        A log that needs what was left out is refused where it needs it, with E_UNKNOWN_KEY or E_CERT.
        """
        by_fp: dict[bytes, Ukr] = {}
        refused: list[Refused] = []
        for place, signed in enumerate(ukrs):
            try:
                previous = by_fp.get(previous_fp(signed.body))
                ukr = verify_ukr(signed.body, signed.pop, signed.sig, previous)
            except Ct1Error as error:
                refused.append(Refused("ukr", place, error.code))
            else:
                by_fp[ukr.fp] = ukr
        roots = {root_fingerprint(pk): pk for pk in root_pks}
        by_subject: dict[bytes, tuple[Certificate, ...]] = {}
        for place, certificate in enumerate(certificates):
            try:
                verified = _verified(certificate, roots)
            except Ct1Error as error:
                refused.append(Refused("certificate", place, error.code))
            else:
                by_subject[verified.subject_fp] = (*by_subject.get(verified.subject_fp, ()), verified)
        return cls(by_fp, by_subject, tuple(refused), roots)

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

    def chain(self, fp: bytes, *, rotated: bool = False) -> tuple[bytes, ...]:
        """The keys that this one continues, each by the signature of the one before it, the latest first.

        With `rotated`, only as far back as no key was given up for compromised: the word of those still counts.
        """
        found: list[bytes] = []
        ukr = self.ukrs.get(fp)
        while ukr is not None and (ukr.reason == UkrReason.ROTATE if rotated else ukr.continues):
            found.append(ukr.prev_fp)
            ukr = self.ukrs.get(ukr.prev_fp)
        return tuple(found)

    def was_continued(self, fp: bytes) -> bool:
        """Whether a newer key of the same person follows this one by its signature."""
        return any(fp in self.chain(later) for later in self.ukrs)

    def was_reset(self, user: bytes, fp: bytes) -> bool:
        """Whether the person has begun anew, without the word of any earlier key, after this one."""
        gen = self.ukr(fp).gen
        return any(one.user == user and one.gen > gen and one.reason == UkrReason.RESET for one in self.ukrs.values())

    def certificate(self, fp: bytes, user: bytes, role: Role, roots: Mapping[bytes, bytes], at_ms: int) -> Certificate:
        """The certificate that ties a key to a role under one of the thread's own roots at a moment; E_CERT."""
        for one in self._standing(fp, user, kind_for(role), roots, at_ms):
            if one.certifies(role):
                return one
        raise Ct1Error("E_CERT", "no certificate under the thread's roots covers this key and role")

    def require_standing(
        self, fp: bytes, user: bytes, kind: CertKind, roots: Mapping[bytes, bytes], at_ms: int
    ) -> None:
        """Raises E_CERT unless a certificate of this kind stands for the key at a moment, in whatever role."""
        if not self._standing(fp, user, kind, roots, at_ms):
            raise Ct1Error("E_CERT", f"no standing certificate of kind {kind.name.lower()}")

    def _standing(
        self, fp: bytes, user: bytes, kind: CertKind, roots: Mapping[bytes, bytes], at_ms: int
    ) -> list[Certificate]:
        return [
            one
            for one in self.certificates.get(fp, ())
            if one.kind == kind and one.subject == user and one.stands(at_ms) and roots.get(one.org) == one.issuer_fp
        ]


def _verified(signed: SignedCertificate, roots: Mapping[bytes, bytes]) -> Certificate:
    # The issuer is named inside the body; parsing before verifying is safe, since the name only chooses the key.
    root_pk = roots.get(parse_certificate(signed.body).issuer_fp)
    if root_pk is None:
        raise Ct1Error("E_CERT", "the issuer is no known root")
    return verify_certificate(signed, root_pk)


def kind_for(role: Role) -> CertKind:
    """Which certificates speak for a role; a witness's speaks for none."""
    return {Role.PATIENT: CertKind.PATIENT, Role.REPRESENTATIVE: CertKind.REPRESENTATIVE}.get(role, CertKind.STAFF)
