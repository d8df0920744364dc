"""Real Chromium windows on the product's own processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.product import Product

WINDOW_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
]
# Keeps a hold of a page's peer connections, so that a test can ask the browser itself what was decoded.
RECORD_CONNECTIONS = """
(() => {
  const Native = window.RTCPeerConnection;
  window.connectionsForTest = [];
  window.RTCPeerConnection = class extends Native {
    constructor(...given) { super(...given); window.connectionsForTest.push(this); }
  };
})();
"""
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/e2e" in str(item.path):
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    running = Product(tmp_path_factory.mktemp("data"))
    yield running
    running.stop()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium a file of tests: while it runs, its loop occupies the thread, and no asynchronous test could."""
    binary = shutil.which("chromium")
    assert binary, "chromium is not installed: run `make test`, which installs it"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=binary, args=WINDOW_FLAGS)
        yield chromium
        chromium.close()


class Windows:
    """One browser context a person, as separate as separate machines, each on the person's own host name."""

    def __init__(self, browser: Browser, product: Product) -> None:
        self.browser, self.product = browser, product
        self.open: dict[str, BrowserContext] = {}
        self.console: list[str] = []

    def of(self, who: str, *, phone: bool = False, for_axe: bool = False) -> Page:
        """A new window of a person, at desktop or phone width; `for_axe` lets axe past the page's own policy."""
        context = self.browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # a TypedDict by shape
            permissions=["camera", "microphone"],
            base_url=self.product.address(who),
            bypass_csp=for_axe,
        )
        context.set_default_timeout(20_000)
        context.add_init_script(RECORD_CONNECTIONS)
        self.open[who] = context
        page = context.new_page()
        page.on("console", lambda message: self._note(who, message.type, message.text))
        page.on("pageerror", lambda error: self._note(who, "pageerror", str(error)))
        return page

    def _note(self, who: str, kind: str, text: str) -> None:
        if kind in ("error", "pageerror", "warning"):
            self.console.append(f"{who}: {kind}: {text}")

    def close(self) -> None:
        for context in self.open.values():
            context.close()


@pytest.fixture(scope="module")
def windows(browser: Browser, product: Product) -> Iterator[Windows]:
    opened = Windows(browser, product)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def pictures() -> Path | None:
    """Where screenshots go, when somebody asked for them (`make screenshots`)."""
    folder = os.environ.get("CONSILIUM_SCREENSHOTS")
    if folder is None:
        return None
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)
