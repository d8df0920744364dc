"""The tree, its proofs and their verification: RFC 6962's own vectors, and whatever a random tree shows."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.merkle import (
    EMPTY,
    Frontier,
    consistency_proof,
    extends,
    hash_leaf,
    hash_node,
    includes,
    inclusion_proof,
    perfect,
    root_of,
)

VECTORS = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    ("606162636465666768696a6b6c6d6e6f", "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
]
"""The inputs and roots with which certificate-transparency implementations test themselves."""


def leaves(size: int) -> list[bytes]:
    return [hash_leaf(size.to_bytes(2, "big") + place.to_bytes(2, "big")) for place in range(size)]


def below(hashes: list[bytes], first: int, size: int) -> bytes:
    assert size & (size - 1) == 0
    assert first % size == 0
    return perfect(hashes[first : first + size])


def test_the_known_roots() -> None:
    assert root_of([]) == EMPTY
    frontier = Frontier()
    for data, root in VECTORS:
        frontier.append(hash_leaf(bytes.fromhex(data)))
        assert frontier.root().hex() == root


def test_a_leaf_and_a_node_of_the_same_bytes_are_not_the_same() -> None:
    left, right = hash_leaf(b"a"), hash_leaf(b"b")
    assert hash_leaf(left + right) != hash_node(left, right)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 600), st.data())
def test_every_leaf_is_proven_in_its_place_and_in_no_other(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    index = data.draw(st.integers(0, size - 1))
    root = root_of(hashes)
    proof = inclusion_proof(lambda first, width: below(hashes, first, width), index, size)
    assert includes(hashes[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1))
    if other != index:
        assert not includes(hashes[other], index, size, proof, root)
        assert not includes(hashes[index], other, size, proof, root)
    if proof:
        assert not includes(hashes[index], index, size, proof[:-1], root)
        assert not includes(hashes[index], index, size, [hash_leaf(b"evil"), *proof[1:]], root)
    assert not includes(hashes[index], index, size, [*proof, root], root)


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 600), st.data())
def test_every_tree_extends_its_own_beginnings_and_no_others(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    old = data.draw(st.integers(0, size))
    root, old_root = root_of(hashes), root_of(hashes[:old])
    proof = consistency_proof(lambda first, width: below(hashes, first, width), old, size) if old else []
    assert extends(old, old_root, size, root, proof)
    assert not extends(old, hash_leaf(b"another past"), size, root, proof)
    if 0 < old < size:
        assert not extends(old, old_root, size, hash_leaf(b"another present"), proof)
        assert not extends(old, old_root, size, root, proof[:-1])
        assert not extends(old, old_root, size, root, [*proof, root])


@pytest.mark.parametrize("index", [-1, 3, 4])
def test_a_place_outside_the_tree_is_none(index: int) -> None:
    hashes = leaves(3)
    assert not includes(hashes[0], index, 3, [], root_of(hashes))


def test_a_tree_does_not_shrink() -> None:
    hashes = leaves(4)
    assert not extends(4, root_of(hashes), 3, root_of(hashes[:3]), [hashes[0]])
