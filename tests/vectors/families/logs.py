"""The stories as vectors, and frames that no story can tell."""

from __future__ import annotations

from typing import Any

from crypto.encoding import Writer
from crypto.entries import SignedEntry
from crypto.tables import MAX_ENTRY, Label
from tests.vectors.cast import NOW, Log, World
from tests.vectors.families.case import Case, changed, flipped
from tests.vectors.mutate import directory_json
from tests.vectors.stories import scenarios


def entries_json(entries: list[SignedEntry]) -> list[dict[str, str]]:
    return [{"body": one.body.hex(), "sig": one.sig.hex()} for one in entries]


def log_given(world: World, entries: list[SignedEntry], now: int = NOW) -> dict[str, Any]:
    return {"directory": directory_json(world), "entries": entries_json(entries), "now": now}


def logs() -> list[Case]:
    world = World()
    told = [Case(one.name, "log", log_given(world, one.log.entries(), one.now), one.expect) for one in scenarios(world)]
    return [*told, *_frames(world), *_raw(world)]


def _frames(world: World) -> list[Case]:
    body = Log(world, "frames").entries()[0].body
    good = Case("an entry", "object", {"kind": "entry", "data": body.hex()})
    head = len(Writer(Label.LOG).done())
    large = body[: -4 - 1] + bytes(MAX_ENTRY)
    return [
        good,
        changed(good, "an entry of another label", "E_LABEL", data=flipped(body, 4).hex()),
        changed(good, "an entry of another version", "E_VERSION", data=flipped(body, head - 1).hex()),
        changed(good, "an entry with a byte too many", "E_ENC", data=(body + b"\0").hex()),
        changed(good, "an entry cut short", "E_ENC", data=body[:-1].hex()),
        changed(good, "an entry cut in its label", "E_ENC", data=body[:4].hex()),
        changed(good, "no entry", "E_ENC", data=""),
        changed(good, "an entry too large", "E_SIZE", data=large.hex()),
        changed(good, "a number above 2^53", "E_ENC", data=(body[: head + 32] + b"\xff" + body[head + 33 :]).hex()),
    ]


def _raw(world: World) -> list[Case]:
    entries = Log(world, "raw").open().entries()
    good = Case("a log as it stands", "log", log_given(world, entries))
    last = entries[-1]
    return [
        good,
        Case("no log", "log", log_given(world, []), "E_LOG_SEQ"),
        Case("two entries exchanged", "log", log_given(world, [entries[0], entries[2], entries[1]]), "E_LOG_SEQ"),
        Case("an entry in the middle is missing", "log", log_given(world, [entries[0], entries[2]]), "E_LOG_SEQ"),
        Case("the first entry is missing", "log", log_given(world, entries[1:]), "E_LOG_SEQ"),
        Case("an entry twice", "log", log_given(world, [*entries, last]), "E_LOG_SEQ"),
        Case(
            "another genesis under the same entries",
            "log",
            log_given(world, [Log(world, "other").entries()[0], *entries[1:]]),
            "E_THREAD",
        ),
        Case(
            "a flipped bit in a signature",
            "log",
            log_given(world, [*entries[:-1], SignedEntry(last.body, flipped(last.sig))]),
            "E_SIG",
        ),
        Case(
            "a flipped bit in a payload",
            "log",
            log_given(world, [*entries[:-1], SignedEntry(flipped(last.body), last.sig)]),
            "E_SIG",
        ),
        Case(
            "a signature cut short",
            "log",
            log_given(world, [*entries[:-1], SignedEntry(last.body, last.sig[:63])]),
            "E_SIG",
        ),
    ]
