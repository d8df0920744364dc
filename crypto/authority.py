"""Who consents for a patient in a thread, and the signed object that puts others in their place (protocol.md 3.4)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crypto.encoding import Reader, Writer, sorted_once
from crypto.errors import Ct1Error
from crypto.primitives import sign
from crypto.tables import AuthKind, ChangeReason, Label, Role

NO_ACCOUNT = bytes(16)


@dataclass(frozen=True)
class Authority:
    """Who may sign directives: the account (zero where there is none) and the key."""

    user: bytes
    fp: bytes

    @classmethod
    def read(cls, reader: Reader) -> tuple[Authority, ...]:
        """A sorted list of them; E_ENC for another order or a repeat."""
        rows = sorted_once(reader.each(lambda r: r.fixed(48)), "authorities")
        return tuple(cls(row[:16], row[16:]) for row in rows)

    def write(self, writer: Writer) -> None:
        writer.fixed(self.user, 16).fixed(self.fp, 32)


@dataclass(frozen=True)
class Authorities:
    """Who may consent, and how many of them must; for witnessed consent nobody by name and at least two witnesses."""

    kind: AuthKind
    people: tuple[Authority, ...]
    quorum: int

    @property
    def role(self) -> Role:
        """In which role they are members."""
        return Role.PATIENT if self.kind == AuthKind.PATIENT else Role.REPRESENTATIVE

    @property
    def fps(self) -> set[bytes]:
        return {one.fp for one in self.people}

    def renewed(self, user: bytes, fp: bytes) -> Authorities:
        """The same people, one of them with a new key."""
        people = (Authority(user, fp) if one.user == user else one for one in self.people)
        return replace(self, people=tuple(sorted(people, key=lambda one: one.user + one.fp)))

    @property
    def accounts(self) -> list[bytes]:
        return [one.user for one in self.people if one.user != NO_ACCOUNT]


@dataclass(frozen=True)
class Change:
    """Other authorities for a patient; `not_before` in ms, zero where those who are in office hand over at once."""

    change_id: bytes
    patient_ref: bytes
    authorities: Authorities
    not_before: int = 0
    reason: ChangeReason = ChangeReason.UNSAID

    def encode(self) -> bytes:
        writer = Writer(Label.AUTHORITY).fixed(self.change_id, 16).fixed(self.patient_ref, 16)
        writer.u8(self.authorities.kind).each(self.authorities.people, lambda w, one: one.write(w))
        return writer.u8(self.authorities.quorum).u64(self.not_before).u8(self.reason).done()


def parse_change(body: bytes) -> Change:
    """The change of signed bytes; raises E_ENC, E_ENUM, E_GRANT_AUTHORITY, E_UNKNOWN_KEY or E_QUORUM."""
    reader = Reader(body, Label.AUTHORITY)
    change_id, patient_ref, kind = reader.fixed(16), reader.fixed(16), reader.enum(AuthKind)
    people, quorum = Authority.read(reader), reader.u8()
    not_before, reason = reader.u64(), reader.enum(ChangeReason)
    reader.done()
    if kind == AuthKind.WITNESSED or not people:
        # Two witnesses who could name witnesses as the authority would own the thread without any patient's key.
        raise Ct1Error("E_GRANT_AUTHORITY", "a thread is handed over to people, never to witnesses")
    authorities = Authorities(kind, people, quorum)
    if len(authorities.accounts) != len(people):
        raise Ct1Error("E_UNKNOWN_KEY", "an authority that comes later has an account")
    check_quorum(authorities)
    return Change(change_id, patient_ref, authorities, not_before, reason)


def check_quorum(authorities: Authorities) -> None:
    """E_QUORUM unless the quorum can be met by different people."""
    least = 2 if authorities.kind == AuthKind.QUORUM else 1
    if not least <= authorities.quorum <= len(authorities.people):
        raise Ct1Error("E_QUORUM", "the quorum cannot be met, or is none")
    if len(set(authorities.accounts)) != len(authorities.accounts):
        raise Ct1Error("E_QUORUM", "one person counts once")


def sign_change(sign_seed: bytes, body: bytes) -> bytes:
    return sign(sign_seed, Label.AUTHORITY_SIG, body)
