"""Two windows answer, name, change and take back messages, and see what remains."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.e2e.looks import looks_well

ODD = "שלום \u202e5 mg 👩‍⚕️ " + "x" * 300


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    hour = Hour(windows, pictures)
    hour.enter("therapist", for_axe=True)
    hour.enter("patient", phone=True, for_axe=True)
    hour.open_patients_conversation("therapist")
    hour.open_own_conversation()
    return hour


def article(page: Page, text: str) -> Locator:
    return page.get_by_role("log", name="Messages").get_by_role("article").filter(has_text=text).last


def choose(page: Page, text: str, what: str) -> None:
    article(page, text).get_by_role("button", name=re.compile("^What to do with")).click()
    page.get_by_role("menuitem", name=what).click()


def send(page: Page, text: str) -> None:
    page.get_by_label("Write a message").fill(text)
    page.get_by_role("button", name="Send").click()


def test_an_answer_quotes_what_it_answers_and_leads_there(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    hour.write("therapist", "How did you sleep this week?")
    hour.sees("patient", "How did you sleep this week?")
    choose(maya, "How did you sleep this week?", "Answer")
    expect(maya.get_by_label("Write a message")).to_be_focused()
    send(maya, "Better than last week.")
    quote = article(elena, "Better than last week.").get_by_role("button", name=re.compile("In answer to"))
    expect(quote).to_contain_text("How did you sleep this week?", timeout=SLOW)
    quote.click()
    asked = elena.get_by_role("log", name="Messages").get_by_role("article").filter(has_text="How did you sleep").first
    expect(asked).to_be_focused(timeout=SLOW)


def test_a_member_is_named_by_keyboard_alone(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    box = elena.get_by_label("Write a message")
    box.press_sequentially("Please read this, @may")
    expect(elena.get_by_role("option", name=NAMES["patient"])).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, elena, "mention", whole=False)
    box.press("Enter")
    expect(box).to_have_value(f"Please read this, @{NAMES['patient']} ")
    box.press("Enter")
    named = article(maya, "Please read this").get_by_text(f"@{NAMES['patient']}")
    expect(named).to_have_class("mention", timeout=SLOW)


def test_an_edit_shows_the_new_words_and_keeps_the_old(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    hour.write("therapist", "Take 50 mg in the evening.")
    hour.sees("patient", "Take 50 mg in the evening.")
    choose(elena, "Take 50 mg in the evening.", "Change")
    box = elena.get_by_label("Write a message")
    expect(box).to_have_value("Take 50 mg in the evening.")
    send(elena, "Take 5 mg in the evening.")
    changed = article(maya, "Take 5 mg in the evening.")
    expect(changed).to_be_visible(timeout=SLOW)
    changed.get_by_role("button", name="Edited: see what it said").click()
    before = maya.get_by_role("dialog", name="What it said before")
    expect(before.get_by_text("Take 50 mg in the evening.")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, maya, "edited", whole=False)
    maya.keyboard.press("Escape")
    expect(box).to_have_value("")


def test_another_can_only_answer_and_pin(hour: Hour) -> None:
    maya = hour["patient"]
    article(maya, "Take 5 mg").get_by_role("button", name=re.compile("^What to do with")).click()
    expect(maya.get_by_role("menuitem")).to_have_text(["Answer", "Pin"], timeout=SLOW)
    maya.keyboard.press("Escape")


def test_what_is_taken_back_leaves_who_and_when_alone(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    hour.write("therapist", "This was for somebody else.")
    hour.sees("patient", "This was for somebody else.")
    choose(maya, "This was for somebody else.", "Answer")
    send(maya, "I do not understand.")
    choose(elena, "This was for somebody else.", "Take back")
    elena.get_by_role("alertdialog").get_by_role("button", name="Take it back").click()
    for page, who in ((elena, "You"), (maya, NAMES["therapist"])):
        expect(page.get_by_role("article", name=re.compile(f"^{re.escape(who)}.*taken back$"))).to_be_visible(
            timeout=SLOW
        )
        expect(page.get_by_text("This was for somebody else.")).to_have_count(0, timeout=SLOW)
    expect(article(maya, "I do not understand.")).to_contain_text("A message that was taken back")
    looks_well(hour.pictures, elena, "taken-back", whole=False)


def test_odd_text_neither_hides_nor_widens_anything(hour: Hour) -> None:
    send(hour["therapist"], ODD)
    shown = article(hour["patient"], "שלום")
    expect(shown).to_contain_text("\ufffd5 mg", timeout=SLOW)
    looks_well(hour.pictures, hour["patient"], "odd-text", whole=False)
