"""The entries of a thread's log: their bytes, payloads, signatures and hashes (docs/protocol.md 5)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crypto import tables
from crypto.authority import Authorities, Authority
from crypto.directives import Signer
from crypto.encoding import Reader, Writer, sorted_once
from crypto.errors import Ct1Error
from crypto.primitives import digest, sign
from crypto.tables import AuthKind, CloseReason, EntryType, EpochReason, Label, RecipientKind, RemoveReason, Role, Suite

NO_HASH = bytes(32)
NON_CRITICAL = tables.ENTRY_NONCRITICAL


@dataclass(frozen=True)
class SignedEntry:
    """An entry as it travels and is stored: the exact bytes and the author's signature over them."""

    body: bytes
    sig: bytes

    @property
    def hash(self) -> bytes:
        return digest(Label.LOG_HASH, Writer().v32(self.body).done() + self.sig)


@dataclass(frozen=True)
class Entry:
    """The parsed frame of an entry; `payload` is parsed by its type, after the signature is verified."""

    thread_id: bytes
    seq: int
    prev: bytes
    author: bytes
    author_gen: int
    ts: int
    type: int
    payload: bytes

    def encode(self) -> bytes:
        writer = Writer(Label.LOG).fixed(self.thread_id, 32).u64(self.seq).fixed(self.prev, 32)
        return writer.fixed(self.author, 16).u32(self.author_gen).u64(self.ts).u8(self.type).v32(self.payload).done()

    def signed(self, sign_seed: bytes) -> SignedEntry:
        body = self.encode()
        return SignedEntry(body, sign(sign_seed, Label.LOG_SIG, body))


@dataclass(frozen=True)
class Genesis:
    """What a thread is, fixed for ever; `roots` ties each organisation to its root key's fingerprint."""

    nonce: bytes
    patient_ref: bytes
    auth_kind: AuthKind
    authorities: tuple[Authority, ...]
    quorum: int
    roots: tuple[tuple[bytes, bytes], ...]
    creator: bytes
    creator_fp: bytes
    creator_role: Role
    labels: tuple[bytes, ...] = ()
    epoch_max_age_s: int = tables.EPOCH_MAX_AGE_S
    epoch_max_msgs: int = tables.EPOCH_MAX_MSGS
    flags: int = 0
    compliance_pk: bytes = bytes(32)
    compliance_label: bytes = b""
    suite: Suite = Suite.X25519

    @property
    def authority(self) -> Authorities:
        return Authorities(self.auth_kind, self.authorities, self.quorum)

    def encode(self) -> bytes:
        writer = Writer().fixed(self.nonce, 32).fixed(self.patient_ref, 16).u8(self.auth_kind)
        writer.each(self.authorities, lambda w, one: one.write(w)).u8(self.quorum)
        writer.each(self.roots, lambda w, root: w.fixed(root[0], 16).fixed(root[1], 32))
        writer.fixed(self.creator, 16).fixed(self.creator_fp, 32).u8(self.creator_role)
        writer.u32(self.epoch_max_age_s).u32(self.epoch_max_msgs).u16(self.flags)
        writer.fixed(self.compliance_pk, 32).v16(self.compliance_label)
        return writer.each(self.labels, Writer.v16).u8(self.suite).done()


@dataclass(frozen=True)
class Signed:
    """The payload of the entries that carry a signed object (DIRECTIVE, REVOKE, …): its bytes and who signed them."""

    body: bytes
    signers: tuple[Signer, ...]

    def encode(self) -> bytes:
        writer = Writer().v32(self.body)
        return writer.each(self.signers, lambda w, one: w.fixed(one.fp, 32).fixed(one.sig, 64)).done()


@dataclass(frozen=True)
class MemberAdd:
    """Admits a person under a directive; `history_from` is the first epoch they may be given."""

    user: bytes
    fp: bytes
    role: Role
    directive_id: bytes
    history_from: int

    def encode(self) -> bytes:
        writer = Writer().fixed(self.user, 16).fixed(self.fp, 32).u8(self.role)
        return writer.fixed(self.directive_id, 16).u32(self.history_from).done()


@dataclass(frozen=True)
class MemberRemove:
    user: bytes
    reason: RemoveReason

    def encode(self) -> bytes:
        return Writer().fixed(self.user, 16).u8(self.reason).done()


Recipient = tuple[int, bytes, bytes]
"""(kind, id[16], fp[32]), ordered as its bytes are."""


@dataclass(frozen=True)
class EpochStart:
    """A new epoch: the commitment to its key, and exactly who is given it."""

    epoch: int
    suite: Suite
    reason: EpochReason
    key_commit: bytes
    recipients: tuple[Recipient, ...]

    def encode(self) -> bytes:
        writer = Writer().u32(self.epoch).u8(self.suite).u8(self.reason).fixed(self.key_commit, 32)
        return writer.each(self.recipients, lambda w, one: w.u8(one[0]).fixed(one[1], 16).fixed(one[2], 32)).done()


@dataclass(frozen=True)
class HistoryShare:
    """Epochs `first` to `last`, both included, are sealed to a member who was not their recipient."""

    user: bytes
    fp: bytes
    first: int
    last: int

    def encode(self) -> bytes:
        return Writer().fixed(self.user, 16).fixed(self.fp, 32).u32(self.first).u32(self.last).done()


