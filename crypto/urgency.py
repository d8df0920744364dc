"""How soon a message wants an answer, and that somebody gave one: signed words that the server may read (3.12)."""

from __future__ import annotations

from dataclasses import dataclass

from crypto import tables
from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.keys import Ukr
from crypto.primitives import sign, verify
from crypto.tables import AddresseeKind, Label, Priority


@dataclass(frozen=True)
class Addressee:
    """Whom an escalation reaches: a person by account, or whoever holds a role by the role's id."""

    kind: AddresseeKind
    id: bytes


@dataclass(frozen=True)
class Urgency:
    """What the sender of a message says of its priority; `ts` and `ack_by` in ms, `ack_by` 0 where none is asked.

    `addressees` are told one after the other, each having from one step to the next as long as `ack_by - ts`.
    """

    thread: bytes
    msg_id: bytes
    sender: bytes
    fp: bytes
    priority: Priority
    ts: int
    ack_by: int
    addressees: tuple[Addressee, ...]

    def encode(self) -> bytes:
        writer = Writer(Label.URGENCY).fixed(self.thread, 32).fixed(self.msg_id, 16).fixed(self.sender, 16)
        writer.fixed(self.fp, 32).u8(self.priority).u64(self.ts).u64(self.ack_by).u16(len(self.addressees))
        for one in self.addressees:
            writer.u8(one.kind).fixed(one.id, 16)
        return writer.done()


@dataclass(frozen=True)
class Ack:
    """A person has taken note of one message and sees to it; `ts` in ms."""

    thread: bytes
    msg_id: bytes
    user: bytes
    fp: bytes
    ts: int

    def encode(self) -> bytes:
        writer = Writer(Label.ACK).fixed(self.thread, 32).fixed(self.msg_id, 16).fixed(self.user, 16)
        return writer.fixed(self.fp, 32).u64(self.ts).done()


def parse_urgency(body: bytes) -> Urgency:
    """The urgency of signed bytes; raises E_ENC, E_ENUM, E_SIZE, E_RECIPIENTS, E_TS, in docs/protocol.md's order."""
    reader = Reader(body, Label.URGENCY)
    thread, msg_id, sender, fp = reader.fixed(32), reader.fixed(16), reader.fixed(16), reader.fixed(32)
    priority, ts, ack_by = reader.enum(Priority), reader.u64(), reader.u64()
    addressees = tuple(Addressee(reader.enum(AddresseeKind), reader.fixed(16)) for _ in range(reader.u16()))
    reader.done()
    if len(addressees) > tables.ADDRESSEES_MAX:
        raise Ct1Error("E_SIZE", "an escalation has at most eight addressees")
    if len(set(addressees)) != len(addressees):
        raise Ct1Error("E_RECIPIENTS", "an addressee stands twice")
    if (ack_by == 0) != (not addressees):
        raise Ct1Error("E_RECIPIENTS", "a deadline is somebody's, and an addressee has one")
    if (priority == Priority.ROUTINE and ack_by) or (priority == Priority.URGENT and not ack_by):
        raise Ct1Error("E_TS", "an urgent message has a deadline, a routine one none")
    if ack_by and not tables.ACK_MIN_MS <= ack_by - ts <= tables.ACK_MAX_MS:
        raise Ct1Error("E_TS", "a deadline is between a minute and a day away")
    return Urgency(thread, msg_id, sender, fp, priority, ts, ack_by, addressees)


def parse_ack(body: bytes) -> Ack:
    """The acknowledgement of signed bytes; raises E_ENC, E_LABEL, E_VERSION."""
    reader = Reader(body, Label.ACK)
    ack = Ack(reader.fixed(32), reader.fixed(16), reader.fixed(16), reader.fixed(32), reader.u64())
    reader.done()
    return ack


def sign_urgency(sign_seed: bytes, body: bytes) -> bytes:
    """The sender's signature."""
    return sign(sign_seed, Label.URGENCY_SIG, body)


def sign_ack(sign_seed: bytes, body: bytes) -> bytes:
    """The signature of the one who acknowledges."""
    return sign(sign_seed, Label.ACK_SIG, body)


def verify_urgency(body: bytes, sig: bytes, thread: bytes, ukr: Ukr) -> Urgency:
    """The urgency, if it is of this thread and this key signed it; raises E_THREAD, E_UNKNOWN_KEY, E_SIG besides."""
    said = parse_urgency(body)
    _require(said.thread, thread, said.sender, said.fp, ukr)
    verify(ukr.sign_pk, Label.URGENCY_SIG, body, sig)
    return said


def verify_ack(body: bytes, sig: bytes, thread: bytes, ukr: Ukr) -> Ack:
    """The acknowledgement, if it is of this thread and this key signed it; raises as `verify_urgency`."""
    said = parse_ack(body)
    _require(said.thread, thread, said.user, said.fp, ukr)
    verify(ukr.sign_pk, Label.ACK_SIG, body, sig)
    return said


def _require(named: bytes, thread: bytes, user: bytes, fp: bytes, ukr: Ukr) -> None:
    if named != thread:
        raise Ct1Error("E_THREAD", "a word about another thread")
    if ukr.fp != fp or ukr.user != user:
        raise Ct1Error("E_UNKNOWN_KEY", "the key is not the signer's")
