"""DTLS-SRTP on aiortc's transport, with the decoder taken out: what comes in is handed on as bytes, at once.

The private names touched are pinned by tests/conference/test_dtls_contract.py; aiortc is pinned to 1.16.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pylibsrtp
from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
)

OnBytes = Callable[[bytes], None]
MAX_DATAGRAM = 1500
"""What libsrtp's buffer holds; a path that carries more is no path of the internet."""
HANDSHAKE_QUEUE = 64
"""Datagrams that may wait for the handshake: a ClientHello can overtake the answer that carries its fingerprint."""


class DatagramLine:
    """What RTCDtlsTransport needs of an ICE transport: a queue in, a send function out."""

    role = "controlled"

    def __init__(self, send: OnBytes) -> None:
        self._out = send
        self._in: asyncio.Queue[bytes | None] = asyncio.Queue(HANDSHAKE_QUEUE)

    def push(self, data: bytes) -> None:
        """Give the handshake a datagram; above the bound it is dropped, and DTLS sends again."""
        if not self._in.full():
            self._in.put_nowait(data)

    def end(self) -> None:
        """Wake the reader for the last time."""
        if self._in.full():
            self._in.get_nowait()
        self._in.put_nowait(None)

    async def _recv(self) -> bytes:
        data = await self._in.get()
        if data is None:
            raise ConnectionError("the line was closed")
        return data

    async def _send(self, data: bytes) -> None:
        self._out(data)


class ForwarderDtls(RTCDtlsTransport):
    """One DTLS association whose SRTP is protected and unprotected synchronously, without packet objects."""

    def __init__(
        self, line: DatagramLine, certificate: RTCCertificate, *, role: str, on_rtp: OnBytes, on_rtcp: OnBytes
    ) -> None:
        super().__init__(line, [certificate])  # type: ignore[arg-type]  # duck-typed: _recv, _send and role only
        self._set_role(role)
        self._on_rtp = on_rtp
        self._on_rtcp = on_rtcp

    @property
    def connected(self) -> bool:
        return self.state == "connected"

    async def handshake(self, algorithm: str, fingerprint: str) -> bool:
        """Shake hands and check the peer's certificate against its signalled fingerprint; False when either fails."""
        await self.start(RTCDtlsParameters(fingerprints=[RTCDtlsFingerprint(algorithm, fingerprint)]))
        return self.connected

    async def _handle_rtp_data(self, data: bytes, arrival_time_ms: int) -> None:
        self._on_rtp(data)

    async def _handle_rtcp_data(self, data: bytes) -> None:
        self._on_rtcp(data)

    def receive(self, data: bytes) -> bool:
        """Unprotect one SRTP or SRTCP datagram and hand it on; False if it is not from this association."""
        if not self.connected or not 12 <= len(data) <= MAX_DATAGRAM:
            return False
        is_rtcp = 192 <= data[1] <= 223
        try:
            plain = self._rx_srtp.unprotect_rtcp(data) if is_rtcp else self._rx_srtp.unprotect(data)
        except pylibsrtp.Error:
            return False
        (self._on_rtcp if is_rtcp else self._on_rtp)(plain)
        return True

    def protect_rtp(self, packet: bytes) -> bytes | None:
        """The SRTP datagram for this association, or None before the handshake or when libsrtp refuses."""
        if not self.connected:
            return None
        try:
            sealed: bytes = self._tx_srtp.protect(packet)
        except (pylibsrtp.Error, ValueError):
            return None
        return sealed

    def protect_rtcp(self, packet: bytes) -> bytes | None:
        if not self.connected:
            return None
        try:
            sealed: bytes = self._tx_srtp.protect_rtcp(packet)
        except (pylibsrtp.Error, ValueError):
            return None
        return sealed


def sha256_fingerprint(certificate: RTCCertificate) -> str:
    """The fingerprint as SDP writes it: upper-case hexadecimal with colons."""
    return next(f.value for f in certificate.getFingerprints() if f.algorithm == "sha-256")
