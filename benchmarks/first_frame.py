"""From being admitted to the first decoded frame, in real Chromium on the product's own processes.

Two windows with fake cameras: the therapist starts a call at once, the case manager joins it again and again. The
clock runs from the host's click on "Admit" to the first video frame that the guest's browser has decoded.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.figure import Figure, percentile
from tests.e2e.conftest import WINDOW_FLAGS, Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour, decoded_frames
from tests.product import Product

TRIALS = 10


def _first_frame(host: Page, guest: Page) -> float:
    """Milliseconds of one join."""
    guest.get_by_role("button", name="Ask to join").click(timeout=SLOW)
    admit = host.get_by_role("button", name=f"Admit {NAMES['coordinator']}")
    admit.wait_for(timeout=SLOW)
    before, began = decoded_frames(guest), time.monotonic()
    admit.click()
    while decoded_frames(guest) <= before:
        if time.monotonic() - began > SLOW / 1000:
            raise RuntimeError("no frame was decoded")
        guest.wait_for_timeout(10)
    return (time.monotonic() - began) * 1000


def _measure(product: Product, trials: int) -> list[float]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=WINDOW_FLAGS)
        hour = Hour(Windows(browser, product), None)
        host, guest = hour.enter("therapist"), hour.enter("coordinator")
        hour.open_patients_conversation("therapist")
        host.get_by_role("link", name="Plan a session").click()
        host.get_by_role("button", name="Start now instead").click(timeout=SLOW)
        host.get_by_role("button", name="Open the call").click(timeout=SLOW)
        hour.go("coordinator", "Calendar")
        guest.get_by_role("link", name="Join the call").first.click(timeout=SLOW)
        took = []
        for _ in range(trials):
            took.append(_first_frame(host, guest))
            guest.get_by_role("button", name="Leave the call").click()
            guest.get_by_role("button", name="Join again").click(timeout=SLOW)
        browser.close()
        return took


def figures(trials: int = TRIALS) -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder))
        try:
            took = _measure(product, trials)
        finally:
            product.stop()
    of: dict[str, int | float | str] = {"trials": trials, "people": 2}
    yield Figure("join.to_first_frame.p50", percentile(took, 0.5), "ms", of)
    yield Figure("join.to_first_frame.max", max(took), "ms", of)
