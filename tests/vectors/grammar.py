"""Logs as people might write them, made by chance: `python -m tests.vectors.grammar --count 2000 --seed 1`.

A log grows by moves that its members could make: consent given, refused, withdrawn, superseded; people let in, put
out, rekeyed; epochs, shares, emergencies, hand-overs, an end. Each move is asked of the reducer, and what it refuses is
mostly left out, so that a log gets long. Then what somebody *means* is changed and signed again (mutate.py): the
verdict must be one and the same in both languages, whatever it is. Format in README.md.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from crypto.authority import Authority
from crypto.directory import Directory
from crypto.entries import Entry, EpochStart, HistoryShare
from crypto.errors import Ct1Error
from crypto.log import ThreadState, append, start
from crypto.sealing import epoch_commitment
from crypto.tables import (
    CHANGE_WAIT_MS,
    Action,
    AuthKind,
    CloseReason,
    Effect,
    EntryType,
    EpochReason,
    GenesisFlag,
    GranteeKind,
    HistoryKind,
    RevokeKind,
    Suite,
)
from tests.vectors.cast import ALL, DAY, T0, WORKING, Draft, Log, World, compile_log, statement
from tests.vectors.mutate import WHEN, Mutator, Raw, directory_json

LABELS = (b"ETH", b"HIV", b"SDV")
STEPS = (0, 1000, 60_000, 3_600_000, DAY)
STAFF = ("elena", "samuel", "tom", "nina", "edda", "wanda", "chidi", "vera")
KEYS = ("samuel again", "samuel thirdly", "elena again", "tom anew", "nina again", "wanda again", "ruth again")
VOICES: dict[AuthKind, tuple[str, ...]] = {
    AuthKind.PATIENT: ("maya",),
    AuthKind.REPRESENTATIVE: ("ruth",),
    AuthKind.QUORUM: ("ruth", "rolf"),
    AuthKind.WITNESSED: (),
}
VARIANTS = 4
"""Mutated logs made of one that was grown: growing costs more than changing."""


@dataclass
class Grower:
    """One log and the state it has come to; everything by one seeded generator."""

    world: World
    directory: Directory
    random: random.Random
    number: int
    shut: list[tuple[Any, tuple[str, ...]]] = field(default_factory=list)
    """Changes that were announced, with their witnesses."""

    def __post_init__(self) -> None:
        chance = self.random
        kind = chance.choice([AuthKind.PATIENT] * 5 + list(AuthKind))
        people = sorted((self.world[name].user, self.world[name].fp) for name in VOICES[kind])
        flags = chance.choice([0, 1, 4, 5, 7])
        self.log = Log(
            self.world,
            f"grammar {self.number}",
            creator=chance.choice(["elena", "elena", "samuel", "nina"]),
            auth_kind=kind,
            authorities=tuple(Authority(user, fp) for user, fp in people),
            quorum=1 if kind in (AuthKind.PATIENT, AuthKind.REPRESENTATIVE) else 2,
            labels=tuple(sorted(chance.sample(LABELS, chance.choice([0, 0, 0, 1, 2])))),
            flags=flags,
            compliance_pk=bytes([7] * 32) if flags & GenesisFlag.COMPLIANCE else bytes(32),
        )
        self.voice = VOICES[kind]
        self.names = {one.fp: name for name, one in self.world.people.items()}
        self.entries = compile_log(self.log.drafts)
        self.state: ThreadState = start(self.entries[0], self.directory, WHEN)

    def member(self) -> str:
        """The key by which some member is known, or now and then anybody's."""
        known = [self.names[one.fp] for one in self.state.members.values()]
        return self.random.choice(known if known and self.random.random() < 0.95 else list(self.world.people))

    def signers(self) -> tuple[str, ...]:
        return self.voice or tuple(self.random.sample(["wanda", "walt", "orla", "edda"], 2))

    def grantee(self) -> dict[str, Any]:
        chance = self.random
        who = chance.choice([*STAFF, *STAFF, *KEYS])
        role = self.world[who].role
        org = self.world.orgs[chance.choice(list(self.world.orgs))]
        return chance.choice(
            [{"grantee_kind": GranteeKind.KEY, "grantee": self.world[who].fp}] * 6
            + [
                {"grantee_kind": GranteeKind.ORGANISATION, "grantee": org},
                {"grantee_kind": GranteeKind.ROLE, "grantee": bytes([role])},
                {"grantee_kind": GranteeKind.CARE_TEAM, "grantee": b""},
            ]
        )

    def terms(self) -> dict[str, Any]:
        chance, ts = self.random, self.log.ts
        old = list(self.state.directives)
        return {
            "actions": chance.choice([ALL, ALL, WORKING, int(Action.READ), chance.randrange(1, 128)]),
            "nbf": chance.choice([ts, T0, ts + DAY]),
            "exp": ts + chance.choice([3_600_000, 2 * DAY, 90 * DAY, 90 * DAY]),
            "history": chance.choice([HistoryKind.ALL, *HistoryKind]),
            "history_from": chance.choice([0, ts]),
            "purposes": chance.choice([(), (), (b"TREAT",), (b"HRESCH",)]),
            "labels": self.log.genesis.labels if chance.random() < 0.7 else (),
            "threads": chance.choice([(), (), (self.state.thread_id,)]),
            "supersedes": (chance.choice(old),) if old and chance.random() < 0.2 else (),
        }

    def directive(self, effect: Effect) -> None:
        made = self.log.directive("elena", effect=effect, **{**self.grantee(), **self.terms()})
        self.log.consent(made, *self.signers(), author=self.member())

    def revoke(self) -> None:
        kind = self.random.choice(list(RevokeKind))
        targets: dict[RevokeKind, list[bytes]] = {
            RevokeKind.DIRECTIVE: [*self.state.directives, *self.state.changes] or [bytes(16)],
            RevokeKind.GRANTEE: [one.grantee for one in self.state.directives.values()]
            + [one.fp for one in self.state.members.values()]
            + [bytes(32)],
            RevokeKind.EVERYONE: [b""],
        }
        self.log.revoke(kind, self.random.choice(targets[kind]), *self.signers())

    def add(self) -> None:
        permits = {key: one for key, one in self.state.directives.items() if one.effect == Effect.PERMIT}
        directive = self.random.choice([*permits] or [bytes(16)])
        named = self.names.get(permits[directive].grantee) if permits else None
        who = named or self.random.choice([*STAFF, *KEYS])
        self.log.add(self.member(), who, directive, self.random.choice([1, len(self.state.epochs) + 1]))

    def epoch(self) -> None:
        log, ts = self.log, self.log.ts + 1000
        log.keys.append(log.rng(32))
        recipients, commit = self.state.recipients(ts), epoch_commitment(log.keys[-1], self.state.thread_id)
        made = EpochStart(len(self.state.epochs) + 1, Suite.X25519, EpochReason.AGE, commit, recipients)
        log.write(self.member(), EntryType.EPOCH, made)

    def share(self) -> None:
        epochs = max(1, len(self.state.epochs))
        first = self.random.randint(1, epochs)
        reader = self.world[self.member()]
        made = HistoryShare(reader.user, reader.fp, first, self.random.randint(first, epochs))
        self.log.write(self.member(), EntryType.HISTORY_SHARE, made)

    def update(self) -> None:
        by_user: dict[bytes, list[str]] = {}
        for name in KEYS:
            by_user.setdefault(self.world[name].user, []).append(name)
        able = [one for one in self.state.members.values() if one.user in by_user]
        if able:
            member = self.random.choice(able)
            self.log.update(self.names[member.fp], self.random.choice(by_user[member.user]))

    def emergency(self) -> None:
        cosigners = self.random.choice([(), ("walt",), ("orla",)])
        who = self.random.choice(["edda", "edda", "wanda", *KEYS])
        self.log.declare(who, *cosigners)

    def change(self) -> None:
        log, before, chance = self.log, self.log.authority, self.random
        if self.shut and chance.random() < 0.5:
            change, witnesses = chance.choice(self.shut)
            ts = max(log.ts, change.not_before + 1000)
            log.hand_over(change, *witnesses, ts=min(ts, WHEN))
            return
        names = chance.choice([("maya",), ("maya anew",), ("ruth",), ("ruth again",)])
        kind = AuthKind.PATIENT if names[0].startswith("maya") else AuthKind.REPRESENTATIVE
        if chance.random() < 0.5:
            change = log.change(kind, *names, not_before=log.ts + CHANGE_WAIT_MS + DAY)
            log.hand_over(change, "wanda", "walt")
            log.authority = before
            self.shut.append((change, ("wanda", "walt")))
        else:
            log.hand_over(log.change(kind, *names), *self.signers())

    def policy(self) -> None:
        chance, terms = self.random, self.state.policy
        limits = {
            "epoch_max_age_s": chance.choice([terms.epoch_max_age_s, 1, 3600, 604_800, 604_801]),
            "epoch_max_msgs": chance.choice([terms.epoch_max_msgs, 1, 100]),
        }
        flags = terms.flags ^ chance.choice([0, 0, *GenesisFlag])
        stated = statement(self.world, chance.choice(["riverside", "northgate", "faraway"]), chance.randrange(1, 4))
        word = stated if flags & GenesisFlag.COMPLIANCE and chance.random() < 0.5 else {}
        self.log.terms = terms
        self.log.policy(*self.signers(), author=self.member(), flags=flags, **limits, **word)

    def end(self) -> None:
        self.log.close(self.member(), self.random.choice(list(CloseReason)))

    def remove(self) -> None:
        self.log.remove(self.member(), self.member())

    def pass_over(self) -> None:
        self.log.write(self.member(), self.random.choice([128, 200, 255]), self.random.randbytes(3))

    def move(self) -> None:
        moves: list[tuple[int, Callable[[], None]]] = [
            (10, lambda: self.directive(Effect.PERMIT)),
            (2, lambda: self.directive(Effect.DENY)),
            (3, self.revoke),
            (8, self.add),
            (8, self.epoch),
            (3, self.share),
            (4, self.update),
            (2, self.emergency),
            (2, self.change),
            (2, self.remove),
            (2, self.policy),
            (1, self.pass_over),
            (1, self.end if self.random.random() < 0.2 else self.pass_over),
        ]
        [(_, chosen)] = self.random.choices(moves, weights=[weight for weight, _ in moves])
        self.log.ts = min(self.log.ts + self.random.choice(STEPS), WHEN - DAY)
        chosen()

    def grown(self, length: int) -> list[Draft]:
        """The drafts of a log of about this many entries."""
        if self.voice or self.state.genesis.auth_kind == AuthKind.WITNESSED:
            creator = self.names[self.state.genesis.creator_fp]
            made = self.log.directive(creator)
            self.log.consent(made, *self.signers(), author=creator)
            self._settle(keep=1.0)
        for _ in range(length * 2):
            if len(self.log.drafts) >= length:
                break
            authority, keys = self.log.authority, list(self.log.keys)
            try:
                self.move()
            except (Ct1Error, OverflowError):
                continue  # what a writer cannot spell, no reader will ever meet
            if len(self.log.drafts) > len(self.entries) and not self._settle(keep=0.02):
                if len(self.log.drafts) > len(self.entries):
                    break
                self.log.authority, self.log.keys = authority, keys
        return self.log.drafts

    def _settle(self, keep: float) -> bool:
        """Takes the last draft into the state; one that is refused is left out, or now and then kept as the last."""
        draft, author = self.log.drafts[-1], self.log.drafts[-1].author.identity
        signed = _entry(draft, self.state).signed(author.sign_seed)
        try:
            self.state = append(self.state, signed, self.directory, WHEN)
        except Ct1Error:
            if self.random.random() >= keep:
                self.log.drafts.pop()
            return False
        self.entries.append(signed)
        people = [self.names.get(one.fp) for one in self.state.authority.people]
        self.voice = tuple(name for name in people if name)
        self.log.authority = self.state.authority
        return True


