"""What a directory leaves out, and which logs that closes: those that need it, and no other."""

from __future__ import annotations

from typing import Any

from tests.vectors.cast import NOW, World
from tests.vectors.families.case import Case, flipped
from tests.vectors.mutate import directory_json
from tests.vectors.stories.story import with_samuel

Directory = dict[str, list[Any]]


def _place(world: World, name: str) -> int:
    return list(world.people).index(name)


def _cut(text: str) -> str:
    return text[:-2]


def _spoilt(world: World, kind: str, place: int, field: str, spoil: Any) -> Directory:
    """The world's directory with one field of one record changed."""
    made: Directory = {**directory_json(world)}  # type: ignore[dict-item]
    records = list(made[kind])
    records[place] = {**records[place], field: spoil(records[place][field])}
    return {**made, kind: records}


def _flip(text: str) -> str:
    return flipped(bytes.fromhex(text)).hex()


def _certificate_of(world: World, name: str) -> int:
    fp = world[name].fp
    return next(place for place, one in enumerate(world.certificates) if fp in one.body)


def directories() -> list[Case]:
    world = World()
    good: Directory = {**directory_json(world)}  # type: ignore[dict-item]
    chidi, wanda = _place(world, "chidi"), _place(world, "wanda")
    of_chidi = _certificate_of(world, "chidi")
    made = {
        "a directory in which everything holds": good,
        "a directory of nothing": {"ukrs": [], "certificates": [], "roots": []},
        "a key record without possession": _spoilt(world, "ukrs", chidi, "pop", _flip),
        "a key record cut short": _spoilt(world, "ukrs", chidi, "body", _cut),
        "a key record of another label": _spoilt(world, "ukrs", chidi, "body", lambda text: "01" + text[2:]),
        "a key record whose forerunner is rotten": _spoilt(world, "ukrs", wanda, "pop", _flip),
        "a certificate that nobody signed": _spoilt(world, "certificates", of_chidi, "sig", _flip),
        "a certificate cut short": _spoilt(world, "certificates", of_chidi, "body", _cut),
        "a certificate of no bytes": _spoilt(world, "certificates", of_chidi, "body", lambda _: ""),
        "certificates of a root that is not known": {**good, "roots": good["roots"][:2]},
        "a directory without roots": {**good, "roots": []},
    }
    return [*(Case(name, "directory", {"directory": one}) for name, one in made.items()), *_logs(world)]


def _logs(world: World) -> list[Case]:
    log = with_samuel(world, "rotten")
    entries = [{"body": one.body.hex(), "sig": one.sig.hex()} for one in log.entries()]

    def case(name: str, directory: Directory, expect: str = "ok") -> Case:
        return Case(name, "log", {"directory": directory, "entries": entries, "now": NOW}, expect)

    outside, inside = _place(world, "chidi"), _place(world, "samuel")
    return [
        case("the rotten key of an outsider closes no thread", _spoilt(world, "ukrs", outside, "pop", _flip)),
        case(
            "the rotten certificate of an outsider closes no thread",
            _spoilt(world, "certificates", _certificate_of(world, "chidi"), "sig", _flip),
        ),
        case("the rotten key of a member", _spoilt(world, "ukrs", inside, "pop", _flip), "E_UNKNOWN_KEY"),
        case(
            "the rotten certificate of a member",
            _spoilt(world, "certificates", _certificate_of(world, "samuel"), "sig", _flip),
            "E_CERT",
        ),
        case(
            "the rotten key of the author",
            _spoilt(world, "ukrs", _place(world, "elena"), "body", _cut),
            "E_UNKNOWN_KEY",
        ),
    ]
