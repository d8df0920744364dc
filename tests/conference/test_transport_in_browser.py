"""The web client's MediaTransport in real Chromium windows, against the real forwarder.

The sealing is another part's; here its hooks attach nothing, so that decoded frames show the path alone.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright

from conference.media.messages import Event, Lost, Offered
from tests.conference.peer import until
from tests.conference.test_forwarding import ELENA, MAYA, ROOM, SAMUEL, Call, call, ticket
from tests.e2e.conftest import WINDOW_FLAGS
from wire.base import b64

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
pytestmark = [pytest.mark.e2e, pytest.mark.timeout(120)]

PAGE = """<!doctype html><script type="module">
import { MediaTransport } from '/transport.js';
window.remote = [];
window.gone = [];
window.lost = 0;
window.begin = async (room, device, ticket) => {
  window.transport = new MediaTransport({
    room, device, newId: () => 'id', ask: (frame) => window.ask(frame),
    hooks: {
      makePeerConnection: (configuration) => new RTCPeerConnection(configuration),
      sealSender: () => {}, openReceiver: () => {},
    },
    events: {
      onRemoteTrack: (user, kind, track) => {
        window.remote.push(`${user} ${kind}`);
        const element = document.createElement(kind === 'audio' ? 'audio' : 'video');
        element.srcObject = new MediaStream([track]);
        element.autoplay = true; element.muted = true;
        document.body.append(element);
      },
      onRemoteGone: (user, kind) => window.gone.push(`${user} ${kind}`),
      onLost: () => { window.lost += 1; },
    },
  });
  const media = await navigator.mediaDevices.getUserMedia({ audio: true, video: { width: 320, height: 240 } });
  await window.transport.publish('audio', media.getAudioTracks()[0]);
  await window.transport.publish('video', media.getVideoTracks()[0]);
  await window.transport.connect({ ticket, ice_servers: [] }, 'join');
};
window.decoded = async () => {
  const { remote } = await window.transport.stats();
  const count = (r) => (r.kind === "audio" ? r.packetsReceived : r.framesDecoded);
  return Object.fromEntries(remote.map((r) => [`${r.user} ${r.kind}`, count(r)]));
};
window.ready = true;
</script><body></body>"""


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
        script = route.request.url.endswith(".js")
        await route.fulfill(body=source if script else PAGE, content_type="text/javascript" if script else "text/html")

    await page.route("http://localhost/**", serve)
    await page.expose_function("ask", window.ask)
    await page.goto("http://localhost/")
    await page.wait_for_function("() => window.ready")
    return window


async def begin(window: Window) -> None:
    arguments = [b64(ROOM), "device", ticket(window.user)]
    await window.page.evaluate("([room, device, ticket]) => window.begin(room, device, ticket)", arguments)


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
