"""The web client's MediaTransport in real Chromium windows, against the real forwarder.

The sealing is another part's; here its hooks attach nothing, so that decoded frames show the path alone.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright

from conference.media.messages import Event, Lost, Offered
from tests.conference.call import ELENA, MAYA, ROOM, SAMUEL, Call, call, ticket
from tests.conference.peer import until
from tests.e2e.conftest import WINDOW_FLAGS
from wire.base import b64

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

PAGE = """<!doctype html><script type="module">
import { MediaTransport } from '/transport.js';
window.remote = [];
window.gone = [];
window.lost = 0;
window.connections = [];
const worker = () => new Worker('/worker.js');
const sealing = {
  makePeerConnection: (configuration) => {
    const connection = new RTCPeerConnection({ ...configuration, encodedInsertableStreams: true });
    window.connections.push(connection);
    return connection;
  },
  sealSender: (sender) => { sender.transform = new RTCRtpScriptTransform(worker()); },
  openReceiver: (receiver) => { receiver.transform = new RTCRtpScriptTransform(worker()); },
};
const clear = {
  makePeerConnection: (configuration) => new RTCPeerConnection(configuration),
  sealSender: () => {}, openReceiver: () => {},
};
window.publish = async (kinds) => {
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
  for (const kind of kinds) {
    const track = kind === 'audio' ? media.getAudioTracks()[0] : media.getVideoTracks()[0];
    await window.transport.publish(kind, track);
  }
};
window.begin = async (room, device, ticket, hooks, kinds) => {
  window.transport = new MediaTransport({
    room, device, newId: () => 'id', ask: (frame) => window.ask(frame),
    hooks: hooks === 'sealing' ? sealing : clear,
    events: {
      onRemoteTrack: (user, kind, track) => {
        window.remote.push(`${user} ${kind}`);
        const element = document.createElement(kind === 'audio' ? 'audio' : 'video');
        element.srcObject = new MediaStream([track]);
        element.dataset.whose = `${user} ${kind}`;
        element.autoplay = true; element.muted = true;
        document.body.append(element);
      },
      onRemoteGone: (user, kind) => window.gone.push(`${user} ${kind}`),
      onConnected: () => undefined,
      onLost: () => { window.lost += 1; },
    },
  });
  await window.publish(kinds);
  await window.transport.connect({ ticket, ice_servers: [] }, 'join');
};
window.decoded = async () => {
  const { remote } = await window.transport.stats();
  const count = (r) => (r.kind === "audio" ? r.packetsReceived : r.framesDecoded);
  return Object.fromEntries(remote.map((r) => [`${r.user} ${r.kind}`, count(r)]));
};
window.height = (whose) => document.querySelector(`[data-whose="${whose}"]`)?.videoHeight ?? 0;
window.freezes = async () => {
  let freezes = 0;
  for (const connection of window.connections)
    (await connection.getStats()).forEach((entry) => { freezes += entry.freezeCount ?? 0; });
  return freezes;
};
window.ready = true;
</script><body></body>"""

WORKER = """onrtctransform = ({ transformer }) => {
  const flip = new TransformStream({ transform(frame, controller) {
    const bytes = new Uint8Array(frame.data.slice(0));
    for (let at = frame.type === undefined ? 1 : 10; at < bytes.length; at += 1) bytes[at] ^= 0x5a;
    frame.data = bytes.buffer;
    controller.enqueue(frame);
  } });
  transformer.readable.pipeThrough(flip).pipeTo(transformer.writable);
};"""
"""Stands for the sealing: without it at either end nothing can be decoded."""


def transpiled() -> str:
    """transport.ts as JavaScript: its imports are types alone and vanish."""
    script = (
        "const ts=require('typescript');const fs=require('fs');process.stdout.write(ts.transpileModule("
        "fs.readFileSync('src/media/transport.ts','utf8'),{compilerOptions:{target:'ES2022',module:'ESNext',"
        "verbatimModuleSyntax:true}}).outputText)"
    )
    node = shutil.which("node")
    assert node
    return subprocess.run(
        [node, "-e", script], cwd=FRONTEND, capture_output=True, check=True, text=True, timeout=60
    ).stdout


class Window:
    """One person's browser window: its frames go to the forwarder, the forwarder's offers come to it."""

    def __init__(self, room: Call, page: Page, user: bytes) -> None:
        self.room, self.page, self.user = room, page, user
        self.lost: Lost | None = None
        self._tasks: list[asyncio.Future[Any]] = []

    async def ask(self, frame: dict[str, Any]) -> dict[str, str]:
        if frame["type"] == "room.connect":
            await self.room.line.ask("join", ticket=frame["ticket"])
        elif frame["type"] == "room.answer":
            reply = await self.room.line.ask(
                "answer", room=ROOM, user=self.user, pc=frame["pc"], offer=frame["offer"], sdp=frame["sdp"]
            )
            assert reply.error == "", reply
        return {"type": "room.done", "re": frame["id"]}

    def take(self, event: Event) -> None:
        if isinstance(event, Lost):
            self.lost = event
        elif isinstance(event, Offered):
            body = json.loads(event.model_dump_json(exclude={"kind", "user"}))
            frame = {"type": "room.offer", "device": "device", **body}
            self._tasks.append(asyncio.ensure_future(self.page.evaluate("f => window.transport.take(f)", frame)))

    async def decoded(self) -> dict[str, int]:
        counted: dict[str, int] = await self.page.evaluate("() => window.decoded()")
        return counted


@asynccontextmanager
async def windows(room: Call, *users: bytes) -> AsyncIterator[list[Window]]:
    source = transpiled()
    binary = shutil.which("chromium")
    assert binary, "chromium is not installed"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=binary, args=WINDOW_FLAGS)
        opened = [await open_window(room, browser, user, source) for user in users]
        by_user = {window.user: window for window in opened}
        room.line.on_event = lambda event: by_user[event.user].take(event) if event.user in by_user else None
        yield opened
        await browser.close()


async def open_window(room: Call, browser: Browser, user: bytes, source: str) -> Window:
    context = await browser.new_context(permissions=["camera", "microphone"])
    page = await context.new_page()
    window = Window(room, page, user)

    async def serve(route: Route) -> None:
        scripts = {"/transport.js": source, "/worker.js": WORKER}
        body = scripts.get(urlsplit(route.request.url).path)
        await route.fulfill(body=body or PAGE, content_type="text/javascript" if body else "text/html")

    await page.route("http://localhost/**", serve)
    await page.expose_function("ask", window.ask)
    await page.goto("http://localhost/")
    await page.wait_for_function("() => window.ready")
    return window


async def begin(window: Window, hooks: str = "clear", kinds: Sequence[str] = ("audio", "video")) -> None:
    await window.page.evaluate(
        "([room, device, ticket, hooks, kinds]) => window.begin(room, device, ticket, hooks, kinds)",
        [b64(ROOM), "device", ticket(window.user), hooks, list(kinds)],
    )


async def frames_flow(viewer: Window, source: Window, least: int = 10) -> None:
    name = b64(source.user)
    for _ in range(150):
        seen = await viewer.decoded()
        if seen.get(f"{name} video", 0) >= least and seen.get(f"{name} audio", 0) >= least:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"no frames of {source.user!r} at {viewer.user!r}: {seen}")


async def test_three_windows_see_each_other_and_a_cut_stops_every_frame(tmp_path: Path) -> None:
    async with call(tmp_path) as room, windows(room, ELENA, SAMUEL, MAYA) as (elena, samuel, maya):
        for window in (elena, samuel, maya):
            await begin(window)
        for viewer in (elena, samuel, maya):
            for source in (elena, samuel, maya):
                if viewer is not source:
                    await frames_flow(viewer, source)
        await room.cut(SAMUEL)
        at_cut = (await room.stats(SAMUEL))["forwarded"]
        await asyncio.sleep(0.3)
        before, elsewhere = await samuel.decoded(), await maya.decoded()
        await asyncio.sleep(1.0)
        assert await samuel.decoded() == before or await samuel.decoded() == {}
        after = await room.stats(SAMUEL)
        assert after["forwarded"] == at_cut
        assert (await maya.decoded())[f"{b64(ELENA)} video"] > elsewhere[f"{b64(ELENA)} video"]
        assert f"{b64(SAMUEL)} video" in await maya.page.evaluate("() => window.gone")


async def test_the_forwarder_notices_a_window_that_connects_again(tmp_path: Path) -> None:
    async with call(tmp_path) as room, windows(room, ELENA, SAMUEL) as (elena, samuel):
        await begin(elena)
        await begin(samuel)
        await frames_flow(elena, samuel)
        again = ticket(SAMUEL)
        await samuel.page.evaluate("t => window.transport.connect({ ticket: t, ice_servers: [] }, 'join')", again)
        await frames_flow(samuel, elena)
        await frames_flow(elena, samuel)
        await until(lambda: samuel.lost is None, "nobody was given up")


async def test_sealed_media_flows_between_those_who_can_open_it_alone(tmp_path: Path) -> None:
    async with call(tmp_path) as room, windows(room, ELENA, SAMUEL, MAYA) as (elena, samuel, maya):
        await begin(elena, "sealing")
        await begin(samuel, "sealing")
        await begin(maya, "clear")
        await frames_flow(elena, samuel)
        await frames_flow(samuel, elena)
        await asyncio.sleep(1.5)
        seen = await maya.decoded()
        assert seen[f"{b64(ELENA)} audio"] > 0, "packets arrive"
        assert seen[f"{b64(ELENA)} video"] <= 10, "and cannot be seen"


async def test_a_camera_that_is_turned_on_in_the_call_is_sealed_and_seen(tmp_path: Path) -> None:
    async with call(tmp_path) as room, windows(room, ELENA, SAMUEL) as (elena, samuel):
        await begin(elena, "sealing", ["audio"])
        await begin(samuel, "sealing", ["audio"])
        await until_heard(samuel, elena)
        assert f"{b64(ELENA)} video" not in await samuel.decoded()
        await elena.page.evaluate("() => window.publish(['video'])")
        await frames_flow(samuel, elena)
        await elena.page.evaluate("() => window.publish(['screen'])")
        for _ in range(100):
            if (await samuel.decoded()).get(f"{b64(ELENA)} screen", 0) > 5:
                return
            await asyncio.sleep(0.1)
        raise AssertionError("the screen was not seen")


async def until_heard(viewer: Window, source: Window) -> None:
    for _ in range(100):
        if (await viewer.decoded()).get(f"{b64(source.user)} audio", 0) > 5:
            return
        await asyncio.sleep(0.1)
    raise AssertionError("nothing was heard")


async def test_a_small_tile_gets_the_small_picture_and_the_change_is_not_felt(tmp_path: Path) -> None:
    async with call(tmp_path) as room, windows(room, ELENA, SAMUEL, MAYA) as (elena, samuel, maya):
        for window in (elena, samuel, maya):
            await begin(window, "sealing")
        await elena.page.evaluate("() => window.transport.sendSmall(true)")
        await frames_flow(samuel, elena)
        await frames_flow(maya, elena)
        tile = {"user": b64(ELENA), "kind": "video"}
        for size, height in (("low", 180), ("high", 240), ("low", 180)):
            await room.line.ask("want", room=ROOM, user=SAMUEL, tiles=[{**tile, "size": size}])
            await until_height(samuel, elena, height)
        assert await height_of(maya, elena) == 240, "each chooses for themselves"
        await frames_flow(samuel, elena, (await samuel.decoded())[f"{b64(ELENA)} video"] + 20)
        assert await freezes(samuel) == 0


async def height_of(viewer: Window, source: Window) -> int:
    height: int = await viewer.page.evaluate("name => window.height(name)", f"{b64(source.user)} video")
    return height


async def until_height(viewer: Window, source: Window, height: int) -> None:
    for _ in range(150):
        if await height_of(viewer, source) == height:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the picture is {await height_of(viewer, source)} high and not {height}")


async def freezes(viewer: Window) -> int:
    """How often a picture stood still, by Chromium's own count."""
    counted: int = await viewer.page.evaluate("() => window.freezes()")
    return counted
