"""A thread's log as this client keeps it: replayed from genesis, grown by entries that this person signs."""

from __future__ import annotations

from collections.abc import Sequence

from client.vault import signed_ukr
from crypto import log as ct1
from crypto.entries import (
    Close,
    Entry,
    EpochStart,
    Genesis,
    HistoryShare,
    KeyUpdate,
    MemberAdd,
    MemberRemove,
    Payload,
    Signed,
    SignedEntry,
)
from crypto.errors import Ct1Error
from crypto.keys import Identity, SignedCertificate
from crypto.log import Directory, ThreadState
from crypto.sealing import epoch_commitment, new_epoch_key, seal_epoch_key
from crypto.tables import EntryType, EpochReason, RecipientKind, Suite
from wire.messaging import LogAppend, SealIn, SignedLogEntry
from wire.people import PersonKeys

_TYPES: dict[type[Payload], EntryType] = {
    MemberAdd: EntryType.MEMBER_ADD,
    MemberRemove: EntryType.MEMBER_REMOVE,
    EpochStart: EntryType.EPOCH,
    HistoryShare: EntryType.HISTORY_SHARE,
    KeyUpdate: EntryType.KEY_UPDATE,
    Close: EntryType.CLOSE,
}


def directory_of(people: Sequence[PersonKeys], root_pks: Sequence[bytes]) -> Directory:
    """The verified keys of these people; certificates of roots that were not pinned count for nothing."""
    return Directory.build(
        [signed_ukr(bundle) for person in people for bundle in person.bundles],
        [SignedCertificate(one.body, one.sig) for person in people for one in person.certificates],
        root_pks,
    )


def genesis_entry(genesis: Genesis, author: Identity, now_ms: int) -> SignedEntry:
    """The first entry, whose hash is the thread's id."""
    entry = Entry(bytes(32), 0, bytes(32), author.user, author.gen, now_ms, EntryType.GENESIS, genesis.encode())
    return entry.signed(author.sign_seed)


class Batch:
    """Entries that follow a state, each checked by the rules that every other client will apply."""

    def __init__(self, state: ThreadState, directory: Directory, author: Identity, now_ms: int) -> None:
        self.state, self.directory, self.author = state, directory, author
        # Two members' clocks differ; a log's times never run backwards.
        self.now_ms = max(now_ms, state.ts)
        self.entries: list[SignedEntry] = []
        self.seals: list[SealIn] = []

    def __bool__(self) -> bool:
        return bool(self.entries or self.seals)

    def add(self, payload: Payload, kind: EntryType | None = None) -> None:
        """Signs one more entry; raises Ct1Error when no client would accept it."""
        chosen = kind if kind is not None else _TYPES[type(payload)]
        signed = Entry(
            self.state.thread_id,
            self.state.seq + 1,
            self.state.head,
            self.author.user,
            self.author.gen,
            self.now_ms,
            chosen,
            payload.encode(),
        ).signed(self.author.sign_seed)
        self.state = ct1.append(self.state, signed, self.directory, self.now_ms)
        self.entries.append(signed)

    def carry(self, kind: EntryType, signed: Signed) -> None:
        """Carries a signed object into the log: a directive, a revocation, a change of authority, an emergency."""
        self.add(signed, kind)

    def take_up(self, newest: Identity) -> None:
        """Brings the author's newer key into the log, with which everything after is signed."""
        member, before = self.state.members[newest.user], self.author
        self.author = newest
        try:
            self.add(KeyUpdate(newest.user, member.fp, newest.fp, self.directory.ukr(newest.fp).hash))
        except Ct1Error:
            self.author = before
            raise

    def rotate(self, reason: EpochReason) -> bytes:
        """Starts an epoch with a fresh key, sealed to exactly those who may read now; returns the key."""
        number, key = len(self.state.epochs) + 1, new_epoch_key()
        recipients = self.state.recipients(self.now_ms)
        commit = epoch_commitment(key, self.state.thread_id)
        self.add(EpochStart(number, Suite.X25519, reason, commit, recipients))
        for kind, user, fp in recipients:
            is_compliance = kind == RecipientKind.COMPLIANCE
            box_pk = self.state.policy.compliance_pk if is_compliance else self.directory.ukr(fp).box_pk
            self._seal(key, number, user, box_pk)
        return key

    def share(self, user: bytes, fp: bytes, keys: dict[int, bytes]) -> None:
        """Gives a member the earlier epochs of `keys`, which must be a run without holes."""
        self.add(HistoryShare(user, fp, min(keys), max(keys)))
        for number, key in keys.items():
            self._seal(key, number, user, self.directory.ukr(fp).box_pk)

    def _seal(self, key: bytes, number: int, user: bytes, box_pk: bytes) -> None:
        blob = seal_epoch_key(key, self.state.thread_id, number, user, box_pk)
        self.seals.append(SealIn(epoch=number, user=user, blob=blob))

    def body(self) -> LogAppend:
        return LogAppend(entries=[SignedLogEntry(body=one.body, sig=one.sig) for one in self.entries], seals=self.seals)
