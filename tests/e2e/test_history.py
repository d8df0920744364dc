"""Two windows pin, go to a date, and walk a conversation by keyboard."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import SLOW, Hour
from tests.e2e.looks import looks_well
from tests.e2e.test_speech import article, choose


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    hour = Hour(windows, pictures)
    hour.enter("therapist", for_axe=True)
    hour.enter("patient", phone=True, for_axe=True)
    hour.open_patients_conversation("therapist")
    hour.open_own_conversation()
    return hour


def test_what_one_pins_the_other_finds_at_the_top_and_goes_there(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    hour.write("therapist", "Call the pharmacy on Monday.")
    hour.sees("patient", "Call the pharmacy on Monday.")
    choose(elena, "Call the pharmacy on Monday.", "Pin")
    bar = maya.get_by_role("region", name="Pinned")
    expect(bar).to_contain_text("Call the pharmacy on Monday.", timeout=SLOW)
    looks_well(hour.pictures, maya, "pinned-phone", whole=False)
    bar.get_by_role("button", name="Call the pharmacy on Monday.").click()
    expect(article(maya, "Call the pharmacy on Monday.")).to_be_focused(timeout=SLOW)
    looks_well(hour.pictures, elena, "pinned", whole=False)


def test_a_pin_goes_when_its_message_is_taken_back(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    choose(elena, "Call the pharmacy on Monday.", "Take back")
    elena.get_by_role("alertdialog").get_by_role("button", name="Take it back").click()
    for page in (elena, maya):
        expect(page.get_by_role("region", name="Pinned")).to_have_count(0, timeout=SLOW)


def test_messages_are_walked_by_arrow_keys_and_the_focus_stays(hour: Hour) -> None:
    elena = hour["therapist"]
    for number in range(1, 4):
        hour.write("therapist", f"Line number {number}.")
    elena.get_by_role("log", name="Messages").focus()
    elena.keyboard.press("ArrowUp")
    expect(article(elena, "Line number 3.")).to_be_focused(timeout=SLOW)
    elena.keyboard.press("ArrowUp")
    elena.keyboard.press("ArrowUp")
    expect(article(elena, "Line number 1.")).to_be_focused(timeout=SLOW)
    elena.keyboard.press("ArrowDown")
    expect(article(elena, "Line number 2.")).to_be_focused(timeout=SLOW)


def test_one_goes_to_a_date(hour: Hour) -> None:
    elena = hour["therapist"]
    elena.get_by_role("button", name="More about this conversation").click()
    elena.get_by_role("menuitem", name="Go to a date").click()
    dialog = elena.get_by_role("dialog", name="Go to a date")
    dialog.get_by_label("Day").fill(date.today().isoformat())
    looks_well(hour.pictures, elena, "go-to-a-date", whole=False)
    dialog.get_by_role("button", name="Go there").click()
    expect(dialog).to_have_count(0, timeout=SLOW)
    first = elena.get_by_role("log", name="Messages").get_by_role("article").first
    expect(first).to_be_visible(timeout=SLOW)
