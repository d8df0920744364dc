"""A small world whose every byte comes from one seed: people, roots, certificates, and logs that they write."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import nacl.bindings as sodium

from crypto.authority import Authorities, Authority, Change, sign_change
from crypto.compliance import ComplianceKey, box_pk_of
from crypto.directives import Directive, Revoke, Signer, sign_directive, sign_revoke
from crypto.directory import Directory, kind_for
from crypto.emergency import Emergency, sign_emergency
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
    Recipient,
    Signed,
    SignedEntry,
)
from crypto.keys import (
    Identity,
    OrgRoot,
    SignedCertificate,
    SignedUkr,
    issue_certificate,
    make_ukr,
    new_identity,
    ukr_hash,
)
from crypto.policy import Policy, Terms, sign_policy
from crypto.primitives import digest, sign
from crypto.sealing import epoch_commitment
from crypto.tables import (
    EMERGENCY_MAX_MS,
    Action,
    AuthKind,
    CertKind,
    CertMethod,
    CloseReason,
    Effect,
    EntryType,
    EpochReason,
    GranteeKind,
    HistoryKind,
    Label,
    RecipientKind,
    RemoveReason,
    RevokeKind,
    Role,
    Suite,
    UkrReason,
)

T0 = 1_800_000_000_000
DAY = 86_400_000
NOW = T0 + DAY
WORKING = int(Action.READ | Action.POST | Action.ATTACH | Action.JOIN)
ALL = WORKING | int(Action.ADMIT)


class Stream:
    """Bytes that look random and are the same for the same seed: BLAKE2b in counter mode."""

    def __init__(self, seed: str) -> None:
        self._seed, self._count = seed.encode(), 0

    def __call__(self, size: int) -> bytes:
        out = b""
        while len(out) < size:
            self._count += 1
            out += hashlib.blake2b(self._seed + self._count.to_bytes(8, "big")).digest()
        return out[:size]


def fixed_seal(data: bytes, box_pk: bytes, rng: Stream) -> bytes:
    """`crypto_box_seal` with the ephemeral key out of the stream, so that a vector has the same bytes every time."""
    public, secret = sodium.crypto_box_seed_keypair(rng(32))
    nonce = hashlib.blake2b(public + box_pk, digest_size=24).digest()
    return public + sodium.crypto_box(data, nonce, box_pk, secret)


@dataclass(frozen=True)
class Person:
    """One of the cast with all keys in hand."""

    name: str
    identity: Identity
    role: Role
    ukr: SignedUkr

    @property
    def user(self) -> bytes:
        return self.identity.user

    @property
    def fp(self) -> bytes:
        return self.identity.fp


class World:
    """Riverside and Northgate, whose roots threads pin; Faraway, whose root is known and pinned by no thread."""

    def __init__(self, seed: str = "world") -> None:
        self.seed, self.rng = seed, Stream(seed)
        self.orgs = {name: self.rng(16) for name in ("riverside", "northgate", "faraway")}
        self.roots = {name: OrgRoot.from_seed(self.rng(32)) for name in self.orgs}
        self.people: dict[str, Person] = {}
        self.certificates: list[SignedCertificate] = []
        for name, org, role in (
            ("maya", "riverside", Role.PATIENT),
            ("elena", "riverside", Role.THERAPIST),
            ("samuel", "northgate", Role.PSYCHIATRIST),
            ("tom", "riverside", Role.CASE_MANAGER),
            ("nina", "riverside", Role.NURSE),
            ("chidi", "faraway", Role.PHYSICIAN),
            ("vera", "northgate", Role.PHYSICIAN),
            ("ruth", "riverside", Role.REPRESENTATIVE),
            ("rolf", "riverside", Role.REPRESENTATIVE),
        ):
            self.certify(self.person(name, role), org, exp=T0 - 1 if name == "vera" else T0 + 365 * DAY)
        self.person("ulf", Role.PHYSICIAN)
        for name, org, role in (
            ("edda", "northgate", Role.PHYSICIAN),
            ("wanda", "riverside", Role.SOCIAL_WORKER),
            ("walt", "northgate", Role.NURSE),
            ("wei", "riverside", Role.NURSE),
            ("fay", "faraway", Role.NURSE),
        ):
            self.certify(self.person(name, role), org, exp=T0 + 365 * DAY)
        # Orla is a chaplain: she witnesses, and no certificate would let her into a thread.
        self.person("orla", Role.NURSE)
        self.witness("wanda", "riverside")
        self.witness("walt", "northgate")
        self.witness("orla", "riverside")
        self.witness("wei", "riverside", exp=T0 - 1)
        self.witness("fay", "faraway")
        self.witness("rolf", "riverside")
        # Gerd's office ends within the first day, as a parent's does on a birthday.
        self.certify(self.person("gerd", Role.REPRESENTATIVE), "riverside", exp=T0 + 3_600_000)
        for name, of, org, reason in (
            ("wanda again", "wanda", "riverside", UkrReason.ROTATE),
            ("maya anew", "maya", "riverside", UkrReason.RESET),
            ("ruth again", "ruth", "riverside", UkrReason.ROTATE),
        ):
            self.certify(self.next_key(name, of, reason), org, exp=T0 + 365 * DAY)
        self.witness("wanda again", "riverside")
        for name, of, org, reason in (
            ("samuel again", "samuel", "northgate", UkrReason.ROTATE),
            ("samuel thirdly", "samuel again", "northgate", UkrReason.COMPROMISE),
            ("tom anew", "tom", "riverside", UkrReason.RESET),
            ("rolf again", "rolf", "riverside", UkrReason.COMPROMISE),
        ):
            self.certify(self.next_key(name, of, reason), org, exp=T0 + 365 * DAY)
        # Nobody has certified this key yet.
        self.next_key("nina again", "nina", UkrReason.ROTATE)
        self.next_key("elena again", "elena", UkrReason.COMPROMISE)
        self.certify(self["elena again"], "riverside", exp=T0 + 365 * DAY)

    def person(self, name: str, role: Role) -> Person:
        identity = new_identity(self.rng(16), 1, T0 - DAY, self.rng)
        self.people[name] = Person(name, identity, role, make_ukr(identity, T0 - DAY))
        return self.people[name]

    def next_key(self, name: str, of: str, reason: UkrReason) -> Person:
        """The next generation of somebody's keys, under a name of its own."""
        before = self.people[of]
        identity = new_identity(before.user, before.identity.gen + 1, T0 - DAY, self.rng)
        ukr = make_ukr(identity, T0 - DAY, previous=before.identity, reason=reason)
        self.people[name] = Person(name, identity, before.role, ukr)
        return self.people[name]

    def witness(self, name: str, org: str, *, exp: int = T0 + 365 * DAY) -> None:
        """A certificate to witness; its mask names a role, which must mean nothing."""
        self.certify(self.people[name], org, exp=exp, kind=CertKind.WITNESS)

    def certify(self, person: Person, org: str, *, exp: int, kind: CertKind | None = None) -> None:
        issued = issue_certificate(
            self.roots[org],
            cert_id=self.rng(16),
            org=self.orgs[org],
            subject=person.user,
            subject_fp=person.fp,
            kind=kind_for(person.role) if kind is None else kind,
            roles=[person.role],
            nbf=T0 - 30 * DAY,
            exp=exp,
            method=CertMethod.IN_PERSON,
        )
        self.certificates.append(issued)

    def __getitem__(self, name: str) -> Person:
        return self.people[name]

    def before(self, *kept: str) -> World:
        """The same world before anybody had a second key, but for these."""
        other = World(self.seed)
        people = other.people.items()
        other.people = {name: one for name, one in people if one.identity.gen == 1 or name in kept}
        return other

    @property
    def ukrs(self) -> list[SignedUkr]:
        return [person.ukr for person in self.people.values()]

    def directory(self) -> Directory:
        return Directory.build(self.ukrs, self.certificates, [root.sign_pk for root in self.roots.values()])

    @property
    def pinned(self) -> tuple[tuple[bytes, bytes], ...]:
        return tuple(sorted((self.orgs[name], self.roots[name].fp) for name in ("riverside", "northgate")))


