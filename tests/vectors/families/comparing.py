"""What people compare, and what their devices have seen before."""

from __future__ import annotations

from typing import Any

from crypto.pins import LogPin, PersonPin, Pins, seal_pins
from crypto.safety import qr_payload
from crypto.tables import PinState
from tests.vectors.cast import NOW, T0, Log, Stream, World
from tests.vectors.families.case import Case, changed, flipped
from tests.vectors.families.logs import log_given
from tests.vectors.mutate import directory_json


def comparing() -> list[Case]:
    world = World()
    return [*_numbers(world), *_codes(world), *_copies(), *_logs(world), *_people(world)]


def _side(world: World, name: str, org: str) -> dict[str, str]:
    return {"fp": world[name].fp.hex(), "root": world.roots[org].fp.hex()}


def _numbers(world: World) -> list[Case]:
    elena, samuel = _side(world, "elena", "riverside"), _side(world, "samuel", "northgate")
    fps = [world[name].fp.hex() for name in ("elena", "maya", "samuel")]
    thread = {"thread": bytes([3] * 32).hex(), "head": bytes([4] * 32).hex(), "fps": fps, "comp_fp": ""}
    return [
        Case("a safety number", "safety", {"one": elena, "other": samuel}),
        Case("the same from the other side", "safety", {"one": samuel, "other": elena}),
        Case("another where a key is another", "safety", {"one": elena, "other": _side(world, "tom", "northgate")}),
        Case("another where a root is another", "safety", {"one": elena, "other": {**samuel, "root": elena["root"]}}),
        Case("a thread's words", "thread_phrase", thread),
        Case("the same words in whatever order", "thread_phrase", {**thread, "fps": fps[::-1]}),
        Case("other words with a compliance key", "thread_phrase", {**thread, "comp_fp": bytes([9] * 32).hex()}),
    ]


def _codes(world: World) -> list[Case]:
    mine, theirs = world["elena"].fp, world["samuel"].fp
    shown = qr_payload(theirs, mine)
    good = Case(
        "a code from the other's screen", "qr", {"payload": shown.hex(), "mine": mine.hex(), "theirs": theirs.hex()}
    )
    return [
        good,
        changed(good, "my own code", "E_KEY_CHANGED", payload=qr_payload(mine, theirs).hex()),
        changed(good, "a code with a bit flipped", "E_KEY_CHANGED", payload=flipped(shown).hex()),
        changed(good, "a code of another kind", "E_LABEL", payload=flipped(shown, 3).hex()),
        changed(good, "a code cut short", "E_LABEL", payload=shown[:-1].hex()),
        changed(good, "no code", "E_LABEL", payload=""),
    ]


def _copies() -> list[Case]:
    rng = Stream("pins")
    key, user = rng(32), rng(16)
    pins = Pins(
        {rng(32): LogPin(7, rng(32)), rng(32): LogPin(0, rng(32))},
        {rng(16): PersonPin(rng(32), PinState.VERIFIED, T0), rng(16): PersonPin(rng(32), PinState.SEEN, T0)},
    )
    blob = seal_pins(pins, key, user, 3, rng)
    given = {"blob": blob.hex(), "key": key.hex(), "user": user.hex(), "version": 3, "at_least": 3}
    good = Case("a copy of pins", "pins", given)
    empty = seal_pins(Pins(), key, user, 1, rng)
    return [
        good,
        changed(good, "a copy of nothing", "ok", blob=empty.hex(), version=1, at_least=0),
        changed(good, "a copy older than one that was seen", "E_LOG_ROLLBACK", at_least=4),
        changed(good, "an old copy under a new version", "E_UNWRAP", version=4),
        changed(good, "a copy of somebody else's pins", "E_UNWRAP", user=bytes(16).hex()),
        changed(good, "a copy under another key", "E_UNWRAP", key=bytes(32).hex()),
        changed(good, "a copy with a bit flipped", "E_UNWRAP", blob=flipped(blob).hex()),
        changed(good, "a copy cut short", "E_UNWRAP", blob=blob[:30].hex()),
    ]


def _logs(world: World) -> list[Case]:
    log = Log(world, "pinned").open()
    entries = log.entries()
    hashes = [one.hash.hex() for one in entries]
    good = Case("a log as long as before", "pin_log", {**log_given(world, entries), "seq": 2, "hash": hashes[2]})
    return [
        good,
        changed(good, "a log longer than before", "ok", seq=1, hash=hashes[1]),
        changed(good, "a log shorter than before", "E_LOG_ROLLBACK", seq=3, hash=hashes[2]),
        changed(good, "a log that forked", "E_LOG_FORK", seq=1, hash=hashes[2]),
    ]


def _people(world: World) -> list[Case]:
    def case(name: str, pinned: str, now: str, expect: str = "ok") -> Case:
        given: dict[str, Any] = {
            "directory": directory_json(world),
            "user": world[now].user.hex(),
            "pinned": world[pinned].fp.hex(),
            "fp": world[now].fp.hex(),
            "now": NOW,
        }
        return Case(f"a key: {name}", "pin_person", given, expect)

    return [
        case("the one that was known", "samuel", "samuel"),
        case("one that continues it", "samuel", "samuel again"),
        case("one that continues it by two steps", "samuel", "samuel thirdly"),
        case("an earlier one than the known", "samuel thirdly", "samuel"),
        case("one that was reset", "tom", "tom anew", "E_KEY_CHANGED"),
        case("somebody else's", "elena", "tom", "E_KEY_CHANGED"),
    ]
