"""What two people compare to be sure of each other's keys, and all members of one thread (docs/protocol.md 3.9)."""

from __future__ import annotations

from collections.abc import Iterable

from crypto.encoding import Writer
from crypto.errors import Ct1Error
from crypto.primitives import digest
from crypto.tables import WORDS, Label

DIGITS, GROUP, PHRASE_WORDS, WORD_BITS = 60, 5, 6, 10
QR_PREFIX = b"CT1\x01"


def safety_number(one: tuple[bytes, bytes], other: tuple[bytes, bytes]) -> str:
    """Sixty digits in twelve groups, the same on both sides; each side is (fp, fp of the root that certifies it)."""
    low, high = sorted(Writer().fixed(fp, 32).fixed(root, 32).done() for fp, root in (one, other))
    number = int.from_bytes(digest(Label.SAFETY, low + high), "big") % 10**DIGITS
    digits = f"{number:0{DIGITS}d}"
    return " ".join(digits[at : at + GROUP] for at in range(0, DIGITS, GROUP))


def thread_phrase(thread_id: bytes, head: bytes, member_fps: Iterable[bytes], comp_fp: bytes = b"") -> str:
    """Six words that everybody who sees the same log, and the same members, reads alike."""
    data = thread_id + head + b"".join(sorted(member_fps)) + comp_fp
    number = int.from_bytes(digest(Label.THREAD_FP, data), "big")
    words = (WORDS[number >> 256 - WORD_BITS * (at + 1) & 1023] for at in range(PHRASE_WORDS))
    return " ".join(words)


def qr_payload(mine: bytes, theirs: bytes) -> bytes:
    """What one shows to the other's camera: one's own key, and the other's as one has it."""
    return QR_PREFIX + mine + theirs


def check_qr(payload: bytes, mine: bytes, theirs: bytes) -> None:
    """Raises E_LABEL for another kind of code, E_KEY_CHANGED unless they hold my key and I theirs."""
    if not payload.startswith(QR_PREFIX) or len(payload) != len(QR_PREFIX) + 64:
        raise Ct1Error("E_LABEL", "not a code of this kind")
    if payload != qr_payload(theirs, mine):
        raise Ct1Error("E_KEY_CHANGED", "the keys are not the same on both sides")
