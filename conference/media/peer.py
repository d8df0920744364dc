"""One peer connection of a participant: its ICE-lite credentials, its DTLS and the address it speaks from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from aiortc.rtcdtlstransport import RTCCertificate

from conference.media.dtls import DatagramLine, ForwarderDtls
from conference.media.refusals import Refusal
from conference.media.stun import Address, Check, answer_check, new_credentials
from live.bucket import Bucket

CONSENT_TIMEOUT_S = 30.0
"""RFC 7675 section 5.1: without a check for this long, nobody agreed to receive what we send there."""
HANDSHAKE_TIMEOUT_S = 20.0
MAX_ADDRESSES = 8
CLAIM_HELD_S = 10.0
"""How long after its last check an address is its peer's alone. Browsers check every two or three seconds."""
DTLS_RATE, DTLS_BURST = 20.0, 64.0
"""A handshake is some ten datagrams, a closing tab sends one: more is a flood, and each costs a turn of OpenSSL."""


class Port(Protocol):
    """The UDP port that all peers share."""

    def send(self, data: bytes, address: Address) -> None: ...

    def claim(self, address: Address, peer: Peer, now: float) -> bool: ...

    def forget(self, address: Address, peer: Peer) -> None: ...

    def register(self, peer: Peer) -> None: ...

    def release(self, peer: Peer) -> None: ...


class Peer:
    """State of one connection; `on_ready` is called once when DTLS is up, `on_failed` once when it cannot come up,
    `on_hung_up` when the client says goodbye.
    """

    def __init__(
        self,
        port: Port,
        certificate: RTCCertificate,
        *,
        now: float,
        on_rtp: Callable[[bytes], None],
        on_rtcp: Callable[[bytes], None],
        on_ready: Callable[[], None],
        on_failed: Callable[[], None],
        on_hung_up: Callable[[], None],
    ) -> None:
        self.ufrag, self.password = new_credentials()
        self.addresses: list[Address] = []
        self.address: Address | None = None
        self.last_check = now
        self.closed = False
        self._port = port
        self._line = DatagramLine(self.send_raw)
        self._dtls_ration = Bucket(DTLS_RATE, DTLS_BURST, DTLS_BURST, now)
        self._dtls = ForwarderDtls(self._line, certificate, role="server", on_rtp=on_rtp, on_rtcp=on_rtcp)
        self._on_ready, self._on_failed, self._on_hung_up = on_ready, on_failed, on_hung_up
        self._dtls.on("statechange", self._state_changed)
        self._handshake: asyncio.Task[None] | None = None
        self._closing: asyncio.Task[None] | None = None
        port.register(self)

    @property
    def ready(self) -> bool:
        return self._dtls.connected and self.address is not None and not self.closed

    def start(self, fingerprint: tuple[str, str]) -> None:
        """Begin the handshake with the certificate that the answer named; later answers change nothing."""
        if self._handshake is None and not self.closed:
            self._handshake = asyncio.ensure_future(self._shake(*fingerprint))

    async def _shake(self, algorithm: str, digest: str) -> None:
        try:
            done = await asyncio.wait_for(self._dtls.handshake(algorithm, digest), HANDSHAKE_TIMEOUT_S)
        except TimeoutError:
            done = False
        if self.closed:
            return
        (self._on_ready if done else self._on_failed)()

    def _state_changed(self) -> None:
        # A tab that is closed says goodbye in DTLS: the others need not look at a still picture for half a minute.
        if self._dtls.state == "closed" and not self.closed:
            self._on_hung_up()

    def check(self, check: Check, source: Address, now: float) -> bytes | Refusal:
        """Answer a connectivity check and remember where it came from, or refuse it."""
        response = answer_check(check, self.password, source)
        if response is None or self.closed:
            return "check_unsigned"
        if source not in self.addresses:
            # Whoever is in the room could sign a check of their own and put another's address under it.
            if not self._port.claim(source, self, now):
                return "address_taken"
            self._remember(source)
        self.last_check = now
        # The client decides which path is used, and moves it when it roams from one network to another.
        if check.nominated or self.address is None:
            self.address = source
        return response

    def _remember(self, source: Address) -> None:
        if len(self.addresses) >= MAX_ADDRESSES:
            # A telephone on a train has had many; the path in use is none of those to forget.
            oldest = next(address for address in self.addresses if address != self.address)
            self.addresses.remove(oldest)
            self._port.forget(oldest, self)
        self.addresses.append(source)

    def datagram(self, data: bytes, now: float) -> Refusal | None:
        """Take a DTLS or SRTP datagram, or say why it is refused."""
        if data[0] < 64:
            if not self._dtls_ration.take(now):
                return "dtls_flood"
            self._line.push(data)
            return None
        return None if not self.closed and self._dtls.receive(data) else "srtp_refused"

    def send_raw(self, data: bytes) -> None:
        if self.address is not None:
            self._port.send(data, self.address)

    def send_rtp(self, packet: bytes) -> bool:
        """Protect and send; whether a datagram went to the socket."""
        sealed = None if self.closed else self._dtls.protect_rtp(packet)
        if sealed is None or self.address is None:
            return False
        self._port.send(sealed, self.address)
        return True

    def send_rtcp(self, packet: bytes) -> None:
        sealed = None if self.closed else self._dtls.protect_rtcp(packet)
        if sealed is not None:
            self.send_raw(sealed)

    def close(self) -> None:
        """Stop at once: from the return of this call nothing is sent to or taken from this peer but a DTLS goodbye."""
        if self.closed:
            return
        self.closed = True
        self._port.release(self)
        if self._handshake is not None:
            self._handshake.cancel()
        self._closing = asyncio.ensure_future(self._goodbye())

    async def _goodbye(self) -> None:
        await self._dtls.stop()
        self._line.end()
