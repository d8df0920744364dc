"""The cast at work on a thread: what their clients would sign and seal, made with crypto, without a browser."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass, field, replace

from crypto.authority import Authority
from crypto.compliance import ComplianceKey
from crypto.directives import Directive, Revoke, Signer, sign_directive, sign_revoke, statement_hash
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
from crypto.keys import Identity
from crypto.log import ThreadState, append, replay
from crypto.messages import Header
from crypto.sealing import epoch_commitment, new_epoch_key, seal_epoch_key, seal_message
from crypto.tables import (
    Action,
    AuthKind,
    ContentType,
    Effect,
    EntryType,
    EpochReason,
    GenesisFlag,
    GranteeKind,
    HistoryKind,
    RecipientKind,
    RemoveReason,
    RevokeKind,
    Role,
    Suite,
)
from messaging.keys import directory_of, ukr_of
from people.models import Organisation, Patient, User
from wire.base import b64

DAY_MS = 86_400_000
STATEMENT = "You let this person read and write in this thread."
WORKING = Action.READ | Action.POST | Action.ATTACH | Action.JOIN | Action.ADMIT
TYPES = {
    Genesis: EntryType.GENESIS,
    MemberAdd: EntryType.MEMBER_ADD,
    MemberRemove: EntryType.MEMBER_REMOVE,
    EpochStart: EntryType.EPOCH,
    HistoryShare: EntryType.HISTORY_SHARE,
    KeyUpdate: EntryType.KEY_UPDATE,
    Close: EntryType.CLOSE,
}


def now_ms() -> int:
    return int(time.time() * 1000)


@dataclass
class Person:
    """One of the cast with the keys that, outside tests, never leave a browser."""

    user: User
    identity: Identity
    role: Role
    device: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    ctr: int = 0

    @property
    def id(self) -> bytes:
        return bytes(self.user.pk.bytes)

    @property
    def fp(self) -> bytes:
        return self.identity.fp


@dataclass
class Batch:
    """Entries and seals that go to the server together."""

    entries: list[SignedEntry]
    seals: list[tuple[int, bytes, bytes]] = field(default_factory=list)

    def body(self) -> dict[str, object]:
        return {
            "entries": [{"body": b64(one.body), "sig": b64(one.sig)} for one in self.entries],
            "seals": [{"epoch": epoch, "user": b64(user), "blob": b64(blob)} for epoch, user, blob in self.seals],
        }


class Case:
    """A thread as a client that holds every epoch key sees it; each method signs as the person named."""

    def __init__(
        self,
        patient: Patient,
        maya: Person,
        creator: Person,
        labels: tuple[bytes, ...] = (),
        *,
        flags: int = 0,
        compliance: ComplianceKey | None = None,
        epoch_max_msgs: int = 10_000,
    ) -> None:
        self.patient, self.maya, self.creator = patient, maya, creator
        genesis = Genesis(
            nonce=secrets.token_bytes(32),
            patient_ref=patient.pk.bytes,
            auth_kind=AuthKind.PATIENT,
            authorities=(Authority(maya.id, maya.fp),),
            quorum=1,
            roots=tuple(sorted((row.pk.bytes, row.fp) for row in Organisation.objects.all())),
            creator=creator.id,
            creator_fp=creator.fp,
            creator_role=creator.role,
            labels=labels,
            flags=flags | (GenesisFlag.COMPLIANCE if compliance else 0),
            compliance_pk=compliance.box_pk if compliance else bytes(32),
            compliance_label=compliance.label if compliance else b"",
            epoch_max_msgs=epoch_max_msgs,
        )
        first = self._sign(creator, EntryType.GENESIS, genesis, seq=0, prev=bytes(32), thread=bytes(32))
        self.users = {creator.user.pk, maya.user.pk}
        self.entries = [first]
        self.state: ThreadState = replay([first], directory_of(self.users), now_ms())
        self.keys: dict[int, bytes] = {}

    @property
    def id(self) -> str:
        return b64(self.state.thread_id)

    def permit(self, *grantees: Person, **changes: object) -> Directive:
        """A permit of the patient for one person's key, for everything, for a month."""
        return self.directive(GranteeKind.KEY, grantees[0].fp, **changes)

    def directive(self, kind: GranteeKind, grantee: bytes, **changes: object) -> Directive:
        made = Directive(
            directive_id=secrets.token_bytes(16),
            patient_ref=self.patient.pk.bytes,
            effect=Effect.PERMIT,
            auth_kind=AuthKind.PATIENT,
            auth_fp=self.maya.fp,
            grantee_kind=kind,
            grantee=grantee,
            actions=int(WORKING),
            nbf=now_ms() - 60_000,
            exp=now_ms() + 30 * DAY_MS,
            threads=(self.state.thread_id,),
            labels=self.state.labels,
            history=HistoryKind.ALL,
            text_hash=statement_hash(STATEMENT),
        )
        return replace(made, **changes)  # type: ignore[arg-type]  # a test names the field it changes

    def revoke(self, kind: RevokeKind, target: bytes) -> Revoke:
        return Revoke(secrets.token_bytes(16), self.patient.pk.bytes, kind, target, self.maya.fp, now_ms())

    def signature(self, signed: Directive | Revoke) -> bytes:
        sign = sign_directive if isinstance(signed, Directive) else sign_revoke
        return sign(self.maya.identity.sign_seed, signed.encode())

    def consent(self, author: Person, signed: Directive | Revoke) -> Batch:
        payload = Signed(signed.encode(), (Signer(self.maya.fp, self.signature(signed)),))
        kind = EntryType.DIRECTIVE if isinstance(signed, Directive) else EntryType.REVOKE
        return self.grow(author, payload, kind)

    def add(self, author: Person, joiner: Person, directive: Directive, history_from: int = 1) -> Batch:
        self.users.add(joiner.user.pk)
        return self.grow(author, MemberAdd(joiner.id, joiner.fp, joiner.role, directive.directive_id, history_from))

    def remove(self, author: Person, leaver: Person, reason: RemoveReason = RemoveReason.CARE_ENDED) -> Batch:
        return self.grow(author, MemberRemove(leaver.id, reason))

    def epoch(self, author: Person, reason: EpochReason = EpochReason.CONSENT_CHANGED) -> Batch:
        number, key = len(self.state.epochs) + 1, new_epoch_key()
        recipients = self.state.recipients(now_ms())
        commit = epoch_commitment(key, self.state.thread_id)
        batch = self.grow(author, EpochStart(number, Suite.X25519, reason, commit, recipients))
        self.keys[number] = key
        batch.seals = [
            (number, user, self._sealed(number, user, self._box_pk(kind, fp))) for kind, user, fp in recipients
        ]
        return batch

    def _sealed(self, number: int, user: bytes, box_pk: bytes) -> bytes:
        return seal_epoch_key(self.keys[number], self.state.thread_id, number, user, box_pk)

    def _box_pk(self, kind: int, fp: bytes) -> bytes:
        is_compliance = kind == RecipientKind.COMPLIANCE
        return self.state.genesis.compliance_pk if is_compliance else ukr_of(fp).box_pk

    def update(self, before: Person, after: Person, ukr_hash: bytes) -> Batch:
        return self.grow(after, KeyUpdate(before.id, before.fp, after.fp, ukr_hash))

    def share(self, author: Person, joiner: Person, first: int, last: int) -> Batch:
        batch = self.grow(author, HistoryShare(joiner.id, joiner.fp, first, last))
        batch.seals = [
            (number, joiner.id, self._sealed(number, joiner.id, ukr_of(joiner.fp).box_pk))
            for number in range(first, last + 1)
        ]
        return batch

    def grow(self, author: Person, payload: Payload, kind: EntryType | None = None) -> Batch:
        """One more entry, appended to this client's own log too."""
        signed = self.entry(author, payload, kind)
        self.state = append(self.state, signed, directory_of(self.users), now_ms())
        self.entries.append(signed)
        return Batch([signed])

    def entry(self, author: Person, payload: Payload, kind: EntryType | None = None) -> SignedEntry:
        """The entry that would come next, signed and not appended."""
        return self._sign(
            author, kind or TYPES[type(payload)], payload, self.state.seq + 1, self.state.head, self.state.thread_id
        )

    @staticmethod
    def _sign(author: Person, kind: EntryType, payload: Payload, seq: int, prev: bytes, thread: bytes) -> SignedEntry:
        entry = Entry(thread, seq, prev, author.id, author.identity.gen, now_ms(), kind, payload.encode())
        return entry.signed(author.identity.sign_seed)

    def seal(self, writer: Person, text: str = "Good morning", **changes: object) -> bytes:
        """A sealed message, as it would be posted now."""
        writer.ctr += 1
        header = Header(
            thread=self.state.thread_id,
            epoch=len(self.state.epochs),
            sender=writer.id,
            sender_gen=writer.identity.gen,
            device=writer.device,
            msg_id=secrets.token_bytes(16),
            ctr=writer.ctr,
            log_seq=self.state.seq,
            log_head=self.state.head,
            seen=bytes(32),
            ts=now_ms(),
            ctype=ContentType.TEXT,
        )
        header = replace(header, **changes)  # type: ignore[arg-type]  # a test names the field it changes
        body = b'{"text": "' + text.encode() + b'"}'
        return seal_message(header, body, self.keys[len(self.state.epochs)], writer.identity).wire


def together(*batches: Batch) -> Batch:
    """Several batches as one request."""
    return Batch([one for batch in batches for one in batch.entries], [one for b in batches for one in b.seals])
