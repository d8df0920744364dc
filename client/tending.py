"""What a log owes, decided without a server: consent first, then members, then the epoch, then their history."""

from __future__ import annotations

from contextlib import suppress

from client.log import Batch
from crypto.directives import Signer
from crypto.emergency import EmergencyReader
from crypto.entries import MemberAdd, MemberRemove, Signed
from crypto.errors import Ct1Error
from crypto.keys import Identity
from crypto.log import ThreadState
from crypto.state import Member
from crypto.tables import EntryType, EpochReason, RecipientKind, RemoveReason, Role
from wire.messaging import OwedMember, OwedObject, ThreadOwed


def carry_key(batch: Batch, newest: Identity) -> bool:
    """Carries my new key into this thread, as KEY_UPDATE; the epoch that must follow is `tend`'s.

    False where there is nothing to carry. The batch must be written with the key that the log knows, and its directory
    hold the new key's record and certificate; raises Ct1Error E_CERT while nobody has certified it. Not for a reset,
    which no old key has signed: then the others put one out, and a new permission lets one in.
    """
    member = batch.state.members.get(newest.user)
    if member is None or member.fp not in batch.directory.chain(newest.fp):
        return False
    batch.take_up(newest)
    return True


def tend(batch: Batch, newest: Identity, owed: ThreadOwed, epoch_keys: dict[int, bytes]) -> None:
    """Fills the batch with what this person, whose key in use is `newest`, may append; nothing when that is nothing."""
    me = newest.user
    with suppress(Ct1Error):
        # Until somebody certifies it the new key waits, and the old one does its work.
        carry_key(batch, newest)
    for one in owed.objects:
        _carry(batch, one)
    member = batch.state.effective(batch.now_ms).get(me)
    if member is None or member.fp != batch.author.fp:
        return
    if batch.state.leads(member, batch.now_ms):
        _put_out(batch)
        for joining in owed.members:
            _admit(batch, joining)
    keys = dict(epoch_keys)
    if batch.state.needs_rotation(batch.now_ms) or (owed.rotate and batch.state.closing is None):
        reason = _reason(batch.state, batch.now_ms)
        keys[len(batch.state.epochs) + 1] = batch.rotate(reason)
    for other in readers(batch):
        _share(batch, me, other, keys)


def _put_out(batch: Batch) -> None:
    """Members to whom nothing may be sealed: whose key was replaced without its word, or whose certificate has ended.

    Else nobody could send: a key of theirs would be among the readers, and nobody would vouch for it.
    """
    for one in list(batch.state.members.values()):
        if one.acts(batch.now_ms) or one.user == batch.author.user:
            continue
        if batch.directory.was_reset(one.user, one.fp):
            batch.add(MemberRemove(one.user, RemoveReason.KEY_RESET))
        elif not _is_certified(batch, one):
            batch.add(MemberRemove(one.user, RemoveReason.POST_ENDED))


def _is_certified(batch: Batch, member: Member) -> bool:
    try:
        batch.directory.certificate(member.fp, member.user, member.role, batch.state.roots, batch.now_ms)
    except Ct1Error:
        return False
    return True


def readers(batch: Batch) -> list[Member | EmergencyReader]:
    """Everybody who may be given keys now."""
    state, now = batch.state, batch.now_ms
    return [*state.effective(now).values(), *state.emergency_readers(now)]


_ENTRIES = {
    "directive": EntryType.DIRECTIVE,
    "revoke": EntryType.REVOKE,
    "authority": EntryType.AUTHORITY_CHANGE,
}


def _carry(batch: Batch, one: OwedObject) -> None:
    with suppress(Ct1Error):
        # What the log refuses binds the server alone; it must not keep the rest out.
        batch.carry(_ENTRIES[one.kind], Signed(one.body, tuple(Signer(each.fp, each.sig) for each in one.signatures)))


def _admit(batch: Batch, joining: OwedMember) -> None:
    """Admits under the directive, with exactly the history that it gives."""
    directive = batch.state.directives.get(joining.directive)
    if directive is None or joining.keys.user in batch.state.members:
        return
    floor = batch.state.history_floor(directive, joining.keys.user)
    with suppress(Ct1Error):
        # One invitation that the log does not bear, a witness's under what they witnessed say, holds up no other.
        batch.add(MemberAdd(joining.keys.user, joining.fp, Role(joining.role), joining.directive, floor))


def _reason(state: ThreadState, now_ms: int) -> EpochReason:
    if state.epoch is None:
        return EpochReason.FIRST
    before, after = set(state.epoch.recipients), set(state.recipients(now_ms))
    if any(kind == RecipientKind.EMERGENCY for kind, _, _ in after - before):
        return EpochReason.EMERGENCY
    if after - before:
        return EpochReason.MEMBER_ADDED
    return EpochReason.MEMBER_REMOVED if before - after else EpochReason.AGE


def _share(batch: Batch, me: bytes, member: Member | EmergencyReader, keys: dict[int, bytes]) -> None:
    """Gives a reader the run of earlier epochs that consent gives, the reader lacks and I hold."""
    if member.user == me:
        return
    state = batch.state
    first = state.share_floor(member, batch.now_ms)
    # To whom a key that is lost was sealed, nothing was given: a reset leaves the person and takes what they held.
    theirs = {member.fp, *batch.directory.chain(member.fp)}
    lacked = [number for number in range(first, len(state.epochs) + 1) if not state.holds(member.user, number, theirs)]
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
