"""Files: their measures, their sealing, and everything that must not pass for the file that was sent."""

from __future__ import annotations

from typing import Any

from crypto.tables import ATT_CHUNK, ATT_HEADER, ATT_OVERHEAD
from tests.vectors.cast import Stream
from tests.vectors.families.case import Case, flipped
from tests.vectors.files import sealed_of

SIZES = (0, 1, 2, 9, 100, 65_535, 65_536, 65_537, 131_072, 1_000_003)
WHOLE = ATT_CHUNK + ATT_OVERHEAD


def attachments() -> list[Case]:
    rng = Stream("attachments")
    far = (2**31 + 1, 2**32 - 1, 104_857_600, 2**40 + 12_345, ATT_CHUNK * 2**32 - 1)
    return [
        *(Case(f"the measures of {size} bytes", "file_size", {"size": size}) for size in (*SIZES, *far)),
        Case("more than chunks can number", "file_size", {"size": ATT_CHUNK * 2**32}, "E_SIZE"),
        *(Case(f"a file of {size} bytes", "seal_file", _seal(rng, size)) for size in SIZES),
        *(_opened(rng, f"opened, of {size} bytes", size) for size in SIZES),
        *_arrivals(rng),
        *_refused(rng),
    ]


def _seal(rng: Stream, size: int) -> dict[str, Any]:
    drawn = {"att_id": rng(16), "thread": rng(32), "key": rng(32), "header": rng(24), "unit": rng(251)}
    return {**{name: value.hex() for name, value in drawn.items()}, "size": size}


def _opened(rng: Stream, name: str, size: int, expect: str = "ok", **changes: Any) -> Case:
    """The file as sent, but for `parts`, `flip`, `step`, and what `says` puts into the message that names it."""
    seal = _seal(rng, size)
    sealed, file = sealed_of(seal)
    honest = {"att_id": seal["att_id"], "thread": seal["thread"], "key": seal["key"], "size": size}
    given = {
        "seal": seal,
        "parts": changes.get("parts", [[0, len(sealed)]]),
        "flip": changes.get("flip", -1),
        "step": changes.get("step", 1_048_576),
        "open": {**honest, "hash": file.hash.hex(), **changes.get("says", {})},
    }
    return Case(name, "file", given, expect)


def _arrivals(rng: Stream) -> list[Case]:
    steps = (1, 24, 4096, WHOLE, 100_000)
    return [_opened(rng, f"arriving {step} bytes at a time", 70_000, step=step) for step in steps]


def _refused(rng: Stream) -> list[Case]:
    size = 200_000
    sealed, file = sealed_of(_seal(Stream("measure"), size))
    first, second, third = (ATT_HEADER + index * WHOLE for index in range(3))
    end, head = len(sealed), [0, ATT_HEADER]
    other = {"att_id": rng(16).hex(), "thread": rng(32).hex(), "key": rng(32).hex(), "hash": rng(32).hex()}

    def case(name: str, expect: str, **changes: Any) -> Case:
        return _opened(rng, name, size, expect, **changes)

    return [
        case("nothing arrives", "E_ATT_TRUNC", parts=[]),
        case("half a header", "E_ATT_TRUNC", parts=[[0, 12]]),
        case("a header alone", "E_ATT_TRUNC", parts=[head]),
        case("the last chunk is missing", "E_ATT_TRUNC", parts=[[0, first + 3 * WHOLE]]),
        case("the last byte is missing", "E_ATT_TRUNC", parts=[[0, end - 1]]),
        case("cut within a chunk", "E_ATT_TRUNC", parts=[[0, second + 100]]),
        case("the first chunk is missing", "E_ATT", parts=[head, [second, end]]),
        case("two chunks changed places", "E_ATT", parts=[head, [second, third], [first, second], [third, end]]),
        case("a chunk comes twice", "E_ATT", parts=[[0, second], [first, end]]),
        case("a trailing byte", "E_ATT_TRAIL", parts=[[0, end], [0, 1]]),
        case("a trailing chunk", "E_ATT_TRAIL", parts=[[0, end], [first, second]]),
        case("the last chunk twice", "E_ATT_TRAIL", parts=[[0, end], [first + 3 * WHOLE, end]]),
        case("a bit of the header is flipped", "E_ATT", flip=5),
        case("a bit of the first chunk is flipped", "E_ATT", flip=first),
        case("a bit of the last chunk is flipped", "E_ATT", flip=end - 1),
        *(case(f"another {name}", "E_ATT", says={name: value}) for name, value in other.items()),
        case("a bit of the hash is flipped", "E_ATT", says={"hash": flipped(file.hash).hex()}),
        case("said to be shorter, within its padding", "E_ATT", says={"size": size - 1}),
        case("said to be a chunk shorter", "E_ATT", says={"size": 150_000}),
        case("said to be a chunk longer", "E_ATT_TRUNC", says={"size": 270_000}),
        case("said to be far longer", "E_ATT_TRUNC", says={"size": 2**40}),
        case("said to be longer than a file can be", "E_SIZE", says={"size": ATT_CHUNK * 2**32}),
    ]
