"""Threads: opened, read, written to; and kept true to consent before a word is sealed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from client.account import Account, now_ms
from client.authorities import authorities_of, compliance_key_of
from client.disclosure import Disclosure, disclose
from client.errors import ApiError
from client.live import Live
from client.log import Batch, directory_of, genesis_entry
from client.tending import tend
from crypto import log as ct1
from crypto.compliance import NO_KEY
from crypto.emergency import EmergencyReader
from crypto.entries import Genesis, SignedEntry
from crypto.errors import Ct1Error
from crypto.guards import Seen, require_may_send
from crypto.keys import Identity
from crypto.log import Directory, ThreadState
from crypto.messages import NO_SEEN, Header, SealedMessage, check_place, parse_wire
from crypto.opening import open_epoch_seal, open_message
from crypto.primitives import digest, random_bytes
from crypto.safety import safety_number
from crypto.sealing import seal_message
from crypto.state import Member
from crypto.tables import ContentType, ErrorCode, GenesisFlag, Label, PinState, Role
from wire.base import b64
from wire.messaging import (
    InvitationAsk,
    InvitationSent,
    LogHead,
    LogPage,
    MessageAck,
    MessageOut,
    MessagePage,
    MessagePost,
    SignedLogEntry,
    ThreadCreate,
    ThreadKeys,
    ThreadOwed,
    ThreadPage,
    ThreadSeals,
    ThreadSummary,
)
from wire.people import PatientOut, PersonKeys

TRIES = 5
"""How often to begin again when somebody else was first: each round somebody's entry is in, so it ends."""
MOVED = frozenset({"E_LOG_SEQ", "E_LOG_PREV", "E_LOG_BEHIND", "E_STALE_EPOCH", "E_ROTATE_REQUIRED", "conflict"})
AGAIN = frozenset({"busy", "E_REPLAY"})
"""Sealed again with the next counter, the same words have their place."""


@dataclass(frozen=True)
class Opened:
    """A message as it is shown; `code` is a CT1 code instead of a text when it cannot be trusted."""

    seq: int
    at: int
    sender: bytes
    sender_name: str
    ctype: int
    body: dict[str, object]
    code: str = ""
    msg_id: bytes = b""
    gap: bool = False
    """Its sender had seen a message that this client was not given: E_GAP of protocol.md 4.3, shown and no refusal."""
    hash: bytes = b""

    @property
    def text(self) -> str:
        return str(self.body.get("text", ""))


