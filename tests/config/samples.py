"""Bodies and frames made from their declared schemas: good ones, and the same with one hostile value in each place."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.scheduling.desk import monday
from wire.base import b64

Schema = Mapping[str, Any]
Place = tuple[str | int, ...]

HOSTILE: tuple[object, ...] = (
    "\ud800", "a\0b", "x" * 300, "", "A" * 22, "A" * 43, "2026-02-30", "Europe/Nowhere", "../etc", "9999-12-31",
    -1, 0, 2**31, 2**53 - 1, 2**63, 2**64, 10**30, 1.5, True, None, [], {}, [[]], ["\0"],
)  # fmt: skip
"""NUL and lone surrogates that a database refuses, numbers beyond its columns, shapes that nobody declared."""
HOSTILE_IN_ADDRESS = ("%00", "%ED%A0%80", "A" * 300, "%F0%9F%98%80", "a%0Ab", "A" * 22, "A" * 21 + "B", "%20", "-1",
                      str(2**63), "9999-12-31")  # fmt: skip
_SIZES = {"sig": 64, "pop": 64, "fp": 32, "grantee_fp": 32, "hash": 32, "root": 32, "prev": 32}
_WORDS = {"zone": "UTC", "code": "ABCDEFGH", "kind": "officer"}


class Sampler:
    """Good values by the name and the type of each field; `ids` are names and the ids that are there."""

    def __init__(self, root: Schema, ids: Mapping[str, str]) -> None:
        self._named = {**root.get("components", {}).get("schemas", {}), **root.get("$defs", {})}
        self._ids = {**ids, **{name.removesuffix("_id"): value for name, value in ids.items()}}

    def value(self, schema: Schema, name: str = "", depth: int = 0) -> Any:
        if "$ref" in schema:
            schema = self._named[schema["$ref"].rsplit("/", 1)[1]]
        if "const" in schema or "enum" in schema:
            return schema.get("const", next(iter(schema.get("enum", [None]))))
        if depth and "default" in schema:
            return schema["default"]
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return self.value(schema[several][0], name, depth + 1)
        return self._typed(schema, name, depth)

    def _typed(self, schema: Schema, name: str, depth: int) -> Any:
        match schema.get("type"):
            case "object":
                return {key: self.value(one, key, depth + 1) for key, one in schema.get("properties", {}).items()}
            case "array":
                return [self.value(schema["items"], name.removesuffix("s"), depth + 1)]
            case "integer" | "number":
                return monday(10) if name == "starts_at" else max(1, schema.get("minimum", 1))
            case "boolean":
                return False
            case "null":
                return None
        return self._text(name)

    def _text(self, name: str) -> str:
        if name in self._ids:
            return self._ids[name]
        if name in ("starts", "ends"):
            return f"2027-01-04T1{'0' if name == 'starts' else '2'}:00"
        if name in _SIZES:
            return b64(bytes(_SIZES[name]))
        return _WORDS.get(name) or b64(secrets.token_bytes(16))


def places(value: object, at: Place = ()) -> Iterator[Place]:
    """Every place in a body, itself included."""
    yield at
    parts: Sequence[tuple[str | int, object]] = ()
    if isinstance(value, dict):
        parts = list(value.items())
    elif isinstance(value, list):
        parts = list(enumerate(value))
    for key, part in parts:
        yield from places(part, (*at, key))


def put(value: object, at: Place, new: object) -> object:
    """A copy with another value in one place."""
    if not at:
        return new
    copy: Any = json.loads(json.dumps(value))
    spot = copy
    for step in at[:-1]:
        spot = spot[step]
    spot[at[-1]] = new
    return copy


def spoiled(good: object) -> Iterator[tuple[Place, object, object]]:
    """(place, hostile value, body) for each hostile value in each place."""
    for at in places(good):
        for hostile in HOSTILE:
            yield at, hostile, put(good, at, hostile)
