"""The private names of aiortc that the forwarder stands on: a new aiortc must pass this before it is taken."""

from __future__ import annotations

import asyncio
import inspect

import aiortc
from aiortc.rtcdtlstransport import RTCDtlsTransport

from conference.media.dtls import DatagramLine, ForwarderDtls
from tests.conference.peer import CERTIFICATE


def test_it_is_the_pinned_version() -> None:
    assert aiortc.__version__.startswith("1.16.")


def test_the_hooks_are_called_where_we_replace_them() -> None:
    receive = inspect.getsource(RTCDtlsTransport._recv_next)
    assert "self._handle_rtp_data(data, arrival_time_ms=" in receive
    assert "self._handle_rtcp_data(data)" in receive
    assert "self.transport._recv()" in receive
    assert "self.transport._send(data)" in inspect.getsource(RTCDtlsTransport._write_ssl)


async def test_two_ends_shake_hands_and_carry_media_both_ways() -> None:
    got: list[bytes] = []

    def make(role: str, send_to: list[DatagramLine]) -> tuple[ForwarderDtls, DatagramLine]:
        line = DatagramLine(lambda data: send_to[0].push(data))
        return ForwarderDtls(line, CERTIFICATE, role=role, on_rtp=got.append, on_rtcp=got.append), line

    to_server: list[DatagramLine] = []
    to_client: list[DatagramLine] = []
    server, server_line = make("server", to_client)
    client, client_line = make("client", to_server)
    to_server.append(server_line)
    to_client.append(client_line)
    own = CERTIFICATE.getFingerprints()[0]
    shaken = await asyncio.wait_for(
        asyncio.gather(server.handshake("sha-256", own.value), client.handshake("sha-256", own.value)), 10
    )
    assert all(shaken)
    packet = bytes([0x80, 111]) + bytes(10) + b"sound"
    sealed = client.protect_rtp(packet)
    assert sealed is not None
    assert sealed != packet
    assert server.receive(sealed)
    assert not server.receive(sealed[:-1] + b"x"), "a changed packet is refused"
    back = server.protect_rtp(packet)
    assert back is not None
    assert client.receive(back)
    assert got == [packet, packet]
    await server.stop()
    await client.stop()


async def test_a_certificate_that_was_not_signalled_is_refused() -> None:
    lines: list[DatagramLine] = []
    lines.append(DatagramLine(lambda data: lines[1].push(data)))
    lines.append(DatagramLine(lambda data: lines[0].push(data)))
    ends = [
        ForwarderDtls(line, CERTIFICATE, role=role, on_rtp=lambda data: None, on_rtcp=lambda data: None)
        for line, role in zip(lines, ("server", "client"), strict=True)
    ]
    wrong = ":".join(["00"] * 32)
    right = CERTIFICATE.getFingerprints()[0].value
    done = await asyncio.wait_for(
        asyncio.gather(ends[0].handshake("sha-256", wrong), ends[1].handshake("sha-256", right)), 10
    )
    assert done[0] is False
    assert ends[0].protect_rtp(bytes(20)) is None
    await ends[1].stop()
