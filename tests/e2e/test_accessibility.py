"""Every page at desktop and phone width, light and dark: no axe violation, and nothing to scroll sideways."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.first_hour import NAMES, SLOW
from tests.e2e.looks import AXE, RUN
from tests.product import Product

NARROWEST = 360

FOCUSED = """
() => {
  const here = document.activeElement;
  return here === document.body ? '' : `${here.ariaLabel ?? ''} ${here.textContent}`;
}
"""
"""What the keyboard is on, in words; nothing while it is on no element."""

PLACES = {
    "therapist": ["/", "/sessions", "/sessions/new", "/directory", "/account", "thread"],
    "patient": ["/", "/conversations", "/sessions", "/permissions", "/ledger", "/account", "thread"],
}


class Visit:
    """A person's signed-in window of one width and colour scheme; axe comes in past the page's own policy."""

    def __init__(
        self, browser: Browser, product: Product, who: str, width: int, scheme: Literal["light", "dark"]
    ) -> None:
        size = {**(DESKTOP if width > 1000 else PHONE), "width": width}
        self.context: BrowserContext = browser.new_context(
            viewport=size,  # type: ignore[arg-type]  # a TypedDict by shape
            color_scheme=scheme,
            base_url=product.address(who),
            bypass_csp=True,
        )
        self.context.set_default_timeout(SLOW)
        self.page: Page = self.context.new_page()
        self.page.goto("/")

    def sign_in(self, who: str) -> None:
        self.page.get_by_role("button", name=f"Sign in as {NAMES[who]}").click()
        expect(self.page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)

    def go(self, place: str) -> None:
        """Opens a page and waits until it has a heading and nothing is loading."""
        if place != "thread":
            self.page.goto(place)
        elif self.page.get_by_role("list", name="Conversations").count():
            self.page.get_by_role("list", name="Conversations").get_by_role("link").first.click()
        else:
            self.page.goto("/")
            self.page.get_by_role("link", name=NAMES["patient"]).first.click()
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible(timeout=SLOW)
        expect(self.page.get_by_role("progressbar")).to_have_count(0, timeout=SLOW)

    def faults(self) -> list[str]:
        """What axe objects to, and whether the page is wider than the window."""
        self.page.evaluate(AXE)
        violations: list[dict[str, Any]] = self.page.evaluate(RUN)
        found = [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in violations]
        if self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth"):
            found.append("it scrolls sideways")
        return found


Look = tuple[int, Literal["light", "dark"]]
LOOKS: list[Look] = [(1280, "light"), (1280, "dark"), (390, "light"), (NARROWEST, "dark")]


@pytest.fixture(params=LOOKS, ids=lambda look: f"{look[0]} px, {look[1]}")
def look(request: pytest.FixtureRequest) -> Look:
    width, scheme = request.param
    return width, scheme


def test_nobody_stumbles_before_signing_in(browser: Browser, product: Product, look: Look) -> None:
    visit = Visit(browser, product, "", *look)
    found = {}
    for place in ("/", "/enrol", "/recover"):
        visit.go(place)
        found[place] = visit.faults()
    visit.context.close()
    assert {place: faults for place, faults in found.items() if faults} == {}


@pytest.mark.parametrize("who", list(PLACES))
def test_every_page_can_be_read_by_everybody(browser: Browser, product: Product, look: Look, who: str) -> None:
    visit = Visit(browser, product, who, *look)
    visit.sign_in(who)
    found = {}
    for place in PLACES[who]:
        if place == "thread" and who == "patient":
            visit.go("/conversations")
            expect(visit.page.get_by_role("list", name="Conversations")).to_be_visible(timeout=SLOW)
        visit.go(place)
        found[place] = visit.faults()
    visit.context.close()
    assert {place: faults for place, faults in found.items() if faults} == {}


def test_a_message_is_written_with_the_keyboard_alone(browser: Browser, product: Product) -> None:
    visit = Visit(browser, product, "therapist", 1280, "light")
    page = visit.page

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            focused = page.evaluate(FOCUSED)
            if name in focused:
                return
        raise AssertionError(f"the keyboard never reached {name}")

    expect(page.get_by_role("button", name=f"Sign in as {NAMES['therapist']}")).to_be_visible(timeout=SLOW)
    tab_to(f"Sign in as {NAMES['therapist']}")
    page.keyboard.press("Enter")
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_role("link", name=NAMES["patient"]).first).to_be_visible(timeout=SLOW)
    tab_to(NAMES["patient"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Messages")).to_be_visible(timeout=SLOW)
    tab_to("Write a message")
    page.keyboard.type("Written without a mouse.")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log", name="Messages").get_by_text("Written without a mouse.")).to_be_visible(timeout=SLOW)
    visit.context.close()
