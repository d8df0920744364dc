"""The three frames of the message path as bytes: no base64, no JSON, nothing optional (docs/protocol.md 7.2).

A device asks for them in `hello`; whoever does not gets the same frames as text. Integers are big-endian.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from wire.errors import Code, ConsiliumError
from wire.messaging import MAX_WIRE, MessageAck, MessageNew, MessagePost

_POST = struct.Struct("!B16s32s")
_ACK = struct.Struct("!B16s32sQQB")
_NEW = struct.Struct("!B32sQQ16sI")


class Kind(IntEnum):
    """The first byte of a binary frame."""

    POST = 1
    ACK = 2
    NEW = 3


def encode_post(frame: MessagePost) -> bytes:
    """`message.post`: u8 1 ‖ msg_id[16] ‖ thread[32] ‖ wire."""
    return _POST.pack(Kind.POST, frame.id, frame.thread) + frame.wire


def decode_post(raw: bytes) -> tuple[bytes, bytes, bytes]:
    """The msg_id, the thread and the wire of a post; raises ConsiliumError (`bad_frame`)."""
    if not _POST.size < len(raw) <= _POST.size + MAX_WIRE:
        raise ConsiliumError("A post carries a message of a bounded size.", code=Code.BAD_FRAME)
    _, msg_id, thread = _POST.unpack_from(raw)
    return msg_id, thread, raw[_POST.size :]


def encode_ack(frame: MessageAck) -> bytes:
    """`message.ack`: u8 2 ‖ msg_id[16] ‖ thread[32] ‖ seq u64 ‖ at u64 ‖ dup u8."""
    return _ACK.pack(Kind.ACK, frame.msg_id, frame.thread, frame.seq, frame.at, frame.dup)


def encode_new(thread: bytes, seq: int, at: int, sender: bytes, epoch: int, wire: bytes) -> bytes:
    """`message.new`: u8 3 ‖ thread[32] ‖ seq u64 ‖ at u64 ‖ sender[16] ‖ epoch u32 ‖ wire."""
    return _NEW.pack(Kind.NEW, thread, seq, at, sender, epoch) + wire


def decode(raw: bytes) -> MessagePost | MessageAck | MessageNew:
    """The frame that these bytes are; raises ValueError for anything else."""
    kind = raw[0] if raw else 0
    try:
        if kind == Kind.POST:
            msg_id, thread, wire = decode_post(raw)
            return MessagePost(id=msg_id, thread=thread, wire=wire)
        if kind == Kind.ACK:
            _, msg_id, thread, seq, at, dup = _ACK.unpack(raw)
            return MessageAck(re=msg_id, thread=thread, msg_id=msg_id, seq=seq, at=at, dup=bool(dup))
        if kind == Kind.NEW:
            _, thread, seq, at, sender, epoch = _NEW.unpack_from(raw)
            return MessageNew(thread=thread, seq=seq, at=at, sender=sender, epoch=epoch, wire=raw[_NEW.size :])
    except (struct.error, ConsiliumError) as error:
        raise ValueError("not a binary frame") from error
    raise ValueError("not a binary frame")
