"""Keys of a call: ephemeral, never derived from a thread's key, never stored (docs/protocol.md 8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crypto.encoding import Reader, Writer
from crypto.errors import Ct1Error
from crypto.keys import Identity, Ukr
from crypto.primitives import digest, domain, kdf, open_seal, seal, sign, verify
from crypto.tables import Label


@dataclass(frozen=True)
class Join:
    """A participant's signed announcement of the key of this call on this device."""

    thread: bytes
    conf_id: bytes
    user: bytes
    fp: bytes
    device: bytes
    e_pk: bytes
    log_head: bytes
    ts: int

    def encode(self) -> bytes:
        writer = Writer(Label.CONF_JOIN).fixed(self.thread, 32).fixed(self.conf_id, 16).fixed(self.user, 16)
        writer.fixed(self.fp, 32).fixed(self.device, 16).fixed(self.e_pk, 32).fixed(self.log_head, 32)
        return writer.u64(self.ts).done()

    @property
    def rank(self) -> bytes:
        """The lowest rank present leads the keys."""
        return self.fp + self.device


@dataclass(frozen=True)
class KeyNotice:
    """The leader's signed commitment to key number `n` and to exactly whom it was sealed."""

    thread: bytes
    conf_id: bytes
    n: int
    leader_fp: bytes
    leader_device: bytes
    commit: bytes
    ranks: tuple[bytes, ...]

    def encode(self) -> bytes:
        writer = Writer(Label.CONF).fixed(self.thread, 32).fixed(self.conf_id, 16).u32(self.n)
        writer.fixed(self.leader_fp, 32).fixed(self.leader_device, 16).fixed(self.commit, 32)
        return writer.each(self.ranks, lambda w, rank: w.fixed(rank, 48)).done()


def sign_join(join: Join, identity: Identity) -> bytes:
    return sign(identity.sign_seed, Label.CONF_JOIN_SIG, join.encode())


def verify_join(body: bytes, sig: bytes, ukr: Ukr, thread: bytes, conf_id: bytes) -> Join:
    """The join, signed by this key for this call; raises E_CONF for another call or person, E_SIG."""
    reader = Reader(body, Label.CONF_JOIN)
    join = Join(
        reader.fixed(32), reader.fixed(16), reader.fixed(16), reader.fixed(32), reader.fixed(16), reader.fixed(32),
        reader.fixed(32), reader.u64(),
    )  # fmt: skip
    reader.done()
    if join.thread != thread or join.conf_id != conf_id or join.fp != ukr.fp or join.user != ukr.user:
        raise Ct1Error("E_CONF", "a join of another call or person")
    verify(ukr.sign_pk, Label.CONF_JOIN_SIG, body, sig)
    return join


def leads(joins: Sequence[Join]) -> Join:
    """Who hands out the key: the lowest rank, so that everybody agrees without a vote."""
    return min(joins, key=lambda join: join.rank)


def call_commitment(ck: bytes, thread: bytes, conf_id: bytes, n: int) -> bytes:
    return kdf(ck, Label.CONF_COMMIT, Writer().fixed(thread, 32).fixed(conf_id, 16).u32(n).done())


def make_notice(leader: Join, n: int, ck: bytes, joins: Sequence[Join]) -> KeyNotice:
    commit = call_commitment(ck, leader.thread, leader.conf_id, n)
    ranks = tuple(sorted(join.rank for join in joins))
    return KeyNotice(leader.thread, leader.conf_id, n, leader.fp, leader.device, commit, ranks)


def sign_notice(notice: KeyNotice, identity: Identity) -> bytes:
    return sign(identity.sign_seed, Label.CONF_KEY_SIG, notice.encode())


def verify_notice(body: bytes, sig: bytes, ukr: Ukr, thread: bytes, conf_id: bytes) -> KeyNotice:
    """The leader's notice; raises E_CONF for another call or leader, E_SIG."""
    reader = Reader(body, Label.CONF)
    notice = KeyNotice(
        reader.fixed(32), reader.fixed(16), reader.u32(), reader.fixed(32), reader.fixed(16), reader.fixed(32),
        tuple(reader.each(lambda r: r.fixed(48))),
    )  # fmt: skip
    reader.done()
    if notice.thread != thread or notice.conf_id != conf_id or notice.leader_fp != ukr.fp:
        raise Ct1Error("E_CONF", "a key of another call or leader")
    verify(ukr.sign_pk, Label.CONF_KEY_SIG, body, sig)
    return notice


def _seal_prefix(thread: bytes, conf_id: bytes, n: int, e_pk: bytes) -> bytes:
    return domain(Label.CONF_SEAL, Writer().fixed(thread, 32).fixed(conf_id, 16).u32(n).fixed(e_pk, 32).done())


def seal_call_key(ck: bytes, n: int, join: Join) -> bytes:
    """The call's key number `n` for one joiner."""
    return seal(_seal_prefix(join.thread, join.conf_id, n, join.e_pk) + ck, join.e_pk)


def open_call_key(blob: bytes, e_seed: bytes, notice: KeyNotice, join: Join) -> bytes:
    """The call's key; E_SEAL, E_SEAL_CTX for another call, number or person, E_KEY_COMMIT for another key."""
    plain = open_seal(blob, e_seed)
    if plain[:-32] != _seal_prefix(join.thread, join.conf_id, notice.n, join.e_pk):
        raise Ct1Error("E_SEAL_CTX", "the key was sealed for another call or person")
    ck = plain[-32:]
    if call_commitment(ck, join.thread, join.conf_id, notice.n) != notice.commit:
        raise Ct1Error("E_KEY_COMMIT", "not the key that the leader committed to")
    return ck


def frame_key(ck: bytes, user: bytes, device: bytes, n: int) -> bytes:
    """One sender's base key for sealed media (RFC 9605) under key number `n`."""
    return kdf(ck, Label.CONF_FRAME, Writer().fixed(user, 16).fixed(device, 16).u32(n).done())


def call_phrase_hash(thread: bytes, conf_id: bytes, n: int, e_pks: Sequence[bytes]) -> bytes:
    """What participants read to each other as words to know that nobody sits between them."""
    return digest(Label.CONF, thread + conf_id + n.to_bytes(4, "big") + b"".join(sorted(e_pks)))
