"""CE1: fixed order, big-endian, length-prefixed, no optional fields and no trailing bytes (docs/protocol.md 2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import IntEnum
from itertools import pairwise
from typing import Self, TypeVar

from crypto import tables
from crypto.errors import Ct1Error

Item = TypeVar("Item")
Member = TypeVar("Member", bound=IntEnum)
VERSION = 1


class Writer:
    """Builds a CE1 object; every method returns the writer, so that an object reads as its layout does."""

    def __init__(self, label: str | None = None) -> None:
        self._parts: list[bytes] = []
        if label is not None:
            raw = label.encode("ascii")
            self._parts.append(bytes([len(raw)]) + raw + bytes([VERSION]))

    def _uint(self, value: int, size: int, limit: int) -> Self:
        if not 0 <= value <= limit:
            raise Ct1Error("E_ENC", f"{value} does not fit")
        self._parts.append(value.to_bytes(size, "big"))
        return self

    def u8(self, value: int) -> Self:
        return self._uint(value, 1, 0xFF)

    def u16(self, value: int) -> Self:
        return self._uint(value, 2, 0xFFFF)

    def u32(self, value: int) -> Self:
        return self._uint(value, 4, 0xFFFFFFFF)

    def u64(self, value: int) -> Self:
        return self._uint(value, 8, tables.MAX_INTEGER)

    def fixed(self, raw: bytes, size: int) -> Self:
        if len(raw) != size:
            raise Ct1Error("E_ENC", f"expected {size} bytes, got {len(raw)}")
        self._parts.append(raw)
        return self

    def v16(self, raw: bytes) -> Self:
        return self.u16(len(raw)).fixed(raw, len(raw))

    def v32(self, raw: bytes) -> Self:
        return self.u32(len(raw)).fixed(raw, len(raw))

    def each(self, items: Iterable[Item], write: Callable[[Writer, Item], object]) -> Self:
        """`list16<T>`: a u16 count and the items."""
        listed = list(items)
        self.u16(len(listed))
        for item in listed:
            write(self, item)
        return self

    def done(self) -> bytes:
        return b"".join(self._parts)


class Reader:
    """Reads a CE1 object and refuses everything that the writer would not have written."""

    def __init__(self, raw: bytes, label: str | None = None) -> None:
        self._raw, self._at = raw, 0
        if label is not None:
            self._header(label)

    def _header(self, label: str) -> None:
        size = self.u8()
        if self._take(size) != label.encode("ascii"):
            raise Ct1Error("E_LABEL", f"not a {label}")
        if self.u8() != VERSION:
            raise Ct1Error("E_VERSION", f"{label}: unknown version")

    def _take(self, size: int) -> bytes:
        end = self._at + size
        if end > len(self._raw):
            raise Ct1Error("E_ENC", "truncated")
        taken = self._raw[self._at : end]
        self._at = end
        return taken

    def u8(self) -> int:
        return self._take(1)[0]

    def u16(self) -> int:
        return int.from_bytes(self._take(2), "big")

    def u32(self) -> int:
        return int.from_bytes(self._take(4), "big")

    def u64(self) -> int:
        value = int.from_bytes(self._take(8), "big")
        if value > tables.MAX_INTEGER:
            raise Ct1Error("E_ENC", "an integer above 2^53 - 1")
        return value

    def fixed(self, size: int) -> bytes:
        return self._take(size)

    def v16(self) -> bytes:
        return self._take(self.u16())

    def v32(self) -> bytes:
        return self._take(self.u32())

    def enum(self, members: type[Member]) -> Member:
        """A u8 that must be one of a closed set; E_ENUM otherwise."""
        value = self.u8()
        try:
            return members(value)
        except ValueError as error:
            raise Ct1Error("E_ENUM", f"{value} is not a {members.__name__}") from error

    def text(self) -> str:
        """A v16 of UTF-8, not normalised."""
        try:
            return self.v16().decode("utf-8", "strict")
        except UnicodeDecodeError as error:
            raise Ct1Error("E_ENC", "not UTF-8") from error

    def utf8(self) -> bytes:
        """The bytes of a `text`, for lists that are ordered by their bytes."""
        return self.text().encode("utf-8")

    def each(self, read: Callable[[Reader], Item]) -> list[Item]:
        return [read(self) for _ in range(self.u16())]

    def done(self) -> None:
        """Raises E_ENC when bytes are left over: a second meaning could hide in them."""
        if self._at != len(self._raw):
            raise Ct1Error("E_ENC", "trailing bytes")


def sorted_once(items: list[bytes], what: str) -> tuple[bytes, ...]:
    """The items, which must stand in ascending byte order without a repeat; E_ENC otherwise."""
    if any(first >= second for first, second in pairwise(items)):
        raise Ct1Error("E_ENC", f"{what} must be sorted and without repeats")
    return tuple(items)
