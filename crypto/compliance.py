"""An organisation's compliance key: its root's statement about it, and the record of what was opened with it.

A visible recipient of every epoch, fixed in genesis (docs/protocol.md 3.14): there is no silent escrow.
"""

from __future__ import annotations

from dataclasses import dataclass

from crypto.encoding import Reader, Writer
from crypto.entries import Genesis
from crypto.errors import Ct1Error
from crypto.keys import OrgRoot, root_fingerprint
from crypto.primitives import box_pair, digest, sign, verify
from crypto.tables import GenesisFlag, Label

NO_KEY = bytes(32)
NOBODY = bytes(16)
"""The account of the compliance key, in recipients and seals."""
LABEL_MAX = 200
REASON_MAX = 500


def compliance_fingerprint(box_pk: bytes) -> bytes:
    """What names the key in an epoch's recipients."""
    return digest(Label.COMP_FP, box_pk)


@dataclass(frozen=True)
class ComplianceKey:
    """The key as its organisation's root vouches for it: shared by `shares` people, any `threshold` of them needed."""

    org: bytes
    issuer_fp: bytes
    box_pk: bytes
    threshold: int
    shares: int
    label: bytes
    ts: int

    @property
    def fp(self) -> bytes:
        return compliance_fingerprint(self.box_pk)

    def encode(self) -> bytes:
        writer = Writer(Label.COMPLIANCE_KEY).fixed(self.org, 16).fixed(self.issuer_fp, 32).fixed(self.box_pk, 32)
        return writer.u8(self.threshold).u8(self.shares).v16(self.label).u64(self.ts).done()


@dataclass(frozen=True)
class SignedComplianceKey:
    """The statement as it travels."""

    body: bytes
    sig: bytes


def sign_compliance_key(root: OrgRoot, key: ComplianceKey) -> SignedComplianceKey:
    body = key.encode()
    return SignedComplianceKey(body, sign(root.seed, Label.COMPLIANCE_KEY_SIG, body))


def parse_compliance_key(body: bytes) -> ComplianceKey:
    """The statement's content, unverified; E_ENC, E_COMPLIANCE for a key or numbers that make no sense."""
    reader = Reader(body, Label.COMPLIANCE_KEY)
    key = ComplianceKey(
        org=reader.fixed(16),
        issuer_fp=reader.fixed(32),
        box_pk=reader.fixed(32),
        threshold=reader.u8(),
        shares=reader.u8(),
        label=reader.utf8(),
        ts=reader.u64(),
    )
    reader.done()
    if key.box_pk == NO_KEY or not 2 <= key.threshold <= key.shares or not 1 <= len(key.label) <= LABEL_MAX:
        raise Ct1Error("E_COMPLIANCE", "a compliance key has a label, and two custodians at least")
    return key


def verify_compliance_key(signed: SignedComplianceKey, org: bytes, root_pk: bytes) -> ComplianceKey:
    """The key; E_COMPLIANCE for another organisation's or root's, E_SIG when the signature does not verify."""
    key = parse_compliance_key(signed.body)
    if key.org != org or key.issuer_fp != root_fingerprint(root_pk):
        raise Ct1Error("E_COMPLIANCE", "the compliance key is of another organisation")
    verify(root_pk, Label.COMPLIANCE_KEY_SIG, signed.body, signed.sig)
    return key


def require_compliance(genesis: Genesis, key: ComplianceKey | None) -> None:
    """A genesis names exactly the key that its patient's organisation has, or none where it has none: E_COMPLIANCE."""
    wanted = (key.box_pk, key.label) if key is not None else (NO_KEY, b"")
    is_on = bool(genesis.flags & GenesisFlag.COMPLIANCE)
    if (genesis.compliance_pk, genesis.compliance_label) != wanted or is_on != (key is not None):
        raise Ct1Error("E_COMPLIANCE", "the thread's compliance key is not its organisation's")


def box_pk_of(secret: bytes) -> bytes:
    """The public half of a compliance key's 32-byte secret."""
    return box_pair(secret).public


@dataclass(frozen=True)
class AccessRecord:
    """What was opened, of which export, by whom and why: signed before a word is read, and kept by the server.

    `export_hash` is of the export's file; `indexes` are of the shares that were joined; `left_out` are epochs whose key
    did not open and that were left out by name.
    """

    export_id: bytes
    thread_id: bytes
    export_hash: bytes
    log_seq: int
    messages: int
    comp_fp: bytes
    user: bytes
    fp: bytes
    indexes: tuple[int, ...]
    left_out: tuple[int, ...]
    ts: int
    reason: bytes

    def encode(self) -> bytes:
        writer = Writer(Label.ESCROW_ACCESS).fixed(self.export_id, 16).fixed(self.thread_id, 32)
        writer.fixed(self.export_hash, 32).u64(self.log_seq).u64(self.messages).fixed(self.comp_fp, 32)
        writer.fixed(self.user, 16).fixed(self.fp, 32)
        writer.each(self.indexes, lambda to, one: to.u8(one)).each(self.left_out, lambda to, one: to.u32(one))
        return writer.u64(self.ts).v16(self.reason).done()


def parse_access_record(body: bytes) -> AccessRecord:
    """The record of signed bytes; E_ENC, E_SIZE for a reason that is missing or too long."""
    reader = Reader(body, Label.ESCROW_ACCESS)
    record = AccessRecord(
        export_id=reader.fixed(16),
        thread_id=reader.fixed(32),
        export_hash=reader.fixed(32),
        log_seq=reader.u64(),
        messages=reader.u64(),
        comp_fp=reader.fixed(32),
        user=reader.fixed(16),
        fp=reader.fixed(32),
        indexes=tuple(reader.each(Reader.u8)),
        left_out=tuple(reader.each(Reader.u32)),
        ts=reader.u64(),
        reason=reader.utf8(),
    )
    reader.done()
    if not 1 <= len(record.reason) <= REASON_MAX:
        raise Ct1Error("E_SIZE", "records are opened for a reason, of at most 500 bytes")
    return record


@dataclass(frozen=True)
class SignedAccess:
    """The record as it travels."""

    body: bytes
    sig: bytes


def sign_access_record(sign_seed: bytes, record: AccessRecord) -> SignedAccess:
    body = record.encode()
    return SignedAccess(body, sign(sign_seed, Label.ESCROW_ACCESS_SIG, body))


def verify_access_record(sign_pk: bytes, signed: SignedAccess) -> AccessRecord:
    """The record; E_SIG."""
    verify(sign_pk, Label.ESCROW_ACCESS_SIG, signed.body, signed.sig)
    return parse_access_record(signed.body)


def export_hash(raw: bytes) -> bytes:
    """What names the bytes of an export's file in the record."""
    return digest(Label.ESCROW_ACCESS, raw)
