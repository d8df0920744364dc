"""People's public key records and the certificates that tie them to an organisation's root (docs/protocol.md 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.primitives import box_pair, digest, random_bytes, sign, signing_pair, verify
from crypto.tables import CertKind, CertMethod, Label, UkrReason

NO_FP = bytes(32)
ZERO_ID = bytes(16)


@dataclass(frozen=True)
class Identity:
    """One generation of a person's private keys; `user` is 16 bytes, the seeds 32 each."""

    user: bytes
    gen: int
    sign_seed: bytes
    box_seed: bytes
    created: int

    @property
    def sign_pk(self) -> bytes:
        return signing_pair(self.sign_seed).public

    @property
    def box_pk(self) -> bytes:
        return box_pair(self.box_seed).public

    @property
    def core(self) -> bytes:
        return ukr_core(self.user, self.gen, self.sign_pk, self.box_pk)

    @property
    def fp(self) -> bytes:
        return fingerprint(self.core)


@dataclass(frozen=True)
class Ukr:
    """A verified user key record."""

    user: bytes
    gen: int
    sign_pk: bytes
    box_pk: bytes
    core: bytes
    fp: bytes
    prev_fp: bytes
    reason: UkrReason
    ts: int
    hash: bytes
    """Of the record itself, by which KEY_UPDATE names it."""

    @property
    def continues(self) -> bool:
        return self.reason in (UkrReason.ROTATE, UkrReason.COMPROMISE)


@dataclass(frozen=True)
class SignedUkr:
    """A key record as it travels: the record, the proof of possession, and the old key's signature or nothing."""

    body: bytes
    pop: bytes
    sig: bytes = b""


@dataclass(frozen=True)
class Certificate:
    """A parsed certificate; `role_mask` has bit `1 << role` set for each role it certifies."""

    cert_id: bytes
    org: bytes
    issuer_fp: bytes
    subject: bytes
    subject_fp: bytes
    kind: CertKind
    role_mask: int
    nbf: int
    exp: int
    method: CertMethod

    def certifies(self, role: int) -> bool:
        return bool(self.role_mask >> role & 1)

    def stands(self, now_ms: int) -> bool:
        return self.nbf <= now_ms < self.exp


@dataclass(frozen=True)
class SignedCertificate:
    """A certificate as it travels."""

    body: bytes
    sig: bytes


@dataclass(frozen=True)
class OrgRoot:
    """An organisation's root; `seed` is empty where only the public half is known."""

    sign_pk: bytes
    seed: bytes = b""

    @classmethod
    def from_seed(cls, seed: bytes) -> OrgRoot:
        return cls(signing_pair(seed).public, seed)

    @property
    def fp(self) -> bytes:
        return root_fingerprint(self.sign_pk)


def root_fingerprint(sign_pk: bytes) -> bytes:
    """A root has no user and no box key: both are zero in its core."""
    return fingerprint(ukr_core(ZERO_ID, 0, sign_pk, bytes(32)))


def ukr_core(user: bytes, gen: int, sign_pk: bytes, box_pk: bytes) -> bytes:
    return Writer().fixed(user, 16).u32(gen).fixed(sign_pk, 32).fixed(box_pk, 32).v16(b"").done()


def fingerprint(core: bytes) -> bytes:
    """32 bytes that name one generation of one person's keys everywhere."""
    return digest(Label.FP, core)


def ukr_hash(body: bytes) -> bytes:
    """The hash of a key record's bytes."""
    return digest(Label.UKR, body)


def previous_fp(body: bytes) -> bytes:
    """Which key a record says it follows, unverified: it only chooses the record to verify it with."""
    reader = Reader(body, Label.UKR)
    reader.v16()
    return reader.fixed(32)


def new_identity(user: bytes, gen: int, now_ms: int, rng: Callable[[int], bytes] = random_bytes) -> Identity:
    """Fresh private keys; `gen` counts from 1."""
    return Identity(user, gen, rng(32), rng(32), now_ms)


