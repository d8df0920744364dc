"""Urgency and acknowledgement: what counts, and everything that must not pass for it."""

from __future__ import annotations

from dataclasses import replace

from crypto.tables import ACK_MAX_MS, ACK_MIN_MS, ADDRESSEES_MAX, AddresseeKind, Label, Priority
from crypto.urgency import Ack, Addressee, Urgency, sign_ack, sign_urgency
from tests.vectors.cast import T0, Stream, World
from tests.vectors.families.calls import ukr_json
from tests.vectors.families.case import Case, changed, flipped


def urgencies() -> list[Case]:
    rng, world = Stream("urgencies"), World()
    return [*_urgencies(rng, world), *_acks(rng, world)]


def _urgencies(rng: Stream, world: World) -> list[Case]:
    elena = world["elena"]
    line = tuple(Addressee(AddresseeKind(1 + at % 2), rng(16)) for at in range(ADDRESSEES_MAX + 1))
    urgent = Urgency(rng(32), rng(16), elena.user, elena.fp, Priority.URGENT, T0, T0 + 900_000, line[:2])

    def case(name: str, said: Urgency, expect: str = "ok") -> Case:
        body = said.encode()
        sig = sign_urgency(elena.identity.sign_seed, body).hex()
        given = {"body": body.hex(), "sig": sig, "thread": urgent.thread.hex(), "ukr": ukr_json(elena)}
        return Case(name, "urgency", given, expect)

    none = replace(urgent, ack_by=0, addressees=())
    good, body = case("an urgent message", urgent), urgent.encode()
    place = len(body) - 2 * 17 - 2 - 16 - 1
    return [
        good,
        case("an important message without a deadline", replace(none, priority=Priority.IMPORTANT)),
        case("an important message with one", replace(urgent, priority=Priority.IMPORTANT)),
        case("a routine message", replace(none, priority=Priority.ROUTINE)),
        case("the shortest deadline", replace(urgent, ack_by=T0 + ACK_MIN_MS)),
        case("the longest deadline", replace(urgent, ack_by=T0 + ACK_MAX_MS)),
        case("as many addressees as may be", replace(urgent, addressees=line[:-1])),
        case("too short a deadline", replace(urgent, ack_by=T0 + ACK_MIN_MS - 1), "E_TS"),
        case("too long a deadline", replace(urgent, ack_by=T0 + ACK_MAX_MS + 1), "E_TS"),
        case("a deadline that was over before", replace(urgent, ack_by=T0 - 1), "E_TS"),
        case("urgent without a deadline", none, "E_TS"),
        case("routine with a deadline", replace(urgent, priority=Priority.ROUTINE), "E_TS"),
        case("a deadline of nobody", replace(urgent, addressees=()), "E_RECIPIENTS"),
        case("an addressee without a deadline", replace(urgent, ack_by=0), "E_RECIPIENTS"),
        case("an addressee twice", replace(urgent, addressees=(line[0], line[0])), "E_RECIPIENTS"),
        case("too many addressees", replace(urgent, addressees=line), "E_SIZE"),
        changed(good, "a priority that is none", "E_ENUM", body=(body[:place] + b"\4" + body[place + 1 :]).hex()),
        changed(good, "an urgency of another thread", "E_THREAD", thread=bytes(32).hex()),
        changed(good, "an urgency in another's name", "E_UNKNOWN_KEY", ukr=ukr_json(world["maya"])),
        case("an urgency under another's account", replace(urgent, sender=world["maya"].user), "E_UNKNOWN_KEY"),
        changed(good, "an urgency of another message", "E_SIG", body=replace(urgent, msg_id=rng(16)).encode().hex()),
        changed(good, "an urgency that says nothing more", "E_ENC", body=body[:-1].hex()),
        changed(good, "an urgency that goes on", "E_ENC", body=(body + b"\0").hex()),
        changed(good, "an urgency of another version", "E_VERSION", body=flipped(body, 1 + len(Label.URGENCY)).hex()),
    ]


def _acks(rng: Stream, world: World) -> list[Case]:
    maya = world["maya"]
    ack = Ack(rng(32), rng(16), maya.user, maya.fp, T0)
    body, seed = ack.encode(), maya.identity.sign_seed
    given = {"body": body.hex(), "thread": ack.thread.hex(), "ukr": ukr_json(maya)}
    good = Case("an acknowledgement", "ack", {**given, "sig": sign_ack(seed, body).hex()})
    return [
        good,
        changed(
            good, "an acknowledgement of another message", "E_SIG", body=replace(ack, msg_id=rng(16)).encode().hex()
        ),
        changed(good, "an urgency's signature", "E_SIG", sig=sign_urgency(seed, body).hex()),
        changed(good, "an acknowledgement in another's name", "E_UNKNOWN_KEY", ukr=ukr_json(world["elena"])),
        changed(good, "an acknowledgement in another thread", "E_THREAD", thread=bytes(32).hex()),
        changed(good, "an acknowledgement cut short", "E_ENC", body=body[:-1].hex()),
        changed(good, "an acknowledgement under another label", "E_LABEL", body=flipped(body, 3).hex()),
    ]
