"""A real coturn, told what deploy/coturn/turnserver.conf tells it, and what one can do with a credential for it."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aioice import stun
from aioice.turn import TurnTransport, create_turn_endpoint

from conference.media.stun import make_check
from config.environment import ROOT
from tests.conference.peer import Leg, until
from tests.services import free_port
from tests.system.calls import Caller
from wire.conference import IceServer

SECRET = "the relay's secret"
START_S = 20.0
_DEPLOYED = ROOT / "deploy" / "coturn" / "turnserver.conf"
_OWN = ("listening-port", "static-auth-secret", "allowed-peer-ip", "denied-peer-ip=::")


@contextmanager
def relay(folder: Path) -> Iterator[int]:
    """The port of a relay on loopback, whose only peer is 127.0.0.1, where the forwarder of the tests is."""
    binary = shutil.which("turnserver")
    if binary is None:
        raise RuntimeError("coturn is not installed: run `make test`, which installs it")
    port, settings, log = free_port(), folder / "turnserver.conf", folder / "turnserver.log"
    deployed = [line for line in _DEPLOYED.read_text().splitlines() if not line.startswith(_OWN)]
    own = [
        f"listening-port={port}", f"static-auth-secret={SECRET}", "allowed-peer-ip=127.0.0.1", "allow-loopback-peers",
        "listening-ip=127.0.0.1", "relay-ip=127.0.0.1", "no-tls", "no-dtls", f"pidfile={folder / 'turnserver.pid'}",
        f"userdb={folder / 'turndb'}", f"log-file={log}", "simple-log",
    ]  # fmt: skip
    settings.write_text("\n".join([*deployed, *own]) + "\n")
    process = subprocess.Popen([binary, "-c", str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        process.terminate()
        try:
            process.wait(START_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(START_S)


class Relayed(asyncio.DatagramProtocol):
    """One end of an allocation: what came through it, and what the relay refused."""

    transport: TurnTransport

    def __init__(self) -> None:
        self.answers: set[bytes] = set()
        self.media = 0
        self.refused: list[int] = []

    def datagram_received(self, data: bytes | str, addr: tuple[str, int]) -> None:
        assert isinstance(data, bytes)
        if data[0] < 4:
            self.answers.add(data[8:20])
        elif 127 < data[0] < 192:
            self.media += 1

    def error_received(self, exc: Exception) -> None:
        assert isinstance(exc, stun.TransactionFailed), exc
        self.refused.append(exc.response.attributes["ERROR-CODE"][0])

    def check(self, request: bytes, peer: tuple[str, int]) -> bytes:
        """Sends a connectivity check through the relay; the transaction by which its answer is known."""
        self.transport.sendto(request, peer)
        return request[8:20]


async def allocate(port: int, given: IceServer) -> Relayed:
    """An allocation with the credential that the server gave; TransactionFailed when the relay refuses it."""
    transport, end = await create_turn_endpoint(
        Relayed, ("127.0.0.1", port), username=given.username, password=given.credential
    )
    end.transport = transport
    return end


def credential(caller: Caller) -> IceServer:
    return IceServer.model_validate(caller.of("room.admitted")[-1]["ice_servers"][0])


def listening(caller: Caller) -> Leg:
    """The connection on which a caller hears the others."""
    assert caller.peer is not None and caller.peer.sub is not None
    return caller.peer.sub


async def answered(end: Relayed, leg: Leg, *, nominate: bool) -> None:
    """Checks through the relay, as ICE does until it is answered; once nominated, media takes this road."""
    asked: list[bytes] = []

    def is_answered() -> bool:
        asked.append(end.check(make_check(leg.ufrag, leg.password, nominate=nominate), leg.server))
        return any(one in end.answers for one in asked)

    await until(is_answered, "an answer through the relay")
