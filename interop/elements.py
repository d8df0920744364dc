"""FHIR JSON read element by element, so that it can be proved at the end that every one was read.

What nobody asked for is refused by name: an element that was skipped might have been the one that narrows a consent.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Path = tuple[str | int, ...]
MAX_DEPTH = 24
"""Levels of JSON; a Consent of real life has fewer than ten."""


@dataclass(frozen=True)
class Refusal:
    """Why a resource was not taken: a stable code, where (`Consent.provision.actor[0].role`), and in words."""

    path: str
    code: str
    message: str


class Refused(Exception):
    """A resource says something that cannot be held; all refusals, in the order of the resource."""

    def __init__(self, refusals: Sequence[Refusal]) -> None:
        super().__init__("; ".join(f"{one.path}: {one.code}" for one in refusals))
        self.refusals = tuple(refusals)


def spelled(path: Path) -> str:
    """`Consent.provision.provision[1].actor[0]`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


def leaves(value: object, path: Path) -> Iterator[Path]:
    """The paths of all primitives, and of empty objects and arrays, which FHIR forbids."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from leaves(inner, (*path, name))
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path


def too_deep(value: object, left: int = MAX_DEPTH) -> bool:
    if left == 0:
        return True
    inner = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return any(too_deep(one, left - 1) for one in inner)


@dataclass
class Reading:
    """What has been read of a resource, and what was refused."""

    read: set[Path] = field(default_factory=set)
    refusals: dict[Path, tuple[str, str]] = field(default_factory=dict)

    def refuse(self, path: Path, code: str, message: str) -> None:
        """The first refusal of a path stands."""
        self.refusals.setdefault(path, (code, message))

    def refuse_unread(self, value: object, root: Path) -> None:
        """Refuses the outermost element of whatever holds nothing that was read; once for each."""
        begun = {path[:length] for path in self.read for length in range(len(path) + 1)}
        for leaf in leaves(value, root):
            if leaf in self.read or self._refused_above(leaf):
                continue
            length = next(length for length in range(1, len(leaf) + 1) if leaf[:length] not in begun)
            # A whole list that nobody read is refused one by one, since each may be of another kind.
            length += len(leaf) > length and isinstance(leaf[length], int)
            outermost = leaf[:length]
            name = spelled(outermost).rpartition(".")[2].partition("[")[0]
            code, message = _UNREAD.get(name, ("element-not-held", "Nothing here can hold this element."))
            self.refuse(outermost, code, message)

    def _refused_above(self, path: Path) -> bool:
        return any(path[:length] in self.refusals for length in range(len(path) + 1))

    def finish(self, value: object, root: Path) -> None:
        """Raises Refused where anything was refused or left unread."""
        self.refuse_unread(value, root)
        if self.refusals:
            raise Refused([Refusal(spelled(path), *why) for path, why in self.refusals.items()])


_UNREAD = {
    "extension": ("extension-not-held", "This extension is not known here."),
    "modifierExtension": ("modifier-extension-not-held", "This changes the meaning in a way not known here."),
    "implicitRules": ("implicit-rules-not-held", "Rules that stand elsewhere cannot be kept here."),
    "contained": ("contained-not-held", "Resources within a resource are not read here."),
}


class Element:
    """One object of the JSON; asking for an element of it marks that element as read."""

    def __init__(self, value: Mapping[str, Any], path: Path, reading: Reading) -> None:
        self._value = value
        self.path = path
        self.reading = reading

    def refuse(self, code: str, message: str, *where: str | int) -> None:
        self.reading.refuse((*self.path, *where), code, message)

    def has(self, name: str) -> bool:
        return name in self._value

    def says(self, name: str, value: object) -> bool:
        """Whether an element has a value, without reading it."""
        return bool(self._value.get(name) == value)

    def text(self, name: str) -> str:
        """A text, empty where it is absent or no text (which is refused)."""
        found = self._primitive(name, str)
        return found if isinstance(found, str) else ""

    def flag(self, name: str) -> bool | None:
        found = self._primitive(name, bool)
        return found if isinstance(found, bool) else None

    def number(self, name: str) -> int | None:
        found = self._primitive(name, int)
        return found if isinstance(found, int) else None

    def texts(self, name: str) -> list[str]:
        """A list of texts."""
        found = self._value.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            self.refuse("wrong-type", "A list of texts is expected.", name)
            return []
        self.reading.read.update((*self.path, name, index) for index in range(len(found)))
        return list(found)

    def _primitive(self, name: str, kind: type) -> object:
        if name not in self._value:
            return None
        found = self._value[name]
        # In Python a truth value is a number too; in JSON it is not.
        if not isinstance(found, kind) or (kind is int and isinstance(found, bool)) or found == "":
            self.refuse("wrong-type", "This is not of the kind that FHIR has here.", name)
            return None
        self.reading.read.add((*self.path, name))
        return found

    def child(self, name: str) -> Element | None:
        found = self._value.get(name)
        if found is None and name not in self._value:
            return None
        if not isinstance(found, Mapping):
            self.refuse("wrong-type", "One object is expected.", name)
            return None
        return Element(found, (*self.path, name), self.reading)

    def children(self, name: str) -> list[Element]:
        found = self._value.get(name, [])
        if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
            self.refuse("wrong-type", "A list of objects is expected.", name)
            return []
        return [Element(one, (*self.path, name, index), self.reading) for index, one in enumerate(found)]
