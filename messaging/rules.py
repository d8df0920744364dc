"""What may be posted, what a member may be given, and how marks merge: decisions without database or clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from wire.messaging import MessagingCode

MARK_LIMIT = 500
"""A mark keeps so many failures at most, the newest: a device that can open nothing must not fill the table."""

MOVES_KEPT = 30
"""So many of the newest times of reading are kept: who asks when something was read, asks it of what is recent."""


class Refusal(NamedTuple):
    """Why a post is refused: a stable code and what the person's client does about it."""

    code: str
    message: str


@dataclass(frozen=True)
class Claim:
    """What a message's signed header says of the thread it was written in."""

    epoch: int
    log_seq: int
    ctr: int


@dataclass(frozen=True)
class Standing:
    """Where the thread stands in the transaction that would insert.

    `owed`: consent in force that the log does not carry. `rotate`: the epoch's recipients are not exactly those
    who may be sealed to now. `agrees`: the log has the entry the claim cites, with that hash.
    """

    epoch: int
    fence: int
    closed: bool
    owed: bool
    rotate: bool
    agrees: bool
    last_ctr: int


def refusal_of(claim: Claim, standing: Standing) -> Refusal | None:
    """The first reason to refuse a post, or None; the order is docs/protocol.md's and tests rely on it.

    The consent that is owed comes first: a client that rotated before it appended would have to rotate again.
    """
    code = MessagingCode
    if standing.closed:
        return Refusal("E_SCOPE", "This thread is closed.")
    if standing.owed:
        return Refusal(code.LOG_BEHIND, "Consent has changed: the thread's log must say so first.")
    if standing.epoch == 0:
        return Refusal("E_NO_EPOCH", "The thread has no key yet.")
    if not standing.agrees:
        return Refusal("E_LOG_FORK", "The message was written against another log than this thread's.")
    if claim.epoch != standing.epoch or claim.log_seq < standing.fence:
        return Refusal(code.STALE_EPOCH, "Who may read has changed: seal the message again under the current key.")
    if standing.rotate:
        return Refusal(code.ROTATE_REQUIRED, "Who may read has changed: the thread needs a new key first.")
    if claim.ctr <= standing.last_ctr:
        return Refusal("E_REPLAY", "This device has already used that counter: seal the message with the next one.")
    return None


class Marks(NamedTuple):
    """A member's marks: maxima and sets, so that merging is idempotent, commutative and associative."""

    delivered: int
    read: int
    failed: Mapping[int, str]
    healed: frozenset[int]
    moves: tuple[tuple[int, int], ...] = ()
    """(read, ms) for the newest moves of the read mark; the server's clock writes them, and no device."""

    def open_failures(self) -> dict[int, str]:
        """The messages that still could not be opened, by seq."""
        return {seq: code for seq, code in sorted(self.failed.items()) if seq not in self.healed}


def merge_marks(one: Marks, other: Marks, head: int) -> Marks:
    """Both together, cut at the thread's head: a mark beyond it would count messages that do not exist."""
    failed = {seq: max(one.failed.get(seq, ""), other.failed.get(seq, "")) for seq in {*one.failed, *other.failed}}
    newest = sorted(seq for seq in failed if 0 < seq <= head)[-MARK_LIMIT:]
    healed = sorted(seq for seq in one.healed | other.healed if 0 < seq <= head)[-MARK_LIMIT:]
    return Marks(
        delivered=min(max(one.delivered, other.delivered), head),
        read=min(max(one.read, other.read), head),
        failed={seq: failed[seq] for seq in newest},
        healed=frozenset(healed),
        moves=tuple(sorted({*one.moves, *other.moves}))[-MOVES_KEPT:],
    )
