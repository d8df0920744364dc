"""The socket's own frames: the handshake, the heartbeat and what a reconnect resumed."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wire.base import Frame, Id16, Millis


class Hello(Frame):
    """Client → server, first on every socket at `/ws`: which protocol, which device, and how far each thread is held.

    `heads` maps a thread id to the highest `seq` that the device holds without a gap. `binary` asks for the binary
    form of `message.ack` and `message.new`; a device may post in either form. `build`
    is what the web app says of itself (wire.version); other clients leave it out.
    """

    type: Literal["hello"] = "hello"
    protocol: int = Field(ge=1, le=1000)
    device: Id16
    build: int | None = Field(default=None, ge=0, le=999_999)
    heads: dict[str, int] = Field(default_factory=dict, max_length=2000)
    binary: bool = False


class Welcome(Frame):
    """Server → client, the answer to `hello`: what the resume came to, so that the client never guesses.

    `resumed`: nothing was missed. `partial`: threads in `heads` are ahead of the device, fetch them.
    `reset`: a head the device named does not exist here (a restore from backup, say): start over.
    """

    type: Literal["welcome"] = "welcome"
    resume: Literal["resumed", "partial", "reset"]
    heads: dict[str, int]
    now: Millis
    build: str
    protocol: int
    oldest_build: int


class Ping(Frame):
    """Client → server every 20 seconds; a socket that is silent for 60 is closed."""

    type: Literal["ping"] = "ping"
    id: int = 0


class Pong(Frame):
    """Server → client: the heartbeat with the heads the device may see, so a lost push costs one heartbeat at most."""

    type: Literal["pong"] = "pong"
    id: int = 0
    heads: dict[str, int]
