"""Logs that went wrong by chance: `python -m tests.vectors.mutate --count 2000 --seed 1` (format in README.md).

A flipped byte dies at the first signature. To reach the rules behind it, most mutations change what somebody *means*
and sign it again: the fields of a payload, the directive inside it, its signers, the author, the time, the order.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from enum import IntEnum
from typing import Any

from crypto.authority import parse_change, sign_change
from crypto.directives import Signer, parse_directive, parse_revoke, sign_directive, sign_revoke
from crypto.emergency import Emergency, parse_emergency, sign_emergency
from crypto.entries import Genesis, Payload, Signed, SignedEntry
from crypto.errors import Ct1Error
from crypto.policy import Policy, parse_policy, sign_policy
from crypto.primitives import digest
from crypto.tables import EMERGENCY_MAX_MS, EntryType, Label
from tests.vectors.cast import DAY, T0, Draft, Person, World, compile_log
from tests.vectors.stories import scenarios

WHEN = T0 + 40 * DAY
"""When every log is read: after the last entry of any story."""
Raw = tuple[bytes, bytes]


@dataclasses.dataclass(frozen=True)
class Spelling:
    """How the object of an entry is read and signed."""

    parse: Callable[[bytes], Any]
    sign: Callable[[bytes, bytes], bytes]


OBJECTS: dict[int, Spelling] = {
    EntryType.DIRECTIVE: Spelling(parse_directive, sign_directive),
    EntryType.REVOKE: Spelling(parse_revoke, sign_revoke),
    EntryType.AUTHORITY_CHANGE: Spelling(parse_change, sign_change),
    EntryType.POLICY_CHANGE: Spelling(parse_policy, sign_policy),
    EntryType.BREAK_GLASS: Spelling(parse_emergency, sign_emergency),
}
Drafts = list[Draft]


class Mutator:
    """Changes logs by a seeded generator; everything it puts in comes from the same world, so it is plausible."""

    def __init__(self, world: World, seed: int, bases: list[Drafts] | None = None) -> None:
        self.world, self.random = world, random.Random(seed)
        people = list(world.people.values())
        self.pool = [one.user for one in people] + [one.fp for one in people] + list(world.orgs.values())
        told = (one for one in scenarios(world) if one.expect == "ok" and one.now <= WHEN)
        self.bases = [one.log.drafts for one in told] if bases is None else bases

    def value(self, value: Any) -> Any:
        """Another value of the same kind: near it, at the edge, or somebody else's."""
        match value:
            case IntEnum():
                return self.random.choice([*type(value), 0, 99])
            case bool() | int():
                return max(0, self.random.choice([value - 1, value + 1, 0, 1, value + 86_400_000, value * 2, 2**53]))
            case bytes():
                return self.octets(value)
            case tuple():
                return self.several(value)
        return self.fields(value) if dataclasses.is_dataclass(value) else value

    def octets(self, value: bytes) -> bytes:
        alike = [one for one in self.pool if len(one) == len(value)]
        if alike and self.random.random() < 0.7:
            return self.random.choice(alike)
        if not value or self.random.random() < 0.2:
            return value + b"\x00"
        at = self.random.randrange(len(value))
        return value[:at] + bytes([value[at] ^ 1 << self.random.randrange(8)]) + value[at + 1 :]

    def several(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        items = list(value)
        if not items:
            return ()
        at = self.random.randrange(len(items))
        match self.random.randrange(4):
            case 0:
                items.pop(at)
            case 1:
                items.insert(at, items[at])
            case 2:
                self.random.shuffle(items)
            case _:
                items[at] = self.item(items[at])
        return tuple(items)

    def item(self, made: Any) -> Any:
        """One item of a list; the parts of a pair or triple keep their places."""
        if dataclasses.is_dataclass(made):
            return self.fields(made)
        if not isinstance(made, tuple):
            return self.value(made)
        at = self.random.randrange(len(made))
        return (*made[:at], self.value(made[at]), *made[at + 1 :])

    def fields(self, made: Any) -> Any:
        """The same dataclass with one field changed."""
        name = self.random.choice([one.name for one in dataclasses.fields(made)])
        return dataclasses.replace(made, **{name: self.value(getattr(made, name))})

    def consent(self, signed: Signed, kind: int) -> Signed:
        """The object changed, or its signers, and signed again: by those who had signed it, or by others."""
        spelling = OBJECTS[kind]
        body, who = signed.body, [self.owner(signer.fp) for signer in signed.signers]
        if self.random.random() < 0.75:
            body = self.fields(spelling.parse(body)).encode()
        if body == signed.body or self.random.random() < 0.25:
            who = self.others(who)
        return Signed(body, tuple(Signer(one.fp, spelling.sign(one.identity.sign_seed, body)) for one in who))

    def graft(self, drafts: Drafts) -> Drafts:
        """A signed object of another log, bound to this patient and thread and put in at a place of its own."""
        donors = [one for one in self.random.choice(self.bases) if isinstance(one.payload, Signed)]
        genesis = drafts[0].payload
        if not donors or not isinstance(genesis, Genesis):
            return drafts
        donor, at = self.random.choice(donors), self.pick(drafts, 1) + 1
        assert isinstance(donor.payload, Signed)
        spelling, ts = OBJECTS[donor.type], drafts[min(at, len(drafts)) - 1].ts
        made = spelling.parse(donor.payload.body)
        if isinstance(made, Emergency):
            thread = digest(Label.THREAD_ID, compile_log(drafts[:1])[0].body)
            made = dataclasses.replace(made, thread_id=thread, exp=ts + EMERGENCY_MAX_MS)
        elif isinstance(made, Policy):
            made = dataclasses.replace(made, thread_id=digest(Label.THREAD_ID, compile_log(drafts[:1])[0].body))
        else:
            made = dataclasses.replace(made, patient_ref=genesis.patient_ref)
        body, who = made.encode(), [self.owner(signer.fp) for signer in donor.payload.signers]
        signers = tuple(Signer(one.fp, spelling.sign(one.identity.sign_seed, body)) for one in who)
        return [*drafts[:at], dataclasses.replace(donor, payload=Signed(body, signers), ts=ts), *drafts[at:]]

    def owner(self, fp: bytes) -> Person:
        known = (one for one in self.world.people.values() if one.fp == fp)
        return next(known, self.world["maya"])

    def others(self, who: list[Person]) -> list[Person]:
        """One signer fewer, more, twice, or another in place of one; the same person's other key among them."""
        people = list(self.world.people.values())
        at = self.random.randrange(len(who) + 1)
        match self.random.randrange(4):
            case 0:
                return who[:at] + who[at + 1 :]
            case 1:
                return [*who[:at], self.random.choice(people), *who[at:]]
            case 2:
                return [*who, *who[:1]]
            case _:
                return [*who[:at], self.random.choice(people), *who[at + 1 :]]

    def payload(self, draft: Draft) -> Payload | bytes:
        if isinstance(draft.payload, bytes):
            return self.octets(draft.payload)
        if isinstance(draft.payload, Signed) and self.random.random() < 0.8:
            return self.consent(draft.payload, draft.type)
        changed: Payload = self.fields(draft.payload)
        return changed

    def changed(self, drafts: Drafts) -> tuple[str, list[Raw]]:
        """A mutation's name, and the log with it."""
        names = [name for name in SIGNED_AGAIN for _ in range(WEIGHTS.get(name, 1))]
        while True:
            try:
                if self.random.random() < 0.15:
                    return _raw(self, compile_log(drafts))
                name = self.random.choice(names)
                entries = compile_log(SIGNED_AGAIN[name](self, list(drafts)))
                return name, [(one.body, one.sig) for one in entries]
            except (Ct1Error, OverflowError):
                continue  # what a writer cannot spell, no reader will ever meet

    def pick(self, drafts: Sequence[object], first: int = 0) -> int:
        return self.random.randrange(min(first, len(drafts) - 1), len(drafts))


def _change(mutator: Mutator, drafts: Drafts, **changes: Any) -> Drafts:
    at = mutator.pick(drafts)
    made = {name: change(drafts[at]) for name, change in changes.items()}
    return [*drafts[:at], dataclasses.replace(drafts[at], **made), *drafts[at + 1 :]]


def _drop(mutator: Mutator, drafts: Drafts) -> Drafts:
    at = mutator.pick(drafts, 1)
    return drafts[:at] + drafts[at + 1 :] or drafts


def _repeat(mutator: Mutator, drafts: Drafts) -> Drafts:
    at = mutator.pick(drafts, 1)
    return [*drafts, dataclasses.replace(drafts[at], ts=drafts[-1].ts)]


def _swap(mutator: Mutator, drafts: Drafts) -> Drafts:
    one, other = mutator.pick(drafts, 1), mutator.pick(drafts, 1)
    moved = list(drafts)
    moved[one] = dataclasses.replace(drafts[other], ts=drafts[one].ts)
    moved[other] = dataclasses.replace(drafts[one], ts=drafts[other].ts)
    return moved


def _noise(mutator: Mutator, draft: Draft) -> bytes:
    return mutator.octets(draft.payload_bytes)


SIGNED_AGAIN: dict[str, Callable[[Mutator, Drafts], Drafts]] = {
    "meaning": lambda m, d: _change(m, d, payload=m.payload),
    "meaning-2": lambda m, d: _change(m, _change(m, d, payload=m.payload), payload=m.payload),
    "payload-bytes": lambda m, d: _change(m, d, payload=lambda draft: _noise(m, draft)),
    "author": lambda m, d: _change(m, d, author=lambda _: m.random.choice(list(m.world.people.values()))),
    "signer": lambda m, d: _change(m, d, signer=lambda _: m.random.choice(list(m.world.people.values()))),
    "time": lambda m, d: _change(m, d, ts=lambda draft: m.value(draft.ts)),
    "type": lambda m, d: _change(m, d, type=lambda _: m.random.choice([*range(14), 127, 128, 255])),
    "graft": lambda m, d: m.graft(d),
    "graft-meaning": lambda m, d: _change(m, m.graft(d), payload=m.payload),
    "drop": _drop,
    "repeat": _repeat,
    "swap": _swap,
}
WEIGHTS = {
    "meaning": 10,
    "meaning-2": 5,
    "graft": 4,
    "graft-meaning": 4,
    "drop": 3,
    "repeat": 2,
    "swap": 4,
    "author": 2,
}


def _raw(mutator: Mutator, entries: list[SignedEntry]) -> tuple[str, list[Raw]]:
    """What needs no key: bytes flipped, entries cut, dropped, doubled, moved."""
    raw = [(one.body, one.sig) for one in entries]
    at = mutator.pick(raw)
    kind = mutator.random.choice(["body", "sig", "cut", "raw-drop", "raw-repeat", "raw-swap"])
    body, sig = raw[at]
    if kind == "body":
        raw[at] = (mutator.octets(body), sig)
    elif kind == "sig":
        raw[at] = (body, mutator.octets(sig))
    elif kind == "cut":
        raw[at] = (body[: mutator.random.randrange(len(body))], sig)
    elif kind == "raw-drop":
        raw.pop(at)
    elif kind == "raw-repeat":
        raw.insert(at, raw[at])
    else:
        other = mutator.pick(raw)
        raw[at], raw[other] = raw[other], raw[at]
    return kind, raw


def mutated(world: World, count: int, seed: int) -> Iterator[tuple[str, list[Raw]]]:
    """`count` logs as (the mutation's name, entries); the same ones for the same seed."""
    mutator = Mutator(world, seed)
    for _ in range(count):
        yield mutator.changed(mutator.random.choice(mutator.bases))


def directory_json(world: World) -> dict[str, object]:
    """The world's directory as vectors carry it."""
    return {
        "ukrs": [{"body": one.body.hex(), "pop": one.pop.hex(), "sig": one.sig.hex()} for one in world.ukrs],
        "certificates": [{"body": one.body.hex(), "sig": one.sig.hex()} for one in world.certificates],
        "roots": [root.sign_pk.hex() for root in world.roots.values()],
    }


def lines(count: int, seed: int) -> Iterator[str]:
    world = World()
    yield json.dumps({"directory": directory_json(world), "now": WHEN})
    for number, (name, raw) in enumerate(mutated(world, count, seed)):
        yield json.dumps({"id": number, "mutation": name, "entries": [[b.hex(), s.hex()] for b, s in raw]})


def main() -> None:
    parser = argparse.ArgumentParser(description="Writes mutated logs, one JSON object a line.")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for line in lines(options.count, options.seed):
        sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
