"""Any file comes back as it was, however its sealed bytes arrive; and nothing else passes for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.attachments import FileSealer, Place, chunk_count, is_sealed_size, padded_size, sealed_size
from crypto.errors import Ct1Error
from crypto.opening import FileOpener
from crypto.primitives import blake2b, random_bytes
from crypto.tables import ATT_CHUNK

PLACE = Place(bytes(16), bytes(32))
SIZES = st.integers(0, 2**48 - 1)
CONTENTS = st.one_of(
    st.binary(max_size=300),
    st.integers(ATT_CHUNK - 2, 3 * ATT_CHUNK).map(random_bytes),
)


def sealed(content: bytes, split: int = 1 << 20) -> tuple[bytes, FileSealer]:
    sealer = FileSealer(PLACE, len(content))
    parts = [content[at : at + split] for at in range(0, len(content), split)]
    return b"".join(sealer.pieces(parts)), sealer


def opened(raw: bytes, sealer: FileSealer, step: int = 1 << 20) -> bytes:
    opener = FileOpener(sealer.file, PLACE)
    content = b"".join(opener.take(raw[at : at + step]) for at in range(0, len(raw), step))
    opener.done()
    return content


@given(CONTENTS, st.integers(1, 200_000), st.integers(1, 200_000))
def test_a_file_comes_back_in_whatever_parts_it_went_and_came(content: bytes, split: int, step: int) -> None:
    raw, sealer = sealed(content, max(split, len(content) // 50 + 1))
    assert len(raw) == sealed_size(len(content))
    assert sealer.file.hash == blake2b(raw)
    assert opened(raw, sealer, max(step, len(raw) // 50 + 1)) == content


@given(CONTENTS, st.data())
def test_a_changed_a_shorter_and_a_longer_file_are_refused(content: bytes, data: st.DataObject) -> None:
    raw, sealer = sealed(content)
    at = data.draw(st.integers(0, len(raw) - 1))
    for other in (raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :], raw[:at], raw + raw[-1 - at :]):
        with pytest.raises(Ct1Error) as refusal:
            opened(other, sealer)
        assert refusal.value.code in ("E_ATT", "E_ATT_TRUNC", "E_ATT_TRAIL")


@given(SIZES)
def test_padding_adds_little_and_adds_nothing_to_what_is_padded(size: int) -> None:
    padded = padded_size(size)
    assert size <= padded <= size * 1.12
    assert padded_size(min(padded, 2**48 - 1)) in (padded, 2**48)
    assert is_sealed_size(sealed_size(size))
    assert (chunk_count(padded) - 1) * ATT_CHUNK < max(padded, 1) <= chunk_count(padded) * ATT_CHUNK


@given(SIZES, SIZES)
def test_a_longer_file_is_never_sealed_to_fewer_bytes(one: int, other: int) -> None:
    assert (one <= other) <= (sealed_size(one) <= sealed_size(other))


def test_the_measures_are_exactly_those_that_some_file_has() -> None:
    made = {sealed_size(size) for size in range(200_000)}
    assert {size for size in range(max(made)) if is_sealed_size(size)} == made - {max(made)}


@pytest.mark.parametrize("size", [-1, 2**48, 2**53])
def test_no_file_has_a_size_that_cannot_be_numbered(size: int) -> None:
    with pytest.raises(Ct1Error) as refusal:
        padded_size(size)
    assert refusal.value.code == "E_SIZE"


@pytest.mark.parametrize("said", [8, 10])
def test_content_of_another_size_than_was_said_is_not_sealed(said: int) -> None:
    with pytest.raises(Ct1Error) as refusal:
        b"".join(FileSealer(PLACE, said).pieces([b"nine bytes"[:9]]))
    assert refusal.value.code == "E_SIZE"