class Thread:
    """One thread as one person's client holds it: log, keys and verified messages."""

    def __init__(self, account: Account, thread_id: bytes) -> None:
        self.account, self.id = account, thread_id
        self.path = f"/threads/{b64(thread_id)}"
        self.entries: list[SignedEntry] = []
        self.people: dict[bytes, PersonKeys] = {}
        self.directory = Directory()
        self.epoch_keys: dict[int, bytes] = {}
        self._state: ThreadState | None = None
        self.arrived: list[Opened] = []
        """What was taken, in the order of arrival; a message that could be opened only later is here twice."""
        self.before_reset: list[Opened] = []
        """What had arrived before the server was set back: it is kept, and is not in the thread any more."""
        self._shut: dict[int, ErrorCode] = {}
        """Why none of the seals of an epoch opens."""
        self._unopened: dict[int, SealedMessage] = {}
        self._hashes_seen: set[bytes] = {NO_SEEN}
        self._is_whole = False
        """Whether the server says that it gives the whole history; below a floor a hash may rightly be unknown."""
        self._messages: dict[int, Opened] = {}
        self._hashes: dict[int, bytes] = {}
        self._seen = Seen()
        self.outdated: ErrorCode | None = None
        """Why this client is too old for the thread, which it then reads as far as it can and does not write in."""
        self.replaced: set[bytes] = set()
        """Readers whose key is another than this person knew: a hard stop until `accept_key`."""

    @property
    def state(self) -> ThreadState:
        if self._state is None:
            raise RuntimeError("sync() comes first")
        return self._state

    async def sync(self) -> ThreadState:
        """Brings the log to the server's head and replays it; raises Ct1Error when the log breaks a rule.

        What was seen once can only be added to: a head behind ours is a server that rolled the log back.
        """
        known = len(self.entries)
        grown = await self._fetch_log()
        if grown or self._state is None or self.account.vault.identity.fp not in self.directory.ukrs:
            question = await self.account.api.get(f"{self.path}/keys", ThreadKeys)
            self.people = {person.user: person for person in question.people}
            self.directory = directory_of(question.people, self.account.root_pks)
            state, self.outdated = ct1.replay_known(self.entries, self.directory, now_ms())
            if state.thread_id != self.id:
                self.entries = self.entries[:known]
                raise Ct1Error("E_THREAD_ID", "the server answered with another thread's log")
            if self.outdated is None:
                self.account.pins = self.account.pins.after_log(state)
            self._state = state
            self._look_at_keys()
        await self._open_seals()
        return self.state

    def _look_at_keys(self) -> None:
        """Remembers whose key is whose; whose key took a known one's place without its word is in `replaced`."""
        now, account = now_ms(), self.account
        self.replaced = set()
        readers: list[Member | EmergencyReader] = [*self.state.effective(now).values()]
        for one in [*readers, *self.state.emergency_readers(now)]:
            if one.user == account.me.id:
                continue
            try:
                account.pins = account.pins.after_person(one.user, one.fp, self.directory, now)
            except Ct1Error:
                self.replaced.add(one.user)

    def accept_key(self, user: bytes, *, verified: bool = False) -> None:
        """Takes a member's key as it stands in the log: compared in person, or taken after a stop."""
        state = PinState.VERIFIED if verified else PinState.SEEN
        self.account.pins = self.account.pins.accepted(user, self.state.members[user].fp, state, now_ms())
        self.replaced.discard(user)

    def safety_number(self, user: bytes) -> str:
        """Sixty digits to compare with a member, the same on both sides."""
        roots, members = self.state.roots, self.state.members
        mine, theirs = ((one.fp, roots[one.org]) for one in (members[self.account.me.id], members[user]))
        return safety_number(mine, theirs)

    async def _fetch_log(self) -> bool:
        before = len(self.entries)
        while True:
            page = await self.account.api.get(f"{self.path}/log", LogPage, {"after": len(self.entries) - 1})
            if page.seq < len(self.entries) - 1:
                raise Ct1Error("E_LOG_ROLLBACK", "the server's log is shorter than the one seen before")
            self.entries.extend(SignedEntry(one.body, one.sig) for one in page.entries)
            if len(self.entries) > page.seq or not page.entries:
                return len(self.entries) > before

    async def _open_seals(self) -> None:
        missing = {one.number for one in self.state.epochs} - set(self.epoch_keys)
        if not missing:
            return
        answer = await self.account.api.get(f"{self.path}/seals", ThreadSeals)
        self._shut = {}
        for seal in answer.seals:
            if seal.epoch in missing and seal.epoch not in self.epoch_keys:
                self._open_seal(seal.epoch, seal.blob)
        self._heal()

    def _open_seal(self, number: int, blob: bytes) -> None:
        """Takes the key in a seal, or notes why not: several members may have sealed, and one good seal is enough."""
        commit = self.state.epoch_numbered(number).start.key_commit
        for identity in self.account.vault.keyring.identities:
            try:
                self.epoch_keys[number] = open_epoch_seal(blob, self.id, number, commit, identity)
            except Ct1Error as error:
                self._shut[number] = error.code
            else:
                return

    async def tend(self) -> None:
        """Does what the log owes: carries consent in, admits whom the patient let in, rotates, shares history."""
        for _ in range(TRIES):
            await self.sync()
            self._require_current()
            owed = await self.account.api.get(f"{self.path}/owed", ThreadOwed)
            if self.replaced:
                owed = owed.model_copy(update={"members": []})
            batch = self._batch([*owed.people, *(one.keys for one in owed.members)])
            self.directory = batch.directory
            tend(batch, self.account.vault.identity, owed, self.epoch_keys)
            if not batch or await self.append(batch):
                await self.account.keep_pins()
                return
        raise ApiError("conflict", "the thread's log moves too fast")

    def _batch(self, others: Sequence[PersonKeys]) -> Batch:
        known = {**self.people, **{one.user: one for one in others}}
        directory = directory_of(list(known.values()), self.account.root_pks)
        return Batch(self.state, directory, self.identity, now_ms())

    @property
    def identity(self) -> Identity:
        """The key by which the log knows me, else the one in use."""
        vault, member = self.account.vault, self.state.members.get(self.account.me.id)
        return (vault.identity_with(member.fp) if member else None) or vault.identity

    async def append(self, batch: Batch) -> bool:
        """Hands in a batch and syncs; False when somebody else was first."""
        try:
            await self.account.api.post(f"{self.path}/log", batch.body(), LogHead)
        except ApiError as error:
            if error.code in MOVED:
                return False
            raise
        await self.sync()
        return True

    async def post(self, live: Live, text: str, *, ctype: ContentType = ContentType.TEXT) -> MessageAck:
        """Posts a text: right with consent first, then sealed; the same message id through every retry."""
        return await self.post_body(live, {"text": text}, ctype=ctype)

    async def post_body(
        self, live: Live, body: dict[str, object], *, ctype: ContentType = ContentType.TEXT, msg_id: bytes = b""
    ) -> MessageAck:
        """Posts any JSON body, under a given id or a fresh one; raises ApiError when consent does not allow it."""
        msg_id, raw = msg_id or random_bytes(16), json.dumps(body, ensure_ascii=False).encode()
        await self.tend()
        for _ in range(TRIES):
            try:
                async with self.account.sending:
                    sealed = self.seal(msg_id, raw, ctype)
                    return await live.post(MessagePost(id=msg_id, thread=self.id, wire=sealed.wire))
            except ApiError as error:
                if error.code not in MOVED | AGAIN:
                    raise
            await self.tend()
        raise ApiError("conflict", "the thread changes too fast to post")

    def _require_current(self) -> None:
        if self.outdated is not None:
            raise Ct1Error(self.outdated, "the thread needs a newer client")

    def seal(self, msg_id: bytes, raw: bytes, ctype: ContentType) -> SealedMessage:
        epoch, identity, account = self.state.epoch, self.identity, self.account
        if epoch is None or epoch.number not in self.epoch_keys:
            raise Ct1Error("E_SEAL_MISSING", "there is no epoch key to write with")
        self._require_current()
        if self.replaced:
            raise Ct1Error("E_KEY_CHANGED", "the key of somebody who reads here was replaced")
        require_may_send(self.state, self.directory, account.me.id, now_ms())
        header = Header(
            thread=self.id,
            epoch=epoch.number,
            sender=account.me.id,
            sender_gen=identity.gen,
            device=account.api.device,
            msg_id=msg_id,
            ctr=account.next_counter(),
            log_seq=self.state.seq,
            log_head=self.state.head,
            seen=self._hashes[max(self._hashes)] if self._hashes else NO_SEEN,
            ts=now_ms(),
            ctype=ctype,
        )
        return seal_message(header, raw, self.epoch_keys[epoch.number], identity)

    async def read(self) -> list[Opened]:
        """Every message that one may read, in order, each verified; fetches what is new."""
        await self.sync()
        after = max(self._messages, default=0)
        while True:
            page = await self.fetch(after)
            for message in page.messages:
                await self.take(message)
                after = message.seq
            if not page.messages or after >= page.head:
                return self.messages

    @property
    def messages(self) -> list[Opened]:
        """What has been taken, by seq."""
        return [self._messages[seq] for seq in sorted(self._messages)]

    async def fetch(self, after: int) -> MessagePage:
        """A page of the sealed messages with seq > `after`, ascending."""
        page = await self.account.api.get(f"{self.path}/messages", MessagePage, {"after": after, "limit": 200})
        self._is_whole = page.floor <= 1 and not page.own_only
        return page

    async def take(self, message: MessageOut) -> Opened:
        """Opens and keeps a message, in the order of their seq; what fails is kept as an opaque line with its code."""
        try:
            sealed = parse_wire(message.wire)
            if self._state is None or not self._covers(sealed.header):
                await self.sync()
            self._seen = self._seen.then(sealed.header)
            opened = self._open(message.seq, message.at, sealed)
            if self._is_whole and not opened.code and sealed.header.seen not in self._hashes_seen:
                opened = replace(opened, gap=True)
            self._hashes_seen.add(sealed.hash)
        except Ct1Error as error:
            return self.keep(Opened(message.seq, message.at, b"", "", 0, {}, error.code))
        if sealed.header.device == self.account.api.device and sealed.header.sender == self.account.me.id:
            self.account.count_from(sealed.header.ctr)
        return self.keep(opened)

    def keep(self, opened: Opened) -> Opened:
        self._messages[opened.seq] = opened
        self.arrived.append(opened)
        return opened

    def restart(self) -> None:
        """The server was set back: everything is read again, and what had arrived is kept apart."""
        self.before_reset += self.messages
        self._messages, self._hashes, self._unopened, self._seen = {}, {}, {}, Seen()
        self._hashes_seen = {NO_SEEN}

    def _covers(self, header: Header) -> bool:
        """Whether log and keys reach as far as a message needs."""
        return header.log_seq <= self.state.seq and header.epoch in self.epoch_keys

    def _open(self, seq: int, at: int, sealed: SealedMessage) -> Opened:
        """One message, or an opaque line with its code: what fails is never shown as its sender's."""
        header = sealed.header
        try:
            key = self.epoch_keys.get(header.epoch)
            if key is None:
                check_place(sealed, self.state, self.directory)
                self._unopened[seq] = sealed
                raise Ct1Error(self._shut.get(header.epoch, "E_SEAL_MISSING"), "no key for this epoch")
            body = json.loads(open_message(sealed, self.state, self.directory, key))
        except Ct1Error as error:
            return Opened(seq, at, b"", "", 0, {}, error.code)
        # A thousand brackets end no reader, who would be kept from all that follows.
        except (ValueError, RecursionError):
            return Opened(seq, at, b"", "", 0, {}, "E_ENC")
        self._hashes[seq] = sealed.hash
        name = self.people[header.sender].name if header.sender in self.people else ""
        content = body if isinstance(body, dict) else {"text": str(body)}
        return Opened(seq, at, header.sender, name, header.ctype, content, msg_id=header.msg_id, hash=sealed.hash)

    def _heal(self) -> None:
        """Opens what arrived before its key did."""
        for seq, sealed in list(self._unopened.items()):
            if sealed.header.epoch in self.epoch_keys:
                del self._unopened[seq]
                self.keep(self._open(seq, self._messages[seq].at, sealed))

    async def disclose(self, seq: int) -> Disclosure:
        """One message to be shown to somebody outside, without the key of any other; raises Ct1Error E_SEAL_MISSING."""
        [message] = (await self.fetch(seq - 1)).messages[:1]
        sealed = parse_wire(message.wire)
        check_place(sealed, self.state, self.directory)
        key = self.epoch_keys.get(sealed.header.epoch)
        if key is None:
            raise Ct1Error("E_SEAL_MISSING", "no key for this epoch")
        return disclose(sealed, key, self.people[sealed.header.sender])

    async def invite(self, invitee: bytes, role: int, actions: int, history: int, reason: str) -> InvitationSent:
        """Asks the patient to let somebody in."""
        ask = InvitationAsk(
            id=random_bytes(16), invitee=invitee, role=role, actions=actions, history=history, reason=reason
        )
        return await self.account.api.post(f"{self.path}/invitations", ask, InvitationSent)