@dataclass(frozen=True)
class KeyUpdate:
    """A member's new key in place of the old one, which signed for it; `ukr_hash` names the new key's record."""

    user: bytes
    old_fp: bytes
    new_fp: bytes
    ukr_hash: bytes

    def encode(self) -> bytes:
        writer = Writer().fixed(self.user, 16).fixed(self.old_fp, 32).fixed(self.new_fp, 32)
        return writer.fixed(self.ukr_hash, 32).done()


@dataclass(frozen=True)
class Close:
    """Nothing more is written in the thread, and why."""

    reason: CloseReason

    def encode(self) -> bytes:
        return Writer().u8(self.reason).done()


Payload = Genesis | Signed | MemberAdd | MemberRemove | EpochStart | HistoryShare | KeyUpdate | Close


def parse_entry(body: bytes) -> Entry:
    """The frame of an entry; raises E_SIZE, E_LABEL, E_VERSION, E_ENC, E_UNSUPPORTED for an unknown critical type."""
    if len(body) > tables.MAX_ENTRY:
        raise Ct1Error("E_SIZE", "the entry is too large")
    reader = Reader(body, Label.LOG)
    entry = Entry(
        thread_id=reader.fixed(32),
        seq=reader.u64(),
        prev=reader.fixed(32),
        author=reader.fixed(16),
        author_gen=reader.u32(),
        ts=reader.u64(),
        type=reader.u8(),
        payload=reader.v32(),
    )
    reader.done()
    if entry.type < NON_CRITICAL and entry.type not in _PARSERS:
        raise Ct1Error("E_UNSUPPORTED", f"entry type {entry.type} needs a newer app")
    return entry


def _recipient(reader: Reader) -> bytes:
    return bytes([reader.enum(RecipientKind)]) + reader.fixed(48)


def _genesis(reader: Reader) -> Genesis:
    nonce, patient_ref, auth_kind = reader.fixed(32), reader.fixed(16), reader.enum(AuthKind)
    authorities = Authority.read(reader)
    quorum = reader.u8()
    roots = sorted_once(reader.each(lambda r: r.fixed(48)), "roots")
    creator, creator_fp, creator_role = reader.fixed(16), reader.fixed(32), reader.enum(Role)
    max_age, max_msgs, flags = reader.u32(), reader.u32(), reader.u16()
    compliance_pk, compliance_label = reader.fixed(32), reader.utf8()
    labels = sorted_once(reader.each(Reader.utf8), "labels")
    suite = reader.u8()
    if suite != Suite.X25519:
        raise Ct1Error("E_SUITE", f"suite {suite} is unknown")
    return Genesis(
        nonce=nonce,
        patient_ref=patient_ref,
        auth_kind=auth_kind,
        authorities=authorities,
        quorum=quorum,
        roots=tuple((raw[:16], raw[16:]) for raw in roots),
        creator=creator,
        creator_fp=creator_fp,
        creator_role=creator_role,
        labels=labels,
        epoch_max_age_s=max_age,
        epoch_max_msgs=max_msgs,
        flags=flags,
        compliance_pk=compliance_pk,
        compliance_label=compliance_label,
    )


def _signed(reader: Reader) -> Signed:
    return Signed(reader.v32(), tuple(reader.each(lambda r: Signer(r.fixed(32), r.fixed(64)))))


def _member_add(reader: Reader) -> MemberAdd:
    return MemberAdd(reader.fixed(16), reader.fixed(32), reader.enum(Role), reader.fixed(16), reader.u32())


def _member_remove(reader: Reader) -> MemberRemove:
    return MemberRemove(reader.fixed(16), reader.enum(RemoveReason))


def _epoch(reader: Reader) -> EpochStart:
    number, suite = reader.u32(), reader.u8()
    if suite != Suite.X25519:
        raise Ct1Error("E_SUITE", f"suite {suite} is unknown")
    reason, commit = reader.enum(EpochReason), reader.fixed(32)
    recipients = sorted_once(reader.each(_recipient), "recipients")
    return EpochStart(number, Suite(suite), reason, commit, tuple((raw[0], raw[1:17], raw[17:]) for raw in recipients))


def _history_share(reader: Reader) -> HistoryShare:
    return HistoryShare(reader.fixed(16), reader.fixed(32), reader.u32(), reader.u32())


def _key_update(reader: Reader) -> KeyUpdate:
    return KeyUpdate(reader.fixed(16), reader.fixed(32), reader.fixed(32), reader.fixed(32))


_PARSERS: dict[int, Callable[[Reader], Payload]] = {
    EntryType.GENESIS: _genesis,
    EntryType.DIRECTIVE: _signed,
    EntryType.REVOKE: _signed,
    EntryType.MEMBER_ADD: _member_add,
    EntryType.MEMBER_REMOVE: _member_remove,
    EntryType.EPOCH: _epoch,
    EntryType.HISTORY_SHARE: _history_share,
    EntryType.KEY_UPDATE: _key_update,
    EntryType.AUTHORITY_CHANGE: _signed,
    EntryType.POLICY_CHANGE: _signed,
    EntryType.BREAK_GLASS: _signed,
    EntryType.CLOSE: lambda reader: Close(reader.enum(CloseReason)),
}


def parse_payload(entry: Entry) -> Payload | None:
    """The payload by its type; None for a non-critical entry, which is hashed and otherwise ignored."""
    if entry.type >= NON_CRITICAL:
        return None
    reader = Reader(entry.payload)
    payload = _PARSERS[entry.type](reader)
    reader.done()
    return payload
