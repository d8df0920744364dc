"""An export of a thread: verified from genesis to the last message, and only then opened with the compliance key."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from client.custody import CustodianShare
from client.log import directory_of
from crypto import log as ct1
from crypto.compliance import NO_KEY, NOBODY, export_hash
from crypto.entries import SignedEntry
from crypto.errors import Ct1Error
from crypto.guards import Seen
from crypto.log import Directory, ThreadState
from crypto.messages import NO_SEEN, SealedMessage, check_place, parse_wire
from crypto.opening import open_message, open_sealed_key
from wire.records import OpenedMessage, RecordsExport


@dataclass(frozen=True)
class Placed:
    """A message that stands where it says; `gap` when it cites one that is not in the thread."""

    seq: int
    at: int
    sealed: SealedMessage
    gap: bool


@dataclass(frozen=True)
class VerifiedExport:
    """An export of which everything that is signed has been checked, and nothing is opened."""

    export: RecordsExport
    hash: bytes
    state: ThreadState
    directory: Directory
    messages: tuple[Placed, ...]
    names: dict[bytes, str] = field(default_factory=dict)

    def key_of(self, shares: Sequence[CustodianShare]) -> bytes:
        """Which of the thread's compliance keys these are shares of; the newest where they are of none."""
        keys = self.state.policy.keys
        return next((one for one in keys if shares and one == shares[0].box_pk), keys[-1])


def verify_export(raw: bytes, root_pks: list[bytes], now_ms: int) -> VerifiedExport:
    """The export of a file's bytes; raises Ct1Error with the code of the first thing that does not hold.

    In order: it is read whole (E_ENC); its log is replayed by the rules of every client, with certificates of these
    roots alone (E_LOG_SEQ, E_LOG_PREV, E_SIG, E_CERT, …); it is this thread's (E_THREAD_ID); genesis names a compliance
    key (E_COMPLIANCE); the messages run from 1 to the last without a hole (E_GAP); and each in turn is in its place,
    from whom it says, and there once (4.3, E_DUP, E_REPLAY).
    """
    try:
        export = RecordsExport.model_validate_json(raw)
    except ValidationError as error:
        raise Ct1Error("E_ENC", "the file is not a whole export") from error
    directory = directory_of(export.people, root_pks)
    entries = [SignedEntry(one.body, one.sig) for one in export.entries]
    if not entries:
        raise Ct1Error("E_LOG_SEQ", "the export has no log")
    state = ct1.replay(entries, directory, now_ms)
    if state.thread_id != export.thread:
        raise Ct1Error("E_THREAD_ID", "the log is of another thread")
    if state.genesis.compliance_pk == NO_KEY:
        raise Ct1Error("E_COMPLIANCE", "the thread began without a compliance key")
    if [one.seq for one in export.messages] != list(range(1, export.head + 1)):
        raise Ct1Error("E_GAP", "messages are missing, or not in their order")
    names = {one.user: one.name for one in export.people}
    return VerifiedExport(export, export_hash(raw), state, directory, _placed(export, state, directory), names)


def _placed(export: RecordsExport, state: ThreadState, directory: Directory) -> tuple[Placed, ...]:
    placed, seen, hashes = [], Seen(), {NO_SEEN}
    for one in export.messages:
        sealed = parse_wire(one.wire)
        check_place(sealed, state, directory)
        seen = seen.then(sealed.header)
        placed.append(Placed(one.seq, one.at, sealed, sealed.header.seen not in hashes))
        hashes.add(sealed.hash)
    return tuple(placed)


def open_epochs(verified: VerifiedExport, secret: bytes, left_out: Collection[int] = ()) -> dict[int, bytes]:
    """The key of each epoch but those that are left out by name; E_SEAL_MISSING, E_SEAL, E_SEAL_CTX, E_KEY_COMMIT.

    Of several seals one good one is enough. A member may have sealed rubbish to the compliance key, and then the epoch
    stays shut for ever: whoever opens the rest must say so, and it stands in the record.
    """
    keys = {}
    for epoch in verified.state.epochs:
        if epoch.number not in left_out:
            keys[epoch.number] = _open_epoch(verified, secret, epoch.number)
    return keys


def _open_epoch(verified: VerifiedExport, secret: bytes, number: int) -> bytes:
    refusal = Ct1Error("E_SEAL_MISSING", f"epoch {number} is not sealed to the compliance key")
    commit = verified.state.epoch_numbered(number).start.key_commit
    for seal in verified.export.seals:
        if seal.epoch == number:
            try:
                return open_sealed_key(seal.blob, verified.state.thread_id, number, commit, NOBODY, secret)
            except Ct1Error as error:
                refusal = Ct1Error(error.code, f"epoch {number}: {error}")
    raise refusal


def open_messages(verified: VerifiedExport, keys: dict[int, bytes]) -> list[OpenedMessage]:
    """Every message in order; content that its own sender sealed wrongly, and signed, is a line with the code."""
    return [_opened(verified, one, keys.get(one.sealed.header.epoch)) for one in verified.messages]


def _opened(verified: VerifiedExport, one: Placed, key: bytes | None) -> OpenedMessage:
    header = one.sealed.header
    line = OpenedMessage(
        seq=one.seq,
        at=one.at,
        written=header.ts,
        sender=header.sender,
        sender_name=verified.names.get(header.sender, ""),
        ctype=header.ctype,
        gap=one.gap,
    )
    if key is None:
        return line.model_copy(update={"code": "E_SEAL_MISSING"})
    try:
        body = json.loads(open_message(one.sealed, verified.state, verified.directory, key))
        whole = line.model_copy(update={"body": body if isinstance(body, dict) else {"text": str(body)}})
        # Half a surrogate pair or a thousand brackets cannot be written down: one member would keep all records shut.
        whole.model_dump_json()
    except Ct1Error as error:
        return line.model_copy(update={"code": error.code})
    except (ValueError, RecursionError):
        return line.model_copy(update={"code": "E_ENC"})
    return whole