async def list_threads(account: Account) -> list[ThreadSummary]:
    """All of one's threads, the latest activity first."""
    found: list[ThreadSummary] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await account.api.get("/threads", ThreadPage, {"cursor": cursor} if cursor else None)
        found.extend(page.threads)
        cursor = page.cursor
    return found


async def tend_all(account: Account) -> None:
    """Tends each of one's threads: after a rotation this carries the new key into all of them."""
    for summary in await list_threads(account):
        if summary.standing == "member":
            await Thread(account, summary.id).tend()


async def open_thread(account: Account, thread_id: bytes) -> Thread:
    """A thread, synced; raises ApiError `not_found` for one that is not there for this person."""
    thread = Thread(account, thread_id)
    await thread.sync()
    return thread


async def create_thread(
    account: Account,
    patient: PatientOut,
    labels: Sequence[str] = (),
    *,
    acting: Sequence[bytes] = (),
    quorum: int = 1,
    for_emergencies: bool = False,
) -> Thread:
    """Begins a thread about a patient; it can be written to as soon as a permit covers its author.

    Who consents: the people `acting` for the patient, `quorum` of them; else the patient's own key; else, for a
    patient without an account, two witnesses. With `for_emergencies`, an emergency may open it for hours.
    """
    authority = await authorities_of(account, patient, acting, quorum)
    identity = account.vault.identity
    compliance = await compliance_key_of(account, patient.organisation)
    flags = GenesisFlag.FOLLOW_ROTATION | (GenesisFlag.BREAK_GLASS if for_emergencies else 0)
    genesis = Genesis(
        nonce=random_bytes(32),
        patient_ref=patient.id,
        auth_kind=authority.kind,
        authorities=authority.people,
        quorum=authority.quorum,
        flags=int(flags | (GenesisFlag.COMPLIANCE if compliance else 0)),
        roots=tuple(sorted((one.id, one.root_fp) for one in account.organisations)),
        creator=account.me.id,
        creator_fp=identity.fp,
        creator_role=Role(patient.role),
        labels=tuple(sorted(label.encode() for label in labels)),
        compliance_pk=compliance.box_pk if compliance else NO_KEY,
        compliance_label=compliance.label if compliance else b"",
    )
    first = genesis_entry(genesis, identity, now_ms())
    body = ThreadCreate(entries=[SignedLogEntry(body=first.body, sig=first.sig)])
    await account.api.post("/threads", body, LogHead)
    # The id is computed here and not taken from the answer: a name that another chose names another thread.
    return Thread(account, digest(Label.THREAD_ID, first.body))
