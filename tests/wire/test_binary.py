"""The binary frames, byte for byte: the same three as in frontend/src/live/binary.test.ts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.binary import decode, encode_ack, encode_new, encode_post
from wire.messaging import MessageAck, MessageNew, MessagePost

ID, THREAD, SENDER, WIRE = b"\xa1" * 16, b"\xb2" * 32, b"\xd4" * 16, b"\xc3" * 300
SEQ, AT = 7, 1_700_000_000_000
POST = b"\x01" + ID + THREAD + WIRE
ACK = b"\x02" + ID + THREAD + bytes.fromhex("0000000000000007") + bytes.fromhex("0000018bcfe5680001")
NEW = b"\x03" + THREAD + bytes.fromhex("00000000000000070000018bcfe56800") + SENDER + bytes.fromhex("00000009") + WIRE


def test_it_works() -> None:
    post = MessagePost(id=ID, thread=THREAD, wire=WIRE)
    ack = MessageAck(re=ID, thread=THREAD, msg_id=ID, seq=SEQ, at=AT, dup=True)
    new = MessageNew(thread=THREAD, seq=SEQ, sender=SENDER, epoch=9, wire=WIRE, at=AT)
    assert (encode_post(post), encode_ack(ack), encode_new(THREAD, SEQ, AT, SENDER, 9, WIRE)) == (POST, ACK, NEW)
    assert [decode(raw) for raw in (POST, ACK, NEW)] == [post, ack, new]


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x09" + bytes(99), POST[:49], ACK[:-1], ACK + b"\0", NEW[:60]])
def test_anything_else_is_a_value_error(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"not a binary frame|validation error"):
        decode(raw)


@given(st.binary(max_size=400))
def test_noise_is_a_frame_or_a_value_error(raw: bytes) -> None:
    try:
        decode(raw)
    except ValueError:
        return
    assert raw[0] in (1, 2, 3)
