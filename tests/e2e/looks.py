"""How a page must look wherever it is opened: nothing for axe to find and nothing to scroll sideways."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Page

from config.environment import ROOT

AXE = (ROOT / "frontend/node_modules/axe-core/axe.min.js").read_text()
RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
# What fades in has the contrast of a ghost until it is there; a spinner never ends.
STILL = """async () => {
  const ending = document.getAnimations().filter((one) => one.effect?.getComputedTiming().endTime !== Infinity);
  await Promise.all(ending.map((one) => one.finished.catch(() => null)));
}"""
Scheme = Literal["light", "dark"]
LOOKS: tuple[tuple[int, int, Scheme], ...] = (
    (1280, 800, "light"),
    (1280, 800, "dark"),
    (390, 844, "light"),
    (390, 844, "dark"),
)


def looks_well(pictures: Path | None, page: Page, name: str, *, whole: bool = True) -> None:
    """No axe violation and nothing to scroll sideways, at both widths, light and dark; and a picture of each.

    The page must be in a window that lets axe past the page's own policy (`Windows.of(…, for_axe=True)`).
    """
    found: dict[str, list[str]] = {}
    for width, height, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.evaluate(STILL)
        page.evaluate(AXE)
        violations: list[dict[str, Any]] = page.evaluate(RUN)
        faults = [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in violations]
        if page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            faults.append("it scrolls sideways")
        if faults:
            found[f"{width} px, {scheme}"] = faults
        if pictures is not None:
            page.screenshot(path=pictures / f"{name}-{width}-{scheme}.png", animations="disabled", full_page=whole)
    page.set_viewport_size({"width": 1280, "height": 800})
    page.emulate_media(color_scheme="light")
    assert not found, found
