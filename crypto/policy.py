"""What a thread is held to, as its authority has it now: limits of an epoch, flags, and who keeps records (3.15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from crypto.compliance import NO_KEY, SignedComplianceKey, parse_compliance_key, verify_compliance_key
from crypto.encoding import Reader, Writer
from crypto.entries import Genesis
from crypto.errors import Ct1Error
from crypto.primitives import SIGNATURE_BYTES, sign
from crypto.tables import EPOCH_MAX_AGE_S, EPOCH_MAX_MSGS, GenesisFlag, Label


@dataclass(frozen=True)
class Policy:
    """The next policy of one thread; `statement` is a root's word for another compliance key, or empty.

    `number` counts a thread's policies from 1: none is put in twice, or after a later one.
    """

    thread_id: bytes
    number: int
    epoch_max_age_s: int
    epoch_max_msgs: int
    flags: int
    statement: bytes = b""
    statement_sig: bytes = b""

    def encode(self) -> bytes:
        writer = Writer(Label.POLICY).fixed(self.thread_id, 32).u32(self.number)
        writer.u32(self.epoch_max_age_s).u32(self.epoch_max_msgs).u16(self.flags)
        return writer.v16(self.statement).v16(self.statement_sig).done()


@dataclass(frozen=True)
class Terms:
    """The policy in force; `keys` are all compliance keys that the thread ever had, the newest last."""

    number: int
    epoch_max_age_s: int
    epoch_max_msgs: int
    flags: int
    compliance_pk: bytes
    compliance_label: bytes
    keys: tuple[bytes, ...]

    @classmethod
    def first(cls, genesis: Genesis) -> Terms:
        pk = genesis.compliance_pk
        return cls(
            number=0,
            epoch_max_age_s=genesis.epoch_max_age_s,
            epoch_max_msgs=genesis.epoch_max_msgs,
            flags=genesis.flags,
            compliance_pk=pk,
            compliance_label=genesis.compliance_label,
            keys=() if pk == NO_KEY else (pk,),
        )

    def after(self, policy: Policy, roots: Mapping[bytes, bytes], root_pks: Mapping[bytes, bytes]) -> Terms:
        """These terms changed; E_DUP, E_COMPLIANCE, E_UNKNOWN_KEY, E_SIG, E_KEY_REUSE.

        `roots`: organisation to the fingerprint that the thread pins; `root_pks`: fingerprint to key.
        """
        if policy.number != self.number + 1:
            raise Ct1Error("E_DUP", f"expected policy {self.number + 1}")
        pk, label = self._records_key(policy, roots, root_pks)
        return replace(
            self,
            number=policy.number,
            epoch_max_age_s=policy.epoch_max_age_s,
            epoch_max_msgs=policy.epoch_max_msgs,
            flags=policy.flags,
            compliance_pk=pk,
            compliance_label=label,
            keys=(*self.keys, pk) if policy.statement else self.keys,
        )

    def _records_key(
        self, policy: Policy, roots: Mapping[bytes, bytes], root_pks: Mapping[bytes, bytes]
    ) -> tuple[bytes, bytes]:
        if not policy.flags & GenesisFlag.COMPLIANCE:
            return NO_KEY, b""
        if self.compliance_pk == NO_KEY:
            raise Ct1Error("E_COMPLIANCE", "a thread without a compliance key never gains one")
        if not policy.statement:
            return self.compliance_pk, self.compliance_label
        named = parse_compliance_key(policy.statement)
        if roots.get(named.org) != named.issuer_fp:
            raise Ct1Error("E_COMPLIANCE", "the statement is of no organisation of this thread")
        root_pk = root_pks.get(named.issuer_fp)
        if root_pk is None:
            raise Ct1Error("E_UNKNOWN_KEY", "the root that states the key is not known")
        signed = SignedComplianceKey(policy.statement, policy.statement_sig)
        key = verify_compliance_key(signed, named.org, root_pk)
        if key.box_pk in self.keys:
            raise Ct1Error("E_KEY_REUSE", "the thread had this key before")
        return key.box_pk, key.label


def parse_policy(body: bytes) -> Policy:
    """The policy of signed bytes; raises E_ENC, E_ENUM, E_SIZE, E_COMPLIANCE."""
    reader = Reader(body, Label.POLICY)
    policy = Policy(
        thread_id=reader.fixed(32),
        number=reader.u32(),
        epoch_max_age_s=reader.u32(),
        epoch_max_msgs=reader.u32(),
        flags=reader.u16(),
        statement=reader.v16(),
        statement_sig=reader.v16(),
    )
    reader.done()
    if policy.flags & ~sum(GenesisFlag):
        raise Ct1Error("E_ENUM", "a flag that has no meaning")
    if not (1 <= policy.epoch_max_age_s <= EPOCH_MAX_AGE_S and 1 <= policy.epoch_max_msgs <= EPOCH_MAX_MSGS):
        # Nobody's signature makes keys live longer than the protocol lets them.
        raise Ct1Error("E_SIZE", "an epoch lives a week and carries ten thousand messages at most")
    if len(policy.statement_sig) != (SIGNATURE_BYTES if policy.statement else 0):
        raise Ct1Error("E_ENC", "a statement and its signature go together")
    if policy.statement and not policy.flags & GenesisFlag.COMPLIANCE:
        raise Ct1Error("E_COMPLIANCE", "a key is stated that the flags say is none")
    return policy


def sign_policy(sign_seed: bytes, body: bytes) -> bytes:
    return sign(sign_seed, Label.POLICY_SIG, body)
