"""Carrying a committed message to the sockets of those who may read it, here and in the other processes.

For whom it is was decided in the transaction that wrote it, under a consent epoch that could not rise before its
commit. Here it is only asked whether this process has heard of a later epoch since: then nobody gets it pushed, and
who still may read it finds it by the heads of the next heartbeat.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from live.bus import bus
from live.hub import hub
from live.ready import Ready
from messaging.permits import permits
from wire.binary import decode
from wire.messaging import MessageNew

_HEAD = struct.Struct("!16sQH")
ID_BYTES = 16


@dataclass(frozen=True)
class Delivery:
    """A message that is durable, for whom it is, and the consent epoch of the patient under which that was decided."""

    patient: UUID
    consent_epoch: int
    readers: tuple[UUID, ...]
    frame: bytes
    """`message.new` in its binary form."""


def deliver(deliveries: Iterable[Delivery]) -> None:
    """Writes committed messages to the sockets of this process and tells the others; on the event loop."""
    others = bus()
    for one in deliveries:
        _deliver_here(one)
        if others is not None:
            others.tell(pack(one))


def hear(word: bytes) -> None:
    """A message that another process has committed; raises ValueError for what is none."""
    _deliver_here(unpack(word))


def _deliver_here(one: Delivery) -> None:
    if permits.has_moved(one.patient, one.consent_epoch):
        return
    hub.deliver(one.readers, Ready(lambda: _text(one.frame), one.frame))


def _text(frame: bytes) -> str:
    made = decode(frame)
    assert isinstance(made, MessageNew)
    return made.model_dump_json()


def pack(one: Delivery) -> bytes:
    """For the other processes: patient[16] ‖ consent epoch u64 ‖ readers u16 ‖ user[16] each ‖ frame."""
    head = _HEAD.pack(one.patient.bytes, one.consent_epoch, len(one.readers))
    return b"".join((head, *(reader.bytes for reader in one.readers), one.frame))


def unpack(word: bytes) -> Delivery:
    """What `pack` packed; raises ValueError for anything else."""
    try:
        patient, epoch, count = _HEAD.unpack_from(word)
    except struct.error as error:
        raise ValueError("not a delivery") from error
    end = _HEAD.size + count * ID_BYTES
    if len(word) <= end:
        raise ValueError("not a delivery")
    readers = tuple(UUID(bytes=word[at : at + ID_BYTES]) for at in range(_HEAD.size, end, ID_BYTES))
    return Delivery(UUID(bytes=patient), epoch, readers, word[end:])
