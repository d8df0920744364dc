"""Janus (Debian's package) with the same people in its VideoRoom, over its Unix socket; nothing else of it is on."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import shutil
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from benchmarks.calls.crowd import Crowd, Ear, Guest
from benchmarks.calls.network import CLIENTS, Network
from conference.media.dtls import sha256_fingerprint
from conference.media.messages import Reply
from tests.conference.peer import CERTIFICATE, PASSWORD, Leg

ROOM_NUMBER = 7
ANSWER_S = 20.0
STARTS = 40
_CONFIG = """
general: {{
  configs_folder = "{folder}"
  plugins_folder = "{modules}/plugins"
  transports_folder = "{modules}/transports"
  events_folder = "{modules}/events"
  loggers_folder = "{modules}/loggers"
  debug_level = 5
  session_timeout = 0
  admin_secret = "none-is-reachable"
}}
nat: {{ ice_tcp = false, nice_debug = false }}
media: {{ ipv6 = false }}
plugins: {{ disable = "{plugins}" }}
transports: {{ disable = "{transports}" }}
"""


def installed() -> bool:
    return shutil.which("janus") is not None


def _write_config(folder: Path) -> None:
    modules = next(path.parent for path in Path("/usr/lib").glob("*/janus/plugins"))

    def others(kind: str, kept: str) -> str:
        return ",".join(path.name for path in (modules / kind).glob("*.so") if kept not in path.name)

    text = _CONFIG.format(
        folder=folder,
        modules=modules,
        plugins=others("plugins", "videoroom"),
        transports=others("transports", "pfunix"),
    )
    (folder / "janus.jcfg").write_text(text)
    (folder / "janus.plugin.videoroom.jcfg").write_text("general: {}\n")
    pipe = f'general: {{ enabled = true, json = "compact", path = "{folder}/api", type = "SOCK_SEQPACKET" }}\n'
    (folder / "janus.transport.pfunix.jcfg").write_text(pipe + "admin: { admin_enabled = false }\n")


class Api:
    """Janus's API: requests by transaction, events by the handle that they are about."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._socket.setblocking(False)
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._session = 0
        self._reading: asyncio.Task[None] | None = None

    async def open(self, path: Path) -> None:
        await asyncio.get_running_loop().sock_connect(self._socket, str(path))
        self._reading = asyncio.create_task(self._read())
        self._session = (await self._ask("create"))["data"]["id"]

    async def attach(self) -> int:
        handle: int = (await self._ask("attach", plugin="janus.plugin.videoroom"))["data"]["id"]
        return handle

    async def say(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        """A message to the plugin; its answer or event, RuntimeError when that is an error."""
        extra = {"jsep": jsep} if jsep else {}
        told = await self._ask("message", handle_id=handle, body=body, **extra)
        data = told.get("plugindata", {}).get("data", {})
        if told["janus"] == "error" or "error" in data:
            raise RuntimeError(f"janus refused {body['request']}: {told}")
        return told

    async def _ask(self, kind: str, **fields: Any) -> dict[str, Any]:
        number = str(next(self._numbers))
        self._waiting[number] = asyncio.get_running_loop().create_future()
        asked = {"janus": kind, "transaction": number, **fields}
        if self._session:
            asked["session_id"] = self._session
        await asyncio.get_running_loop().sock_sendall(self._socket, json.dumps(asked).encode())
        return await asyncio.wait_for(self._waiting[number], ANSWER_S)

    async def _read(self) -> None:
        while data := await asyncio.get_running_loop().sock_recv(self._socket, 1 << 19):
            told = json.loads(data)
            # An ack says that the event is to come.
            if told["janus"] != "ack" and told.get("transaction") in self._waiting:
                self._waiting.pop(told["transaction"]).set_result(told)

    def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._socket.close()


class _Nobody:
    """A Guest of Janus has no offers of ours to answer."""

    async def ask(self, do: str, **fields: object) -> Reply:
        raise RuntimeError(f"a guest of Janus asks the forwarder nothing, and was to ask {do}")


def _ours() -> list[str]:
    return [
        "a=ice-ufrag:peer",
        f"a=ice-pwd:{PASSWORD}",
        f"a=fingerprint:sha-256 {sha256_fingerprint(CERTIFICATE)}",
        "a=setup:active",
        f"a=candidate:1 1 udp 1 {CLIENTS} 9 typ host",
    ]


def _offer(guest: Guest) -> str:
    ssrc = guest.ssrcs["video"]
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", "a=group:BUNDLE 0", "a=msid-semantic: WMS *"]
    lines += ["m=video 9 UDP/TLS/RTP/SAVPF 96 97", "c=IN IP4 0.0.0.0", "a=mid:0", "a=sendonly", "a=rtcp-mux", *_ours()]
    lines += ["a=rtpmap:96 VP8/90000", "a=rtcp-fb:96 nack", "a=rtcp-fb:96 nack pli", "a=rtcp-fb:96 goog-remb"]
    lines += ["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", f"a=msid:s{ssrc} t{ssrc}"]
    lines += [f"a=ssrc-group:FID {ssrc} {guest.rtx}", f"a=ssrc:{ssrc} cname:x", f"a=ssrc:{guest.rtx} cname:x"]
    return "\r\n".join(lines) + "\r\n"


def _answer(offer: str) -> str:
    """Short, with the transport said once: Janus's socket takes 8,192 octets and cuts off the rest."""
    head, *sections = offer.split("\r\nm=")
    bundle = next(line for line in head.split("\r\n") if line.startswith("a=group:BUNDLE"))
    lines = ["v=0", "o=- 1 1 IN IP4 0.0.0.0", "s=-", "t=0 0", bundle, *_ours()]
    for section in sections:
        first, *rest = section.split("\r\n")
        media, _, *types = first.split(" ")
        lines += [" ".join([f"m={media}", "9", *types]), "c=IN IP4 0.0.0.0", "a=recvonly", "a=rtcp-mux"]
        lines += [line for line in rest if re.match(r"a=(mid:|rtpmap:|fmtp:|rtcp-fb:\d+ nack$)", line)]
    return "\r\n".join(lines) + "\r\n"


async def _connect(leg: Leg) -> None:
    """Go on checking while hands are shaken: libnice chooses a pair at a check after the one that it learned it by."""

    async def check() -> None:
        while True:
            leg.check()
            await asyncio.sleep(0.1)

    checking = asyncio.create_task(check())
    try:
        await leg.connect()
    finally:
        checking.cancel()


async def _publish(api: Api, guest: Guest, number: int) -> None:
    handle = await api.attach()
    await api.say(handle, {"request": "join", "ptype": "publisher", "room": ROOM_NUMBER, "id": number})
    jsep = {"type": "offer", "sdp": _offer(guest)}
    told = await api.say(handle, {"request": "publish"}, jsep)
    guest.pub = Leg(told["jsep"]["sdp"], lambda data: None, guest.publisher_rtcp)
    await _connect(guest.pub)


async def _all_publish(api: Api, handle: int, size: int) -> None:
    """Wait until Janus has noticed that everybody's connection is up: nobody can subscribe to them before."""
    for _ in range(300):
        told = await api.say(handle, {"request": "listparticipants", "room": ROOM_NUMBER})
        if sum(1 for one in told["plugindata"]["data"]["participants"] if one["publisher"]) == size:
            return
        await asyncio.sleep(0.1)
    raise RuntimeError("not everybody could publish")


async def _subscribe(api: Api, guest: Guest, number: int, people: dict[int, Guest]) -> None:
    handle = await api.attach()
    feeds = [{"feed": other} for other in people if other != number]
    body = {"request": "join", "ptype": "subscriber", "room": ROOM_NUMBER, "streams": feeds}
    told = await api.say(handle, body)
    sdp = told["jsep"]["sdp"]
    ear = guest.ear = guest.sub = Ear(sdp, guest.crowd, number)
    await api.say(handle, {"request": "start", "room": ROOM_NUMBER}, {"type": "answer", "sdp": _answer(sdp)})
    await _connect(ear)


async def _start(folder: Path, net: Network) -> asyncio.subprocess.Process:
    """A Janus whose socket is open.

    Its socket's thread ends at once when it is faster than the thread that made it (1.1.2, on a busy machine every
    second time); Janus then finds no transport, ends too, and is started again.
    """
    command = [*net.prefix, "janus", "-F", str(folder), "-L", str(folder / "log"), "--disable-stdout"]
    for _ in range(STARTS):
        server = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.DEVNULL)
        with suppress(TimeoutError):
            # Whoever is still there after a second has its socket, and keeps it.
            await asyncio.wait_for(server.wait(), 1.0)
        if server.returncode is None and (folder / "api").exists():
            return server
    raise RuntimeError("janus did not start")


@asynccontextmanager
async def janus(folder: Path, net: Network, crowd: Crowd, size: int) -> AsyncIterator[int]:
    """A call of `size` on a fresh Janus; its process id."""
    _write_config(folder)
    api = Api()
    server = await _start(folder, net)
    try:
        await api.open(folder / "api")
        control = await api.attach()
        await api.say(control, {"request": "create", "room": ROOM_NUMBER, "publishers": 64, "bitrate": 0})
        people = {number: Guest(bytes([number]) * 16, b"B" * 16, _Nobody(), crowd) for number in range(1, size + 1)}
        for number, guest in people.items():
            await _publish(api, guest, number)
            guest.speak()
        await _all_publish(api, control, size)
        for number, guest in people.items():
            await _subscribe(api, guest, number, people)
        yield server.pid
    finally:
        for guest in crowd.guests:
            guest.close()
        api.close()
        server.terminate()
        await asyncio.wait_for(server.wait(), 10)
