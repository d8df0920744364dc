"""An emergency in real windows: an outsider declares it, a member's window answers, the patient and the officer see."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.looks import looks_well

SLOW = 60_000
NAMES = {
    "therapist": "Dr. Elena Marsh",
    "patient": "Maya Lindqvist",
    "emergency": "Dr. Ruth Adeyemi",
    "physician": "Dr. Priya Nair",
    "officer": "Grace Lindgren",
}
FIRST_LINE = "Maya and I met today for our eighth session."


@pytest.fixture(scope="module")
def pages() -> dict[str, Page]:
    """Windows that a later test goes on with: a code from the telephone counts once."""
    return {}


def sign_in(windows: Windows, who: str, *, phone: bool = False) -> Page:
    page = windows.of(who, phone=phone, for_axe=True)
    page.goto("/")
    page.get_by_role("button", name=f"Sign in as {NAMES[who]}").click()
    return page


def prove(page: Page) -> None:
    """Signs in with the second factor, whose code the demonstration shows."""
    expect(page.get_by_text("Elsewhere this code is on your telephone.")).to_be_visible(timeout=SLOW)
    page.get_by_role("button", name="Use it").click()
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("link", name="Emergency").click(timeout=SLOW)
    expect(page.get_by_role("heading", name="Emergency access")).to_be_visible()


def ask_for(page: Page, reason: str, words: str) -> None:
    """Finds the patient and fills the declaration in."""
    page.get_by_label("Full name").fill("Maya Lindqvist")
    page.get_by_label("Born").fill("1991-03-14")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("button", name="Reason").click()
    page.get_by_role("option", name=reason).click()
    page.get_by_label("In your words").fill(words)
    page.get_by_text("This is an emergency, I treat this patient in it").click()


@pytest.mark.timeout(600)
def test_it_works(windows: Windows, pages: dict[str, Page], pictures: Path | None) -> None:
    ruth = pages["emergency"] = sign_in(windows, "emergency")
    expect(ruth.get_by_text("Elsewhere this code is on your telephone.")).to_be_visible(timeout=SLOW)
    looks_well(pictures, ruth, "emergency-sign-in")
    prove(ruth)
    looks_well(pictures, ruth, "emergency-find")
    ask_for(ruth, "Overdose or poisoning", "Brought in unconscious, empty blister packs beside her.")
    expect(ruth.get_by_text("Grace Lindgren (privacy officer)")).to_be_visible()
    looks_well(pictures, ruth, "emergency-declare")
    ruth.get_by_role("button", name="Open for 4 hours").click()
    expect(ruth.get_by_text("3 people were told.")).to_be_visible(timeout=SLOW)
    looks_well(pictures, ruth, "emergency-waiting")
    # Elena signs in, and her window answers without a click.
    elena = sign_in(windows, "therapist")
    expect(ruth.get_by_text("The keys are here.")).to_be_visible(timeout=SLOW)
    ruth.get_by_role("button", name="Read", exact=True).click()
    expect(ruth.get_by_text(FIRST_LINE)).to_be_visible(timeout=SLOW)
    looks_well(pictures, ruth, "emergency-reading")
    assert elena.url
    maya = sign_in(windows, "patient")
    expect(maya.get_by_role("heading", name="Read in an emergency")).to_be_visible(timeout=SLOW)
    looks_well(pictures, maya, "emergency-patient")
    grace = sign_in(windows, "officer")
    grace.get_by_role("link", name="Privacy office").click(timeout=SLOW)
    grace.get_by_role("tab", name="Emergencies").click()
    expect(grace.get_by_role("article")).to_be_visible(timeout=SLOW)
    grace.get_by_role("button", name="End it now").click()
    expect(ruth.get_by_text(FIRST_LINE)).not_to_be_visible(timeout=SLOW)
    grace.get_by_text("It was justified").click()
    grace.get_by_label("Why", exact=True).fill("The ward confirmed the overdose.")
    looks_well(pictures, grace, "emergency-review")
    grace.get_by_role("button", name="Close the review").click()
    expect(maya.get_by_text("The ward confirmed the overdose.")).to_be_visible(timeout=SLOW)
    looks_well(pictures, ruth, "emergency-over")


@pytest.mark.timeout(600)
def test_a_second_emergency_within_a_day_needs_a_colleague(
    windows: Windows, pages: dict[str, Page], pictures: Path | None
) -> None:
    ruth = pages["emergency"]
    ask_for(ruth, "Danger of suicide", "She is back on the ward and says that she will try again.")
    ruth.get_by_role("button", name="Open for 4 hours").click()
    ruth.get_by_role("button", name="Who co-signs").click(timeout=SLOW)
    ruth.get_by_role("option", name=re.compile("Priya Nair")).click()
    looks_well(pictures, ruth, "emergency-who-co-signs")
    ruth.get_by_role("button", name="Ask to co-sign").click()
    expect(ruth.get_by_text("Waits for a co-signature")).to_be_visible(timeout=SLOW)
    priya = sign_in(windows, "physician")
    prove(priya)
    asked = priya.get_by_role("region", name="Co-sign for Dr. Ruth Adeyemi")
    expect(asked).to_be_visible(timeout=SLOW)
    looks_well(pictures, priya, "emergency-co-sign")
    asked.get_by_role("button", name="Co-sign").click()
    expect(ruth.get_by_text("Open now")).to_be_visible(timeout=SLOW)
    expect(asked).to_have_count(0)
