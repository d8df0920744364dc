"""What a person has seen before: how far each log went, and whose key was whose (docs/protocol.md 3.10). All pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from crypto.directory import Directory
from crypto.encoding import Reader, Writer, sorted_once
from crypto.errors import Ct1Error
from crypto.primitives import NONCE_BYTES, aead_open, aead_seal, domain, random_bytes
from crypto.state import ThreadState
from crypto.tables import Label, PinState


@dataclass(frozen=True)
class LogPin:
    """The newest entry seen of a thread."""

    seq: int
    hash: bytes


@dataclass(frozen=True)
class PersonPin:
    """The newest key seen of a person, and whether the two have compared; `at` in ms, of that or of the first sight."""

    fp: bytes
    state: PinState
    at: int


@dataclass(frozen=True)
class Pins:
    """By thread, and by user; each check returns what to remember from now on."""

    logs: Mapping[bytes, LogPin] = field(default_factory=dict)
    people: Mapping[bytes, PersonPin] = field(default_factory=dict)

    def after_log(self, state: ThreadState) -> Pins:
        """E_LOG_ROLLBACK for a log that ends before what was seen, E_LOG_FORK for another one."""
        pin = self.logs.get(state.thread_id)
        if pin is not None:
            if pin.seq > state.seq:
                raise Ct1Error("E_LOG_ROLLBACK", "a longer log was seen before")
            if state.hashes[pin.seq] != pin.hash:
                raise Ct1Error("E_LOG_FORK", "another log was seen before")
            if pin.seq == state.seq:
                return self
        return replace(self, logs={**self.logs, state.thread_id: LogPin(state.seq, state.head)})

    def after_person(self, user: bytes, fp: bytes, directory: Directory, now_ms: int) -> Pins:
        """E_KEY_CHANGED for a key that took a known one's place without its word; a first sight is remembered.

        A key that continues the known one takes its place in silence, and one that it continues changes nothing.
        """
        pin = self.people.get(user)
        if pin is None:
            return self._with(user, PersonPin(fp, PinState.SEEN, now_ms))
        if pin.fp == fp or fp in directory.chain(pin.fp):
            return self
        if pin.fp not in directory.chain(fp):
            raise Ct1Error("E_KEY_CHANGED", "the key of this person was replaced")
        return self._with(user, replace(pin, fp=fp))

    def accepted(self, user: bytes, fp: bytes, state: PinState, now_ms: int) -> Pins:
        """After somebody has looked: this key is the one."""
        return self._with(user, PersonPin(fp, state, now_ms))

    def _with(self, user: bytes, pin: PersonPin) -> Pins:
        return replace(self, people={**self.people, user: pin})

    def merged(self, other: Pins) -> Pins:
        """With what another device has seen: the longer of two logs, and of two sights of a person the later."""
        logs = {**other.logs, **self.logs}
        for thread, pin in other.logs.items():
            mine = self.logs.get(thread)
            if mine is not None and mine.seq == pin.seq and mine.hash != pin.hash:
                raise Ct1Error("E_LOG_FORK", "two devices were shown two logs")
            if mine is not None and pin.seq > mine.seq:
                logs[thread] = pin
        people = {**other.people, **self.people}
        for user, sight in other.people.items():
            own = self.people.get(user)
            if own is not None and (sight.at, sight.fp) > (own.at, own.fp):
                people[user] = sight
        return Pins(logs, people)

    def encode(self) -> bytes:
        logs, people = sorted(self.logs.items()), sorted(self.people.items())
        writer = Writer().each(logs, lambda w, one: w.fixed(one[0], 32).u64(one[1].seq).fixed(one[1].hash, 32))
        writer.each(people, lambda w, one: w.fixed(one[0], 16).fixed(one[1].fp, 32).u8(one[1].state).u64(one[1].at))
        return writer.done()


def parse_pins(body: bytes) -> Pins:
    reader = Reader(body)
    logs = reader.each(lambda r: (r.fixed(32), LogPin(r.u64(), r.fixed(32))))
    people = reader.each(lambda r: (r.fixed(16), PersonPin(r.fixed(32), r.enum(PinState), r.u64())))
    reader.done()
    sorted_once([thread for thread, _ in logs], "logs")
    sorted_once([user for user, _ in people], "people")
    return Pins(dict(logs), dict(people))


def seal_pins(pins: Pins, key: bytes, user: bytes, version: int, rng: Callable[[int], bytes] = random_bytes) -> bytes:
    """The copy that the server keeps, under the keyring's pins key; the version is sealed in and only goes up."""
    nonce = rng(NONCE_BYTES)
    return nonce + aead_seal(key, nonce, pins.encode(), _terms(user, version))


def open_pins(blob: bytes, key: bytes, user: bytes, version: int, *, at_least: int = 0) -> Pins:
    """What was sealed as this version; E_LOG_ROLLBACK for a version before one that was seen, E_UNWRAP for another."""
    if version < at_least:
        raise Ct1Error("E_LOG_ROLLBACK", "the server gave older pins than it had")
    return parse_pins(aead_open(key, blob[:NONCE_BYTES], blob[NONCE_BYTES:], _terms(user, version), code="E_UNWRAP"))


def _terms(user: bytes, version: int) -> bytes:
    return domain(Label.PINS, Writer().fixed(user, 16).u64(version).done())
