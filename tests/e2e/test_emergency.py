"""An emergency in real windows: an outsider declares it, a member's window answers, the patient and the officer see."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, Windows

SLOW = 60_000
NAMES = {
    "therapist": "Dr. Elena Marsh",
    "patient": "Maya Lindqvist",
    "emergency": "Dr. Ruth Adeyemi",
    "officer": "Grace Lindgren",
}
FIRST_LINE = "Maya and I met today for our eighth session."


def sign_in(windows: Windows, who: str, *, phone: bool = False) -> Page:
    page = windows.of(who, phone=phone)
    page.goto("/")
    page.get_by_role("button", name=f"Sign in as {NAMES[who]}").click()
    return page


def picture(page: Page, pictures: Path | None, name: str) -> None:
    """Both themes, at desktop and phone width, where somebody asked for pictures."""
    if pictures is None:
        return
    wide = page.viewport_size
    assert wide is not None
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size, suffix in ((wide, "wide"), (PHONE, "phone")):
            page.set_viewport_size(size)  # type: ignore[arg-type]  # a TypedDict by shape
            page.screenshot(path=pictures / f"emergency-{name}-{scheme}-{suffix}.png", full_page=True)
            is_sideways = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not is_sideways, f"{name} scrolls sideways"
    page.set_viewport_size(wide)
    page.emulate_media(color_scheme="light")


@pytest.mark.timeout(600)
def test_it_works(windows: Windows, pictures: Path | None) -> None:
    ruth = sign_in(windows, "emergency")
    expect(ruth.get_by_text("Elsewhere this code is on your telephone.")).to_be_visible(timeout=SLOW)
    picture(ruth, pictures, "sign-in")
    ruth.get_by_role("button", name="Use it").click()
    ruth.get_by_role("button", name="Sign in", exact=True).click()
    ruth.get_by_role("link", name="Emergency").click(timeout=SLOW)
    expect(ruth.get_by_role("heading", name="Emergency access")).to_be_visible()
    picture(ruth, pictures, "find")
    ruth.get_by_label("Full name").fill("Maya Lindqvist")
    ruth.get_by_label("Born").fill("1991-03-14")
    ruth.get_by_role("button", name="Find").click()
    expect(ruth.get_by_text("Grace Lindgren (privacy officer)")).to_be_visible()
    ruth.get_by_role("button", name="Reason").click()
    ruth.get_by_role("option", name="Overdose or poisoning").click()
    ruth.get_by_label("In your words").fill("Brought in unconscious, empty blister packs beside her.")
    ruth.get_by_text("This is an emergency, I treat this patient in it").click()
    picture(ruth, pictures, "declare")
    ruth.get_by_role("button", name="Open for 4 hours").click()
    expect(ruth.get_by_text("3 people were told.")).to_be_visible(timeout=SLOW)
    picture(ruth, pictures, "waiting")
    # Elena signs in, and her window answers without a click.
    elena = sign_in(windows, "therapist")
    expect(ruth.get_by_text("The keys are here.")).to_be_visible(timeout=SLOW)
    ruth.get_by_role("button", name="Read", exact=True).click()
    expect(ruth.get_by_text(FIRST_LINE)).to_be_visible(timeout=SLOW)
    picture(ruth, pictures, "reading")
    assert elena.url
    maya = sign_in(windows, "patient")
    expect(maya.get_by_role("heading", name="Read in an emergency")).to_be_visible(timeout=SLOW)
    picture(maya, pictures, "patient")
    grace = sign_in(windows, "officer")
    grace.get_by_role("link", name="Privacy office").click(timeout=SLOW)
    grace.get_by_role("tab", name="Emergencies").click()
    expect(grace.get_by_role("article")).to_be_visible(timeout=SLOW)
    grace.get_by_role("button", name="End it now").click()
    expect(ruth.get_by_text(FIRST_LINE)).not_to_be_visible(timeout=SLOW)
    grace.get_by_text("It was justified").click()
    grace.get_by_label("Why", exact=True).fill("The ward confirmed the overdose.")
    picture(grace, pictures, "review")
    grace.get_by_role("button", name="Close the review").click()
    expect(maya.get_by_text("The ward confirmed the overdose.")).to_be_visible(timeout=SLOW)
    picture(ruth, pictures, "over")
