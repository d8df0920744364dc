"""The app as a thing that is installed: opens without a network, replaced at the person's word, of one version."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config.environment import ROOT
from tests.e2e.conftest import Windows
from tests.e2e.first_hour import SLOW, Hour
from tests.product import Product

READY = "async () => { await navigator.serviceWorker.ready; return true; }"
KEPT = """async () => {
  const found = [];
  for (const name of await caches.keys())
    for (const request of await (await caches.open(name)).keys()) found.push(new URL(request.url).pathname);
  return found;
}"""
FRONTEND = ROOT / "frontend/dist"


def release(folder: Path, title: str) -> None:
    """A build of the app with another title, listed in its service worker as the build itself lists it."""
    shell = folder / "index.html"
    before = _digest(shell)
    shell.write_text(shell.read_text().replace("<title>Consilium</title>", f"<title>{title}</title>"))
    worker = folder / "sw.js"
    name = hashlib.sha256(title.encode()).hexdigest()[:16]
    code = worker.read_text().replace(before, _digest(shell))
    start = code.index('SHELL_NAME="') + len('SHELL_NAME="')
    worker.write_text(code[:start] + name + code[start + 16 :])


def _digest(path: Path) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode()


class Releases:
    """A product whose builds and versions follow each other at one address, with one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.dist = folder, folder / "dist"
        shutil.copytree(FRONTEND, self.dist)
        self.settings = {"CONSILIUM_FRONTEND": str(self.dist)}
        self.product = Product(folder / "data", self.settings)
        self.settings["PORT"] = str(self.product.port)

    def again(self, **settings: str) -> None:
        """Stops, and starts at the same address."""
        self.product.stop()
        self.product = Product(self.folder / "data", {**self.settings, **settings})


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Releases]:
    running = Releases(tmp_path_factory.mktemp("releases"))
    yield running
    running.product.stop()


@pytest.fixture(scope="module")
def own_hour(browser: Browser, releases: Releases) -> Iterator[Hour]:
    windows = Windows(browser, releases.product)
    yield Hour(windows, None)
    windows.close()


def test_1_the_worker_keeps_the_apps_own_files_and_nothing_of_the_api(own_hour: Hour) -> None:
    page = own_hour.enter("therapist")
    assert page.evaluate(READY)
    own_hour.open_patients_conversation("therapist")
    own_hour.write("therapist", "Before anything was updated.")
    kept = page.evaluate(KEPT)
    assert "/" in kept
    assert any(name.startswith("/assets/CallPage") for name in kept)
    assert not [name for name in kept if name != "/" and not (FRONTEND / name[1:]).is_file()]
    assert not [said for said in own_hour.windows.console if "Security Policy" in said or "Trusted" in said]


def test_2_a_new_version_waits_for_the_persons_word_and_takes_every_tab(own_hour: Hour, releases: Releases) -> None:
    first = own_hour["therapist"]
    second = own_hour.windows.open["therapist"].new_page()
    second.goto("/")
    expect(second.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
    release(releases.dist, "Consilium, second")
    releases.again()
    first.reload()
    notice = first.get_by_text("A newer version of Consilium is ready.")
    expect(notice).to_be_visible(timeout=SLOW)
    expect(second.get_by_text("A newer version of Consilium is ready.")).to_be_visible(timeout=SLOW)
    first.get_by_role("button", name="Update now").click()
    for page in (first, second):
        _is_second(page)
        expect(page.get_by_text("A newer version of Consilium is ready.")).to_be_hidden(timeout=SLOW)


def _is_second(page: Page) -> None:
    page.wait_for_function(
        "async () => (await (await caches.match('/')).text()).includes('Consilium, second')", timeout=SLOW
    )
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)


def test_3_a_version_that_the_server_refuses_sends_nothing(own_hour: Hour, releases: Releases) -> None:
    page = own_hour["therapist"]
    own_hour.open_patients_conversation("therapist")
    releases.again(CONSILIUM_OLDEST_BUILD="900000")
    expect(page.get_by_role("alert").get_by_text("Consilium must be updated to go on.")).to_be_visible(timeout=SLOW)
    page.get_by_label("Write a message").fill("Written on an old page.")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Written on an old page.")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Waits for the update")).to_be_visible(timeout=SLOW)
    releases.again()
    page.get_by_role("button", name="Update now").click()
    expect(page.get_by_text("must be updated")).to_be_hidden(timeout=SLOW)
    own_hour.sees("therapist", "Written on an old page.")
    expect(page.get_by_text("Waits for the update")).to_be_hidden(timeout=SLOW)


def test_4_what_is_installed_is_complete(releases: Releases) -> None:
    base = f"http://127.0.0.1:{releases.settings['PORT']}"
    with urllib.request.urlopen(f"{base}/manifest.webmanifest", timeout=10) as answer:
        manifest = json.load(answer)
    for icon in manifest["icons"]:
        with urllib.request.urlopen(base + icon["src"], timeout=10) as answer:
            assert answer.headers["content-type"] == icon["type"]
            header = answer.read()[16:24]
        if icon["type"] == "image/png":
            side = int(icon["sizes"].split("x")[0])
            assert (int.from_bytes(header[:4], "big"), int.from_bytes(header[4:], "big")) == (side, side)
    with urllib.request.urlopen(f"{base}/sw.js", timeout=10) as worker:
        assert worker.headers["cache-control"] == "no-cache"
        assert worker.headers["service-worker-allowed"] == "/"
        assert "default-src 'none'" in worker.headers["content-security-policy"]
