"""A client written from docs/protocol.md alone: signs in, says hello, and misses nothing of what is sealed for others.

    python -m examples.stranger https://consilium.example elena@clinic.example

Nothing of `client/`, `crypto/` or `wire/` is used, only what section 8 of that page names, with the derivation of 3.3.
It has no keys, so that it prints where each message stands and how large it is, and what a robot or a load driver would
do more is in the sections before. The password comes from CONSILIUM_PASSWORD.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import os
import struct
import sys
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Any

import httpx
import websockets
from nacl.pwhash.argon2id import kdf as argon2id

NEW, NEW_HEAD = 3, struct.Struct("!B32sQQ16sI")
BEAT_S, PAGE = 20.0, 200


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def auth_of(password: str, salt: bytes, passes: int, memory: int) -> bytes:
    """What the server is shown in the password's place (3.3)."""
    root = argon2id(64, password.encode(), salt, opslimit=passes, memlimit=memory)
    label = b"CT1:auth"
    return hashlib.blake2b(bytes([len(label)]) + label, key=root[:32], digest_size=32).digest()


@dataclass(frozen=True)
class Sealed:
    """A message in its place, which this client cannot open."""

    thread: str
    seq: int
    wire: bytes


@dataclass
class Stranger:
    """One device of an account; `held` is how far it has each thread without a gap."""

    http: httpx.AsyncClient
    address: str
    device: bytes = field(default_factory=lambda: os.urandom(16))
    held: dict[str, int] = field(default_factory=dict)

    async def sign_in(self, email: str, password: str) -> None:
        """A session of this account; raises httpx.HTTPStatusError when it is refused."""
        await self.http.get("/_allauth/browser/v1/auth/session")  # 401, and the cookie
        asked = await self._post("/api/login-parameters", {"email": email})
        auth = auth_of(password, unb64(asked["salt"]), asked["t"], asked["m"])
        await self._post("/_allauth/browser/v1/auth/login", {"email": email, "password": b64(auth)})

    async def _post(self, path: str, body: dict[str, str]) -> Any:
        headers = {"X-CSRFToken": self.http.cookies["csrftoken"], "Origin": self.address}
        answer = await self.http.post(path, json=body, headers=headers)
        return answer.raise_for_status().json()

    async def messages(self) -> AsyncGenerator[Sealed, None]:
        """Every message of every thread that this person may read, once and in order; ends with the connection."""
        cookie = "; ".join(f"{name}={value}" for name, value in self.http.cookies.items())
        where = self.address.replace("http", "ws", 1) + "/ws"
        async with websockets.connect(
            where, origin=websockets.Origin(self.address), additional_headers={"Cookie": cookie}, compression=None
        ) as socket:
            hello = {"type": "hello", "protocol": 1, "device": b64(self.device), "heads": self.held, "binary": True}
            await socket.send(json.dumps(hello))
            beating = asyncio.create_task(self._beat(socket))
            try:
                async for frame in socket:
                    for thread, head in self._heads(frame).items():
                        async for message in self._fetched(thread, head):
                            yield message
            finally:
                beating.cancel()

    def _heads(self, frame: str | bytes) -> dict[str, int]:
        """How far threads have come by this frame; a new message is a hint, and fetching is what closes every gap."""
        if isinstance(frame, bytes):
            if frame[0] != NEW:
                return {}
            _, thread, seq, *_ = NEW_HEAD.unpack_from(frame)
            return {b64(thread): seq}
        told = json.loads(frame)
        if told["type"] == "error":
            raise RuntimeError(f"{told['code']}: {told['message']}")
        if told.get("resume") == "reset":
            self.held = {thread: 0 for thread, seq in self.held.items() if told["heads"].get(thread, seq) >= seq}
        heads: dict[str, int] = told.get("heads", {}) if told["type"] in ("welcome", "pong") else {}
        return heads

    async def _fetched(self, thread: str, head: int) -> AsyncGenerator[Sealed, None]:
        while self.held.get(thread, 0) < head:
            after = {"after": self.held.get(thread, 0), "limit": PAGE}
            answer = await self.http.get(f"/api/threads/{thread}/messages", params=after)
            page = answer.raise_for_status().json()
            for one in page["messages"]:
                self.held[thread] = one["seq"]
                yield Sealed(thread, one["seq"], unb64(one["wire"]))
            # Who came late is not given what was before; there is no more to wait for.
            if not page["messages"]:
                self.held[thread] = head

    async def _beat(self, socket: websockets.ClientConnection) -> None:
        """Asks how far the threads have come, so that a lost hint costs one beat."""
        for number in range(sys.maxsize):
            await asyncio.sleep(BEAT_S)
            await socket.send(json.dumps({"type": "ping", "id": number}))


async def main(address: str, email: str) -> None:
    async with httpx.AsyncClient(base_url=address) as http:
        stranger = Stranger(http, address)
        await stranger.sign_in(email, os.environ["CONSILIUM_PASSWORD"])
        async for message in stranger.messages():
            print(f"{message.thread} {message.seq} {len(message.wire)} bytes", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1].rstrip("/"), sys.argv[2]))
