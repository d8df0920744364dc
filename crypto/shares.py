"""A secret in shares of which some number make it and fewer tell nothing: Shamir's scheme over GF(256).

For ceremonies on a machine without a network: the arithmetic takes the same steps for every value, but Python makes no
promise about time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crypto.encoding import Writer
from crypto.errors import Ct1Error
from crypto.primitives import digest, random_bytes
from crypto.tables import Label

CHECK_BYTES = 8
MOST = 255
Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Share:
    """One point of each byte's polynomial: `index` from 1 is x, `points` are the values there.

    `of` names what the secret belongs to, 32 bytes; `check` finds a slip of the pen, and no forger: whoever joins must
    compare the secret with something public.
    """

    of: bytes
    threshold: int
    index: int
    points: bytes
    check: bytes

    def verify(self) -> None:
        """Raises E_SHARE when the share is not as it was written down."""
        if self.check != _check(self.of, self.threshold, self.index, self.points):
            raise Ct1Error("E_SHARE", f"share {self.index} is damaged")


def split(secret: bytes, of: bytes, *, shares: int, threshold: int, rng: Random = random_bytes) -> list[Share]:
    """`shares` shares of which any `threshold` make the secret; raises E_SHARE for numbers that make no sense."""
    if not 2 <= threshold <= shares <= MOST:
        raise Ct1Error("E_SHARE", "at least two shares are needed, and no more than there are")
    # One random coefficient a byte and degree: with fewer points every secret is equally likely.
    higher = [rng(len(secret)) for _ in range(threshold - 1)]
    made = []
    for index in range(1, shares + 1):
        points = bytes(_value([secret[at], *(row[at] for row in higher)], index) for at in range(len(secret)))
        made.append(Share(of, threshold, index, points, _check(of, threshold, index, points)))
    return made


def join(shares: Sequence[Share]) -> bytes:
    """The secret of as many shares as it takes; E_SHARE for too few, one twice, a damaged one, or of two secrets.

    The caller compares what comes out with what the secret should open: a forged share makes another secret.
    """
    if not shares:
        raise Ct1Error("E_SHARE", "no shares")
    for one in shares:
        one.verify()
    first = shares[0]
    if any(
        (one.of, one.threshold, len(one.points)) != (first.of, first.threshold, len(first.points)) for one in shares
    ):
        raise Ct1Error("E_SHARE", "the shares are of different secrets")
    at = [one.index for one in shares]
    if len(set(at)) != len(at) or not all(1 <= one <= MOST for one in at):
        raise Ct1Error("E_SHARE", "one share twice is one share")
    if len(shares) < first.threshold:
        raise Ct1Error("E_SHARE", f"{first.threshold} shares are needed, {len(shares)} are here")
    weights = _weights(at)
    return bytes(_sum(weights, column) for column in zip(*(one.points for one in shares), strict=True))


def _check(of: bytes, threshold: int, index: int, points: bytes) -> bytes:
    body = Writer().fixed(of, 32).u8(threshold).u8(index).v16(points).done()
    return digest(Label.SHARE, body)[:CHECK_BYTES]


def _times(one: int, other: int) -> int:
    """The product in GF(256) of AES (x⁸ + x⁴ + x³ + x + 1)."""
    product = 0
    for bit in range(8):
        product ^= one * (other >> bit & 1)
        one = (one << 1) ^ 0x11B * (one >> 7)
    return product


def _inverse(one: int) -> int:
    """one²⁵⁴, which is its inverse."""
    result = 1
    for bit in range(8):
        result = _times(result, _times(result, one)) if 254 >> (7 - bit) & 1 else _times(result, result)
    return result


def _value(coefficients: Sequence[int], x: int) -> int:
    value = 0
    for one in reversed(coefficients):
        value = _times(value, x) ^ one
    return value


def _weights(xs: Sequence[int]) -> list[int]:
    """By how much each point counts at zero in the one polynomial through them (Lagrange)."""
    weights = []
    for at in xs:
        weight = 1
        for other in xs:
            if other != at:
                weight = _times(weight, _times(other, _inverse(other ^ at)))
        weights.append(weight)
    return weights


def _sum(weights: Sequence[int], ys: Sequence[int]) -> int:
    total = 0
    for weight, y in zip(weights, ys, strict=True):
        total ^= _times(weight, y)
    return total