def make_ukr(
    identity: Identity, now_ms: int, *, previous: Identity | None = None, reason: UkrReason = UkrReason.FIRST
) -> SignedUkr:
    """A key record for an identity, signed by the previous generation where the chain goes on."""
    prev_fp = previous.fp if previous else NO_FP
    body = Writer(Label.UKR).v16(identity.core).fixed(prev_fp, 32).u8(reason).u64(now_ms).done()
    continues = previous is not None and reason in (UkrReason.ROTATE, UkrReason.COMPROMISE)
    sig = sign(previous.sign_seed, Label.UKR_SIG, body) if previous and continues else b""
    return SignedUkr(body, sign(identity.sign_seed, Label.UKR_POP, body), sig)


def verify_ukr(body: bytes, pop: bytes, sig: bytes = b"", previous: Ukr | None = None) -> Ukr:
    """The parsed record; raises E_ENC…, E_SIG for a missing proof of possession or a broken chain.

    A first or reset record has no old signature and needs a fresh certificate to mean anything.
    """
    reader = Reader(body, Label.UKR)
    core, prev_fp = reader.v16(), reader.fixed(32)
    reason, ts = reader.enum(UkrReason), reader.u64()
    reader.done()
    inner = Reader(core)
    user, gen, sign_pk, box_pk = inner.fixed(16), inner.u32(), inner.fixed(32), inner.fixed(32)
    if inner.v16():
        raise Ct1Error("E_UNSUPPORTED", "unknown key record extension")
    inner.done()
    verify(sign_pk, Label.UKR_POP, body, pop)
    if reason in (UkrReason.ROTATE, UkrReason.COMPROMISE):
        if previous is None or previous.fp != prev_fp or previous.gen + 1 != gen or previous.user != user:
            raise Ct1Error("E_KEY_CHANGED", "the record does not continue a known one")
        verify(previous.sign_pk, Label.UKR_SIG, body, sig)
    elif sig:
        raise Ct1Error("E_SIG", "a first or reset record carries no old signature")
    elif (reason == UkrReason.FIRST) != (gen == 1) or (reason == UkrReason.FIRST and prev_fp != NO_FP):
        # A reset that called itself a first record would pass its peers without the hard stop that it owes them.
        raise Ct1Error("E_KEY_CHANGED", "a first record is generation 1 and follows nothing")
    return Ukr(user, gen, sign_pk, box_pk, core, fingerprint(core), prev_fp, reason, ts, ukr_hash(body))


def issue_certificate(
    root: OrgRoot,
    *,
    cert_id: bytes,
    org: bytes,
    subject: bytes,
    subject_fp: bytes,
    kind: CertKind,
    roles: list[int],
    nbf: int,
    exp: int,
    method: CertMethod,
) -> SignedCertificate:
    """A certificate over a person's key, signed by the organisation's root; times in ms."""
    mask = sum(1 << role for role in set(roles))
    writer = Writer(Label.CERT).fixed(cert_id, 16).fixed(org, 16).fixed(root.fp, 32).fixed(subject, 16)
    writer.fixed(subject_fp, 32).u8(kind).u16(mask).u64(nbf).u64(exp).u8(method)
    body = writer.done()
    return SignedCertificate(body, sign(root.seed, Label.CERT_SIG, body))


def parse_certificate(body: bytes) -> Certificate:
    reader = Reader(body, Label.CERT)
    certificate = Certificate(
        cert_id=reader.fixed(16),
        org=reader.fixed(16),
        issuer_fp=reader.fixed(32),
        subject=reader.fixed(16),
        subject_fp=reader.fixed(32),
        kind=reader.enum(CertKind),
        role_mask=reader.u16(),
        nbf=reader.u64(),
        exp=reader.u64(),
        method=reader.enum(CertMethod),
    )
    reader.done()
    if certificate.nbf >= certificate.exp:
        raise Ct1Error("E_CERT", "a certificate that is never valid")
    return certificate


def verify_certificate(signed: SignedCertificate, root_pk: bytes) -> Certificate:
    """The certificate; raises E_CERT when another root issued it and E_SIG when the signature does not verify."""
    certificate = parse_certificate(signed.body)
    if certificate.issuer_fp != root_fingerprint(root_pk):
        raise Ct1Error("E_CERT", "issued by another root")
    verify(root_pk, Label.CERT_SIG, signed.body, signed.sig)
    return certificate
