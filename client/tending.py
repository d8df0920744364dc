"""What a log owes, decided without a server: consent first, then members, then the epoch, then their history."""

from __future__ import annotations

from client.log import Batch
from crypto.directives import Signer
from crypto.entries import MemberAdd, Signed
from crypto.log import ThreadState
from crypto.state import Member
from crypto.tables import EntryType, EpochReason, Role
from wire.messaging import OwedMember, OwedObject, ThreadOwed


def tend(batch: Batch, me: bytes, owed: ThreadOwed, epoch_keys: dict[int, bytes]) -> None:
    """Fills the batch with what this person may append; nothing when they may append nothing."""
    for one in owed.objects:
        _carry(batch, one)
    if me not in batch.state.effective(batch.now_ms):
        return
    member = batch.state.members[me]
    if batch.state.leads(member, batch.now_ms):
        for joining in owed.members:
            _admit(batch, joining)
    keys = dict(epoch_keys)
    if batch.state.needs_rotation(batch.now_ms):
        reason = _reason(batch.state, batch.now_ms)
        keys[len(batch.state.epochs) + 1] = batch.rotate(reason)
    for other in list(batch.state.effective(batch.now_ms).values()):
        _share(batch, me, other, keys)


_ENTRIES = {
    "directive": EntryType.DIRECTIVE,
    "revoke": EntryType.REVOKE,
    "authority": EntryType.AUTHORITY_CHANGE,
}


def _carry(batch: Batch, one: OwedObject) -> None:
    batch.carry(_ENTRIES[one.kind], Signed(one.body, tuple(Signer(each.fp, each.sig) for each in one.signatures)))


def _admit(batch: Batch, joining: OwedMember) -> None:
    """Admits under the directive, with exactly the history that it gives."""
    directive = batch.state.directives.get(joining.directive)
    if directive is None or joining.keys.user in batch.state.members:
        return
    floor = batch.state.history_floor(directive, joining.keys.user)
    batch.add(MemberAdd(joining.keys.user, joining.fp, Role(joining.role), joining.directive, floor))


def _reason(state: ThreadState, now_ms: int) -> EpochReason:
    if state.epoch is None:
        return EpochReason.FIRST
    before, after = set(state.epoch.recipients), set(state.recipients(now_ms))
    if after - before:
        return EpochReason.MEMBER_ADDED
    return EpochReason.MEMBER_REMOVED if before - after else EpochReason.AGE


def _share(batch: Batch, me: bytes, member: Member, keys: dict[int, bytes]) -> None:
    """Gives a member the run of earlier epochs that consent gives, the member lacks and I hold."""
    if member.user == me:
        return
    state = batch.state
    first = state.share_floor(member, batch.now_ms)
    lacked = [number for number in range(first, len(state.epochs) + 1) if not state.holds(member.user, number)]
    run: dict[int, bytes] = {}
    for number in lacked:
        if number not in keys or not state.holds(me, number):
            continue
        if run and number != max(run) + 1:
            batch.share(member.user, member.fp, run)
            run = {}
        run[number] = keys[number]
    if run:
        batch.share(member.user, member.fp, run)
