"""Emergency access as it stands in a log: who declared it, why, until when (docs/protocol.md 3.5)."""

from __future__ import annotations

from dataclasses import dataclass

from crypto import tables
from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.primitives import sign
from crypto.tables import Label, Role


@dataclass(frozen=True)
class Emergency:
    """A declaration; `exp` in ms, `reason` UTF-8 in the clear: the patient, the members and the server read it."""

    declaration_id: bytes
    thread_id: bytes
    user: bytes
    fp: bytes
    role: Role
    exp: int
    reason: bytes

    def encode(self) -> bytes:
        writer = Writer(Label.BREAK_GLASS).fixed(self.declaration_id, 16).fixed(self.thread_id, 32)
        return writer.fixed(self.user, 16).fixed(self.fp, 32).u8(self.role).u64(self.exp).v16(self.reason).done()


@dataclass(frozen=True)
class EmergencyReader:
    """Somebody who reads in an emergency and does nothing else; `history_from` is the first epoch they may have."""

    declaration: Emergency
    org: bytes
    seq: int
    ts: int
    history_from: int

    @property
    def user(self) -> bytes:
        return self.declaration.user

    @property
    def fp(self) -> bytes:
        return self.declaration.fp

    @property
    def role(self) -> Role:
        return self.declaration.role


def parse_emergency(body: bytes) -> Emergency:
    """The declaration of signed bytes; raises E_ENC, E_ENUM, or E_SIZE for a reason that is missing or too long."""
    reader = Reader(body, Label.BREAK_GLASS)
    emergency = Emergency(
        declaration_id=reader.fixed(16),
        thread_id=reader.fixed(32),
        user=reader.fixed(16),
        fp=reader.fixed(32),
        role=reader.enum(Role),
        exp=reader.u64(),
        reason=reader.utf8(),
    )
    reader.done()
    if not 1 <= len(emergency.reason) <= tables.EMERGENCY_REASON_MAX:
        raise Ct1Error("E_SIZE", "an emergency has a reason, of at most 500 bytes")
    return emergency


def sign_emergency(sign_seed: bytes, body: bytes) -> bytes:
    """A co-signer's signature; who declares signs the entry."""
    return sign(sign_seed, Label.BREAK_GLASS_SIG, body)