@dataclass(frozen=True)
class Draft:
    """An entry before it has its place: who writes what when, and what is wrong with its frame on purpose."""

    author: Person
    type: int
    payload: Payload | bytes
    ts: int
    frame: dict[str, Any] = field(default_factory=dict)
    signer: Person | None = None

    @property
    def payload_bytes(self) -> bytes:
        return self.payload if isinstance(self.payload, bytes) else self.payload.encode()


def compile_log(drafts: Sequence[Draft]) -> list[SignedEntry]:
    """The drafts as a chain: each with its seq, the hash before it, and its author's signature."""
    entries: list[SignedEntry] = []
    thread, head = bytes(32), bytes(32)
    for seq, draft in enumerate(drafts):
        author = draft.author.identity
        entry = Entry(thread, seq, head, author.user, author.gen, draft.ts, draft.type, draft.payload_bytes)
        entry = replace(entry, **draft.frame)
        signed = entry.signed((draft.signer or draft.author).identity.sign_seed)
        if seq == 0:
            thread = digest(Label.THREAD_ID, signed.body)
        head = signed.hash
        entries.append(signed)
    return entries


def statement(world: World, org: str, key: int, by: str = "", **changes: Any) -> dict[str, Any]:
    """A root's word for an organisation's compliance key, as a policy carries it; `by` another root."""
    box_pk, root = box_pk_of(bytes([key] * 32)), world.roots[by or org]
    made = ComplianceKey(world.orgs[org], world.roots[org].fp, box_pk, 2, 3, b"Records office", T0)
    body = replace(made, **changes).encode()
    return {"statement": body, "statement_sig": sign(root.seed, Label.COMPLIANCE_KEY_SIG, body)}