def _entry(draft: Draft, state: ThreadState) -> Entry:
    author = draft.author.identity
    return Entry(
        state.thread_id, state.seq + 1, state.head, author.user, author.gen, draft.ts, draft.type, draft.payload_bytes
    )


def grown_logs(world: World, count: int, seed: int) -> Iterator[tuple[str, list[Raw]]]:
    """`count` logs as (what was done, entries): as grown, and changed and signed again."""
    directory, chance = world.directory(), random.Random(seed)
    mutator, made = Mutator(world, seed, bases=[]), 0
    while made < count:
        grower = Grower(world, directory, chance, seed * 1_000_000 + made)
        drafts = list(grower.grown(chance.choice([6, 12, 20, 30])))
        mutator.bases = [*mutator.bases[-50:], drafts]
        told = compile_log(drafts)
        yield "grown", [(one.body, one.sig) for one in told]
        made += 1
        for _ in range(min(VARIANTS, count - made)):
            yield mutator.changed(drafts)
            made += 1


def lines(count: int, seed: int) -> Iterator[str]:
    """In the shape of mutate.lines."""
    world = World()
    yield json.dumps({"directory": directory_json(world), "now": WHEN})
    for number, (name, raw) in enumerate(grown_logs(world, count, seed)):
        yield json.dumps({"id": number, "mutation": name, "entries": [[b.hex(), s.hex()] for b, s in raw]})


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes logs grown by a grammar and changed, one JSON object a line.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for line in lines(options.count, options.seed):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
