"""Messages as everybody may check them, the server too: header, signature and place in the log, never the content."""

from __future__ import annotations

from dataclasses import dataclass

from crypto import tables
from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.keys import Ukr
from crypto.primitives import NONCE_BYTES, digest, verify
from crypto.state import Directory, ThreadState
from crypto.tables import ContentType, Label, RecipientKind, Suite

NO_SEEN = bytes(32)
UNKNOWN_CRITICAL = 128


@dataclass(frozen=True)
class Header:
    """What is signed and authenticated with a message, in the clear for the server."""

    thread: bytes
    epoch: int
    sender: bytes
    sender_gen: int
    device: bytes
    msg_id: bytes
    ctr: int
    log_seq: int
    log_head: bytes
    seen: bytes
    ts: int
    ctype: int
    suite: int = Suite.X25519

    def encode(self) -> bytes:
        writer = Writer(Label.MSG).u8(self.suite).fixed(self.thread, 32).u32(self.epoch).fixed(self.sender, 16)
        writer.u32(self.sender_gen).fixed(self.device, 16).fixed(self.msg_id, 16).u64(self.ctr).u64(self.log_seq)
        return writer.fixed(self.log_head, 32).fixed(self.seen, 32).u64(self.ts).u8(self.ctype).done()


@dataclass(frozen=True)
class SealedMessage:
    """A parsed wire: the header and its exact bytes, nonce, key commitment, ciphertext and signature."""

    header: Header
    header_bytes: bytes
    nonce: bytes
    kc: bytes
    ct: bytes
    sig: bytes
    wire: bytes

    @property
    def hash(self) -> bytes:
        """What a later message's `seen` cites."""
        return digest(Label.MSG_HASH, self.wire)

    @property
    def signed_bytes(self) -> bytes:
        return self.header_bytes + self.kc + self.nonce + digest(Label.MSG_CT, self.ct)


def parse_header(raw: bytes) -> Header:
    reader = Reader(raw, Label.MSG)
    suite = reader.u8()
    if suite != Suite.X25519:
        raise Ct1Error("E_SUITE", f"suite {suite} is unknown")
    header = Header(
        suite=suite,
        thread=reader.fixed(32),
        epoch=reader.u32(),
        sender=reader.fixed(16),
        sender_gen=reader.u32(),
        device=reader.fixed(16),
        msg_id=reader.fixed(16),
        ctr=reader.u64(),
        log_seq=reader.u64(),
        log_head=reader.fixed(32),
        seen=reader.fixed(32),
        ts=reader.u64(),
        ctype=reader.u8(),
    )
    reader.done()
    if header.ctype < UNKNOWN_CRITICAL and header.ctype not in ContentType._value2member_map_:
        raise Ct1Error("E_UNSUPPORTED", f"content type {header.ctype} needs a newer app")
    return header


def parse_wire(wire: bytes) -> SealedMessage:
    """The parts of a message as sent; raises E_SIZE, E_ENC, E_LABEL, E_VERSION, E_SUITE, E_UNSUPPORTED."""
    reader = Reader(wire)
    header_bytes = reader.v16()
    nonce, kc, ct, sig = reader.fixed(NONCE_BYTES), reader.fixed(32), reader.v32(), reader.fixed(64)
    reader.done()
    if len(ct) > tables.MAX_CIPHERTEXT:
        raise Ct1Error("E_SIZE", "the ciphertext is too large")
    return SealedMessage(parse_header(header_bytes), header_bytes, nonce, kc, ct, sig, wire)


def verify_wire(sealed: SealedMessage, ukr: Ukr) -> None:
    """Raises E_UNKNOWN_KEY when the key is not the header's sender's, E_SIG when the signature does not verify."""
    if ukr.user != sealed.header.sender or ukr.gen != sealed.header.sender_gen:
        raise Ct1Error("E_UNKNOWN_KEY", "the key is not the sender's")
    verify(ukr.sign_pk, Label.MSG_SIG, sealed.signed_bytes, sealed.sig)


def check_place(sealed: SealedMessage, state: ThreadState, directory: Directory) -> Ukr:
    """The sender's key record, when the message stands where it says in this log (rules R2 to R7, in that order)."""
    header = sealed.header
    if header.thread != state.thread_id:
        raise Ct1Error("E_THREAD", "a message of another thread")
    if header.log_seq > state.seq:
        raise Ct1Error("E_LOG_BEHIND", "the message cites an entry not seen yet")
    if state.hashes[header.log_seq] != header.log_head:
        raise Ct1Error("E_LOG_FORK", "the message cites another history")
    epoch = state.epoch_numbered(header.epoch)
    if header.log_seq < epoch.seq:
        raise Ct1Error("E_EPOCH_ORDER", "the message cites a log before its epoch")
    if header.epoch < len(state.epochs) and header.log_seq >= state.epochs[header.epoch].seq:
        raise Ct1Error("E_STALE_EPOCH", "a later epoch had begun")
    # The key is found through the fingerprint in the epoch's recipients, never by user and generation alone: a
    # server that swapped a key record would otherwise choose the verifying key.
    fp = next((r[2] for r in epoch.recipients if r[0] == RecipientKind.MEMBER and r[1] == header.sender), None)
    if fp is None:
        raise Ct1Error("E_NOT_MEMBER", "the sender was not in that epoch")
    if header.log_seq >= state.replaced.get(fp, header.log_seq + 1):
        # Else whoever stole an old key could write until the next epoch begins.
        raise Ct1Error("E_STALE_EPOCH", "the sender had another key by then")
    if state.closing is not None and header.log_seq >= state.closing.seq:
        raise Ct1Error("E_SCOPE", "the thread was closed by then")
    ukr = directory.ukr(fp)
    verify_wire(sealed, ukr)
    return ukr


def block_of(size: int) -> int:
    """Padding hides the length of a message up to 256 bytes when short, 4 KiB when long."""
    return tables.PAD_SMALL if size < tables.PAD_LARGE_FROM else tables.PAD_LARGE