class Log:
    """A thread about Maya as its people write it, right or wrong; nothing is checked here."""

    def __init__(self, world: World, seed: str, creator: str = "elena", **genesis: Any) -> None:
        self.world, self.rng, self.ts = world, Stream(seed), T0
        self.patient_ref = self.rng(16)
        maya, author = world["maya"], world[creator]
        made = Genesis(
            nonce=self.rng(32),
            patient_ref=self.patient_ref,
            auth_kind=AuthKind.PATIENT,
            authorities=(Authority(maya.user, maya.fp),),
            quorum=1,
            roots=world.pinned,
            creator=author.user,
            creator_fp=author.fp,
            creator_role=author.role,
        )
        self.genesis = replace(made, **genesis)
        self.authority = self.genesis.authority
        """Who consents now, as the writers of the log take it."""
        self.terms = Terms.first(self.genesis)
        """What the thread is held to, as the writers of the log take it."""
        self.drafts = [Draft(author, EntryType.GENESIS, self.genesis, self.ts)]
        self.keys: list[bytes] = []
        self.thread = digest(Label.THREAD_ID, compile_log(self.drafts)[0].body)

    def write(self, author: str, type_: int, payload: Payload | bytes, **frame: Any) -> None:
        """The next entry, one second later; `ts` and the fields of Entry may be overridden."""
        self.ts = frame.pop("ts", self.ts + 1000)
        signer = frame.pop("signer", None)
        person = self.world[signer] if signer else None
        self.drafts.append(Draft(self.world[author], type_, payload, self.ts, frame, person))

    def entries(self) -> list[SignedEntry]:
        return compile_log(self.drafts)

    @property
    def auth_fp(self) -> bytes:
        return self.authority.people[0].fp if self.authority.people else bytes(32)

    def directive(self, who: str | None, **changes: Any) -> Directive:
        made = Directive(
            directive_id=self.rng(16),
            patient_ref=self.patient_ref,
            effect=Effect.PERMIT,
            auth_kind=self.authority.kind,
            auth_fp=self.auth_fp,
            grantee_kind=GranteeKind.KEY if who else GranteeKind.CARE_TEAM,
            grantee=self.world[who].fp if who else b"",
            actions=ALL,
            nbf=T0,
            exp=T0 + 90 * DAY,
            labels=self.genesis.labels,
            history=HistoryKind.ALL,
        )
        return replace(made, **changes)

    def consent(self, directive: Directive, *signers: str, author: str = "maya", **frame: Any) -> Directive:
        """A directive in the log, signed by these (Maya)."""
        body = directive.encode()
        signed = Signed(body, tuple(self._sign(name, body, sign_directive) for name in signers or ("maya",)))
        self.write(author, EntryType.DIRECTIVE, signed, **frame)
        return directive

    def permit(self, who: str | None, **changes: Any) -> Directive:
        return self.consent(self.directive(who, **changes))

    def deny(self, who: str | None, **changes: Any) -> Directive:
        return self.consent(self.directive(who, effect=Effect.DENY, **changes))

    def revoke(self, kind: RevokeKind, target: bytes = b"", *signers: str, **changes: Any) -> Revoke:
        frame = {key: changes.pop(key) for key in ("ts",) if key in changes}
        made = Revoke(self.rng(16), self.patient_ref, kind, target, self.auth_fp, self.ts + 500)
        revoke = replace(made, **changes)
        body = revoke.encode()
        signed = Signed(body, tuple(self._sign(name, body, sign_revoke) for name in signers or ("maya",)))
        self.write("elena", EntryType.REVOKE, signed, **frame)
        return revoke

    def change(self, kind: AuthKind, *names: str, **changes: Any) -> Change:
        """Other authorities; these, all of whom must sign."""
        people = tuple(
            Authority(user, fp) for user, fp in sorted((self.world[n].user, self.world[n].fp) for n in names)
        )
        quorum = changes.pop("quorum", len(names) if kind == AuthKind.QUORUM else 1)
        return replace(Change(self.rng(16), self.patient_ref, Authorities(kind, people, quorum)), **changes)

    def hand_over(self, change: Change, *signers: str, author: str = "elena", **frame: Any) -> Change:
        """A change in the log, signed by these (Maya)."""
        body = change.encode()
        signed = Signed(body, tuple(self._sign(name, body, sign_change) for name in signers or ("maya",)))
        self.write(author, EntryType.AUTHORITY_CHANGE, signed, **frame)
        self.authority = change.authorities
        return change

    def policy(self, *signers: str, author: str = "elena", **changes: Any) -> Policy:
        """The thread's next policy in the log, signed by these (Maya); as it was, but for the changes."""
        frame = {key: changes.pop(key) for key in ("ts",) if key in changes}
        before = self.terms
        made = Policy(self.thread, before.number + 1, before.epoch_max_age_s, before.epoch_max_msgs, before.flags)
        policy = replace(made, **changes)
        body = policy.encode()
        signed = Signed(body, tuple(self._sign(name, body, sign_policy) for name in signers or ("maya",)))
        self.write(author, EntryType.POLICY_CHANGE, signed, **frame)
        limits: dict[str, Any] = {
            "epoch_max_age_s": policy.epoch_max_age_s,
            "epoch_max_msgs": policy.epoch_max_msgs,
        }
        self.terms = replace(before, number=policy.number, flags=policy.flags, **limits)
        return policy

    def declare(self, who: str, *cosigners: str, **changes: Any) -> Emergency:
        """An emergency in the log for four hours, declared by one and co-signed by these."""
        frame = {key: changes.pop(key) for key in ("ts", "author") if key in changes}
        author = frame.pop("author", who)
        person, ts = self.world[who], frame.get("ts", self.ts + 1000)
        made = Emergency(
            self.rng(16), self.thread, person.user, person.fp, person.role, ts + EMERGENCY_MAX_MS, b"Found unconscious."
        )
        emergency = replace(made, **changes)
        body = emergency.encode()
        signed = Signed(body, tuple(self._sign(name, body, sign_emergency) for name in cosigners))
        self.write(author, EntryType.BREAK_GLASS, signed, **frame)
        return emergency

    def _sign(self, name: str, body: bytes, sign: Any) -> Signer:
        person = self.world[name]
        return Signer(person.fp, sign(person.identity.sign_seed, body))

    def add(
        self, author: str, joiner: str, directive: Directive | bytes, history_from: int = 1, **changes: Any
    ) -> None:
        person = self.world[joiner]
        directive_id = directive if isinstance(directive, bytes) else directive.directive_id
        made = MemberAdd(person.user, person.fp, person.role, directive_id, history_from)
        self.write(author, EntryType.MEMBER_ADD, replace(made, **changes))

    def remove(self, author: str, leaver: str) -> None:
        self.write(author, EntryType.MEMBER_REMOVE, MemberRemove(self.world[leaver].user, RemoveReason.CARE_ENDED))

    def update(self, old: str, new: str, **changes: Any) -> None:
        """A member's new key, written with it."""
        frame = {key: changes.pop(key) for key in ("ts", "author", "signer") if key in changes}
        before, after = self.world[old], self.world[new]
        made = KeyUpdate(before.user, before.fp, after.fp, ukr_hash(after.ukr.body))
        self.write(frame.pop("author", new), EntryType.KEY_UPDATE, replace(made, **changes), **frame)

    def close(self, author: str, reason: CloseReason = CloseReason.CARE_ENDED) -> None:
        self.write(author, EntryType.CLOSE, Close(reason))

    def recipient(self, name: str, kind: RecipientKind = RecipientKind.MEMBER) -> Recipient:
        return (int(kind), self.world[name].user, self.world[name].fp)

    def epoch(self, author: str, *names: str, extra: Sequence[Recipient] = (), **changes: Any) -> bytes:
        """A new epoch for exactly these; its key."""
        ts = {key: changes.pop(key) for key in ("ts",) if key in changes}
        self.keys.append(self.rng(32))
        recipients = tuple(sorted([*(self.recipient(name) for name in names), *extra]))
        commit = epoch_commitment(self.keys[-1], self.thread)
        made = EpochStart(len(self.keys), Suite.X25519, EpochReason.FIRST, commit, recipients)
        self.write(author, EntryType.EPOCH, replace(made, **changes), **ts)
        return self.keys[-1]

    def share(self, author: str, joiner: str, first: int, last: int) -> None:
        person = self.world[joiner]
        self.write(author, EntryType.HISTORY_SHARE, HistoryShare(person.user, person.fp, first, last))

    def open(self) -> Log:
        """The usual beginning: Elena is covered and starts epoch 1 with Maya."""
        self.permit("elena")
        self.epoch("elena", "elena", "maya")
        return self
