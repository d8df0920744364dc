"""A Merkle tree over leaf hashes: roots, proofs and their verification (RFC 6962 section 2.1, RFC 9162 section 2.1).

Hashes are 32 bytes of SHA-256; `leaf` always means a leaf's hash, made with `hash_leaf`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

Subtree = Callable[[int, int], bytes]
"""(first leaf, size) -> hash of a perfect subtree: size is a power of two and divides first."""


def hash_leaf(data: bytes) -> bytes:
    """The hash of an entry; the prefix keeps an inner node from passing for one."""
    return hashlib.sha256(b"\x00" + data).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


EMPTY = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""


@dataclass
class Frontier:
    """A tree that only grows: the hashes of its perfect subtrees, the widest first; a leaf costs about one hash."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        hashed, size = leaf, self.size
        while size & 1:
            hashed = hash_node(self.peaks.pop(), hashed)
            size >>= 1
        self.peaks.append(hashed)
        self.size += 1

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY
        hashed = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            hashed = hash_node(peak, hashed)
        return hashed


def root_of(leaves: Iterable[bytes]) -> bytes:
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def perfect(leaves: Sequence[bytes]) -> bytes:
    """The hash of a perfect subtree over a power of two of hashes."""
    level = list(leaves)
    while len(level) > 1:
        level = [hash_node(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def _split(size: int) -> int:
    """The largest power of two below a size of at least two."""
    return 1 << (size - 1).bit_length() - 1


def range_hash(subtree: Subtree, first: int, size: int) -> bytes:
    """The hash of `size` leaves from `first` on, ragged on the right; all powers it splits to divide `first`."""
    if size & (size - 1) == 0:
        return subtree(first, size)
    left = _split(size)
    return hash_node(subtree(first, left), range_hash(subtree, first + left, size - left))


def inclusion_proof(subtree: Subtree, index: int, size: int) -> list[bytes]:
    """PATH(index, D[size]), from the leaf's sibling up."""
    proof: list[bytes] = []
    first, width = 0, size
    while width > 1:
        left = _split(width)
        if index - first < left:
            proof.append(range_hash(subtree, first + left, width - left))
            width = left
        else:
            proof.append(subtree(first, left))
            first, width = first + left, width - left
    return proof[::-1]


def consistency_proof(subtree: Subtree, old: int, size: int) -> list[bytes]:
    """PROOF(old, D[size]) for 0 < old <= size."""
    proof: list[bytes] = []
    first, width, rest, whole = 0, size, old, True
    while rest != width:
        left = _split(width)
        if rest <= left:
            proof.append(range_hash(subtree, first + left, width - left))
            width = left
        else:
            proof.append(subtree(first, left))
            first, width, rest, whole = first + left, width - left, rest - left, False
    if not whole:
        proof.append(range_hash(subtree, first, width))
    return proof[::-1]


def includes(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether a proof puts this leaf at this place of the tree (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, hashed = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if place & 1 or place == last:
            hashed = hash_node(step, hashed)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hashed = hash_node(hashed, step)
        place, last = place >> 1, last >> 1
    return last == 0 and hashed == root


def extends(old: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the larger tree begins with the smaller one (RFC 9162 section 2.1.4.2); the empty one begins all."""
    if old == 0:
        return old_root == EMPTY and not proof
    if old == size:
        return old_root == root and not proof
    if not 0 < old < size or not proof:
        return False
    steps = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = hash_node(step, first), hash_node(step, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = hash_node(second, step)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == root
