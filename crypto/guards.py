"""What a client owes the others before it sends and when it receives, beside what the log itself checks.

docs/protocol.md 4.3 (order of arrival), 4.4 (before sealing) and 4.5 (calls). All pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crypto.conference import Join, KeyNotice, leads
from crypto.emergency import EmergencyReader
from crypto.errors import Ct1Error
from crypto.messages import Header
from crypto.state import Directory, Member, ThreadState
from crypto.tables import Action


@dataclass(frozen=True)
class Seen:
    """What has arrived of one thread, in the server's order: ids by sender and by device, counters by device."""

    ids: frozenset[tuple[bytes, bytes]] = frozenset()
    counters: Mapping[tuple[bytes, bytes], int] = field(default_factory=dict)

    def then(self, header: Header) -> Seen:
        """After one more message; E_DUP for an id that was there, E_REPLAY for a counter that does not go up."""
        mine = {(header.sender, header.msg_id), (header.device, header.msg_id)}
        if mine & self.ids:
            raise Ct1Error("E_DUP", "a message with this id has arrived before")
        source = (header.sender, header.device)
        if header.ctr <= self.counters.get(source, -1):
            raise Ct1Error("E_REPLAY", "the device has counted further than this")
        return Seen(self.ids | mine, {**self.counters, source: header.ctr})


def require_may_send(
    state: ThreadState, directory: Directory, user: bytes, now_ms: int, *, sent_in_epoch: int = 0
) -> None:
    """Raises unless `user` may seal a message now: E_NOT_MEMBER, E_SCOPE, E_KEY_CHANGED, …, E_CERT.

    Rotate before sending: whoever finds that the readers have changed makes the new epoch, so that a withdrawn member
    reads nothing that is written after somebody has seen the withdrawal.
    """
    member = state.members.get(user)
    if member is None:
        raise Ct1Error("E_NOT_MEMBER", "the sender is no member")
    if not (state.may(member, Action.READ, now_ms) and state.may(member, Action.POST, now_ms)):
        raise Ct1Error("E_SCOPE", "consent does not let the sender write")
    if state.closing is not None:
        raise Ct1Error("E_SCOPE", "the thread is closed")
    readers: list[Member | EmergencyReader] = [*state.effective(now_ms).values(), *state.emergency_readers(now_ms)]
    if any(directory.was_reset(reader.user, reader.fp) for reader in readers):
        # A hard stop: whose key was replaced without the old one's word may be somebody else by now.
        raise Ct1Error("E_KEY_CHANGED", "the key of somebody who reads here was replaced")
    if directory.was_continued(member.fp):
        raise Ct1Error("E_ROTATE_REQUIRED", "the sender has a newer key, which the log must say first")
    if state.epoch is None:
        raise Ct1Error("E_NO_EPOCH", "there is no key to write under")
    if state.needs_rotation(now_ms) or sent_in_epoch >= state.policy.epoch_max_msgs:
        raise Ct1Error("E_ROTATE_REQUIRED", "the epoch is not for exactly those who may read, or is worn out")
    for reader in readers:
        directory.certificate(reader.fp, reader.user, reader.role, state.roots, now_ms)


def check_join(join: Join, state: ThreadState, now_ms: int) -> None:
    """A verified join may be given the call's key: E_NOT_MEMBER, E_LOG_BEHIND, E_SCOPE."""
    member = state.members.get(join.user)
    if member is None or member.fp != join.fp:
        raise Ct1Error("E_NOT_MEMBER", "who joins is no member of the thread")
    if join.log_head not in state.hashes:
        raise Ct1Error("E_LOG_BEHIND", "who joins has seen another log, or a longer one")
    if not (state.may(member, Action.READ, now_ms) and state.may(member, Action.JOIN, now_ms)):
        raise Ct1Error("E_SCOPE", "consent does not let this person join")


def check_notice(notice: KeyNotice, present: Sequence[Join], last_n: int) -> None:
    """A verified notice is by the leader of those present, for exactly them, and that leader's next: E_CONF.

    `last_n` is the last number taken from this leader and from no other: leaders count by their own clocks.
    """
    if notice.n <= last_n:
        raise Ct1Error("E_CONF", "a call key of the past")
    if not present or leads(present).rank != notice.leader_fp + notice.leader_device:
        raise Ct1Error("E_CONF", "not from the key leader")
    if notice.ranks != tuple(sorted(join.rank for join in present)):
        raise Ct1Error("E_CONF", "the key was sealed to others than those present")
