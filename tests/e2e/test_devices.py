"""A device that is signed out from another: its window closes at once, and what it remembered is gone when it hears."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour

REMEMBERED = """async () => {
  const database = await new Promise((resolve) => {
    const opening = indexedDB.open('consilium-vault');
    opening.onsuccess = () => resolve(opening.result);
  });
  const rows = await new Promise((resolve) => {
    const asked = database.transaction('remembered').objectStore('remembered').getAll();
    asked.onsuccess = () => resolve(asked.result.length);
  });
  database.close();
  return rows;
}"""


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


@pytest.fixture(scope="module")
def lost(hour: Hour, windows: Windows) -> Iterator[Page]:
    """The therapist's other device, signed in and remembered; her own window comes second."""
    page = hour.enter("therapist")
    context = windows.open.pop("therapist")
    hour.enter("therapist")
    yield page
    context.close()


def sign_out_the_other(page: Page) -> None:
    page.goto("/account")
    card = page.get_by_role("region", name="Devices")
    expect(card.get_by_role("listitem")).to_have_count(2, timeout=SLOW)
    expect(card.get_by_text("This device")).to_have_count(1)
    expect(card.get_by_text("Remembered")).to_have_count(2)
    card.get_by_role("listitem").filter(has_not_text="This device").get_by_role("button").click()
    expect(card.get_by_role("listitem")).to_have_count(1, timeout=SLOW)


def test_1_an_open_window_closes_and_forgets(hour: Hour, lost: Page) -> None:
    assert lost.evaluate(REMEMBERED) == 1
    sign_out_the_other(hour["therapist"])
    hour.picture("therapist", "devices")
    expect(lost.get_by_role("button", name=f"Sign in as {NAMES['therapist']}")).to_be_visible(timeout=SLOW)
    assert lost.evaluate(REMEMBERED) == 0
    assert lost.evaluate("() => localStorage.getItem('consilium.door')") is None


def test_2_a_device_that_was_away_forgets_when_it_comes_back(hour: Hour, lost: Page) -> None:
    lost.get_by_role("button", name=f"Sign in as {NAMES['therapist']}").click()
    expect(lost.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
    lost.goto("about:blank")
    sign_out_the_other(hour["therapist"])
    lost.goto("/")
    expect(lost.get_by_role("button", name=f"Sign in as {NAMES['therapist']}")).to_be_visible(timeout=SLOW)
    assert lost.evaluate(REMEMBERED) == 0


def test_3_the_one_that_asked_goes_on(hour: Hour) -> None:
    page = hour["therapist"]
    page.goto("/")
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
