"""A device is told things in order, after its welcome, without being waited for."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode
from websockets.protocol import CLIENT, Protocol

from live import outlet as outlets
from live.hub import Hub
from live.outlet import Outlet
from live.ready import BINARY, TEXT, Ready, websocket_frame


class Raw:
    """A socket that takes so much before it is full."""

    def __init__(self) -> None:
        self.on_binary = None
        self.written: list[bytes] = []
        self.buffered = 0

    def write_frame(self, frame: bytes) -> int:
        self.written.append(frame)
        return self.buffered

    def cut(self, code: int) -> None:
        raise AssertionError("the outlet tells its owner")


class Owner:
    def __init__(self, raw: Raw | None) -> None:
        scope: dict[str, Any] = {"extensions": {"consilium.raw": raw}} if raw else {}
        self.sent: list[str | bytes] = []
        self.cuts = 0
        self.gate, self.third = asyncio.Event(), asyncio.Event()
        self.outlet = Outlet(scope, self._send, self._cut)

    async def _send(self, ready: Ready) -> None:
        await self.gate.wait()
        self.sent.append(ready.plain(binary=self.outlet.binary))
        if len(self.sent) == 3:
            self.third.set()

    def _cut(self) -> None:
        self.cuts += 1


async def test_what_comes_before_the_welcome_follows_it_in_order() -> None:
    raw = Raw()
    one = Owner(raw).outlet
    for word in "ab":
        one.write(Ready(word))
    assert raw.written == []
    one.open()
    one.write(Ready("c"))
    assert raw.written == [websocket_frame(TEXT, word.encode()) for word in "abc"]


async def test_a_device_gets_the_form_that_it_asked_for() -> None:
    raw = Raw()
    one = Owner(raw).outlet
    one.open()
    both = Ready("text", b"binary")
    one.write(both)
    one.binary = True
    one.write(both)
    one.write(Ready("only text"))
    forms = [(TEXT, b"text"), (BINARY, b"binary"), (TEXT, b"only text")]
    assert raw.written == [websocket_frame(opcode, payload) for opcode, payload in forms]


async def test_a_device_that_does_not_keep_up_is_cut_once_and_told_nothing_more() -> None:
    raw = Raw()
    owner = Owner(raw)
    owner.outlet.open()
    raw.buffered = outlets.BUFFERED + 1
    owner.outlet.write(Ready("a"))
    owner.outlet.write(Ready("b"))
    assert (owner.cuts, len(raw.written)) == (1, 1)


async def test_a_server_without_the_short_cut_serves_in_order_and_cuts_who_is_slow() -> None:
    owner = Owner(None)
    owner.outlet.open()
    for number in range(3):
        owner.outlet.write(Ready(str(number)))
    owner.gate.set()
    await asyncio.wait_for(owner.third.wait(), 5)
    assert owner.sent == ["0", "1", "2"]
    owner.gate.clear()
    for number in range(outlets.QUEUED + 2):
        owner.outlet.write(Ready(str(number)))
    assert owner.cuts == 1


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65_535, 65_536, 71_100])
@given(data=st.data())
def test_a_frame_is_read_by_a_client_of_another_make(size: int, data: st.DataObject) -> None:
    payload = data.draw(st.binary(min_size=min(size, 64), max_size=min(size, 64))).ljust(size, b"x")
    client = Protocol(CLIENT, max_size=1_000_000)
    client.receive_data(websocket_frame(BINARY, payload))
    [frame] = client.events_received()
    assert isinstance(frame, Frame)
    assert (frame.opcode, frame.data, frame.fin) == (Opcode.BINARY, payload, True)


async def test_everybody_who_is_meant_is_told_and_nobody_else() -> None:
    hub, elena, samuel = Hub(), uuid4(), uuid4()
    raws = [Raw(), Raw(), Raw()]
    for person, raw in zip((elena, elena, samuel), raws, strict=True):
        one = Owner(raw).outlet
        one.open()
        hub.join(person, one)
    hub.deliver([elena, uuid4()], Ready("word"))
    assert [len(raw.written) for raw in raws] == [1, 1, 0]
    assert set(hub.people()) == {elena, samuel}
