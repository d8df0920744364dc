"""The one UDP port: every datagram in goes to its peer by the first octet (RFC 7983), strangers are rationed."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable

from conference.media.dtls import MAX_DATAGRAM
from conference.media.peer import CLAIM_HELD_S, Peer
from conference.media.refusals import Refusal, Refusals
from conference.media.stun import Address, read_check

DRAIN = 64
"""Datagrams read per wake-up: more starves the timers, fewer costs a system call to the poller each."""
STRANGER_BURST = 60
STRANGER_RATE = 20.0
"""Checks a second from an address without a peer: an ICE start sends about ten, a hospital's NAT hides many."""
MAX_STRANGERS = 4096
BUFFER_BYTES = 1 << 21


class Ration:
    """A token bucket a source address, for checks from addresses that are no peer's yet."""

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def allows(self, host: str, now: float) -> bool:
        tokens, at = self._buckets.pop(host, (float(STRANGER_BURST), now))
        tokens = min(float(STRANGER_BURST), tokens + (now - at) * STRANGER_RATE)
        if len(self._buckets) >= MAX_STRANGERS:
            # Oldest first: forged sources push each other out and not the memory over its bound.
            self._buckets.pop(next(iter(self._buckets)))
        self._buckets[host] = (max(0.0, tokens - 1), now)
        return tokens >= 1


class UdpPort:
    """The socket of all peers: demultiplexes, answers checks and sends; a full send buffer drops, as UDP does."""

    def __init__(
        self, host: str, port: int, clock: Callable[[], float] = time.monotonic, refusals: Refusals | None = None
    ) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER_BYTES)
        self._socket.bind((host, port))
        self._clock = clock
        self._by_ufrag: dict[str, Peer] = {}
        self._by_address: dict[Address, Peer] = {}
        self._ration = Ration()
        self._refusals = refusals or Refusals()
        self.sent = self.received = self.unsent = 0

    @property
    def number(self) -> int:
        return int(self._socket.getsockname()[1])

    @property
    def peers(self) -> list[Peer]:
        return list(self._by_ufrag.values())

    def start(self) -> None:
        asyncio.get_running_loop().add_reader(self._socket.fileno(), self._readable)

    def stop(self) -> None:
        if self._socket.fileno() < 0:
            return
        asyncio.get_running_loop().remove_reader(self._socket.fileno())
        self._socket.close()

    def register(self, peer: Peer) -> None:
        self._by_ufrag[peer.ufrag] = peer

    def claim(self, address: Address, peer: Peer, now: float) -> bool:
        """Give an address to a peer; False while it is the path of another that still checks from there."""
        holder = self._by_address.get(address)
        if holder is not None and holder.address == address and now - holder.last_check < CLAIM_HELD_S:
            return holder is peer
        self._by_address[address] = peer
        return True

    def forget(self, address: Address, peer: Peer) -> None:
        if self._by_address.get(address) is peer:
            del self._by_address[address]

    def release(self, peer: Peer) -> None:
        self._by_ufrag.pop(peer.ufrag, None)
        for address in peer.addresses:
            self.forget(address, peer)

    def send(self, data: bytes, address: Address) -> None:
        if self._socket.fileno() < 0:
            return
        try:
            self._socket.sendto(data, address)
            self.sent += 1
        except OSError:
            # Full buffer, unreachable host: the packet is lost, as any packet may be.
            self.unsent += 1

    def _readable(self) -> None:
        for _ in range(DRAIN):
            try:
                data, address = self._socket.recvfrom(2048)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                # An ICMP error of an earlier send surfaces here (ECONNREFUSED); the socket itself is well.
                continue
            self.received += 1
            refusal = self._take(data, address)
            if refusal is not None:
                self._refusals.count(refusal)

    def _take(self, data: bytes, address: Address) -> Refusal | None:
        if len(data) < 13:
            return "datagram_short"
        if len(data) > MAX_DATAGRAM:
            return "datagram_huge"
        first = data[0]
        if first < 4:
            return self._check(data, address)
        peer = self._by_address.get(address)
        if peer is None or not (20 <= first < 64 or 128 <= first < 192):
            return "datagram_unknown"
        return peer.datagram(data, self._clock())

    def _check(self, data: bytes, address: Address) -> Refusal | None:
        now = self._clock()
        if address not in self._by_address and not self._ration.allows(address[0], now):
            return "check_rationed"
        check = read_check(data)
        if check is None:
            return "check_malformed"
        peer = self._by_ufrag.get(check.ufrag)
        if peer is None:
            return "check_unknown"
        response = peer.check(check, address, now)
        if isinstance(response, str):
            return response
        self.send(response, address)
        return None
