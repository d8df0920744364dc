"""Two people compare their keys on their screens, and a conversation is closed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def digits_of(page: Page) -> list[str]:
    return page.get_by_role("list", name=re.compile("Safety number")).get_by_role("listitem").all_inner_texts()


def verified_on(page: Page) -> Locator:
    """The mark in the list that this screen shows: a phone's other one is hidden."""
    return page.get_by_text("Verified in person", exact=True).locator("visible=true").first


def compare_with(page: Page, name: str) -> list[str]:
    page.get_by_role("button", name=f"Compare keys with {name}").first.click()
    expect(page.get_by_role("img", name=re.compile("Your code"))).to_be_visible(timeout=SLOW)
    return digits_of(page)


def test_1_both_screens_show_the_same_digits_and_words(hour: Hour) -> None:
    hour.enter("therapist")
    hour.enter("patient", phone=True)
    hour.open_patients_conversation("therapist")
    hour.open_own_conversation()
    therapist, patient = hour["therapist"], hour["patient"]
    patient.get_by_role("button", name=re.compile("Who can read this")).click()
    words = [page.locator(".thread-phrase").locator("visible=true").first.inner_text() for page in (therapist, patient)]
    assert words[0] == words[1]
    assert len(words[0].split()) == 6
    shown = compare_with(therapist, NAMES["patient"]), compare_with(patient, NAMES["therapist"])
    assert shown[0] == shown[1]
    assert [len(group) for group in shown[0]] == [5] * 12
    hour.picture("therapist", "compare-keys")
    hour.picture("patient", "compare-keys-phone")


def test_2_other_digits_are_no_match(hour: Hour) -> None:
    patient = hour["patient"]
    patient.get_by_label("Or type the digits").fill("1" * 60)
    patient.get_by_role("button", name="Check the digits").click()
    expect(patient.get_by_text("These are not the same digits")).to_be_visible()
    assert patient.get_by_text("Verified in person").count() == 0


def test_3_the_same_digits_verify_and_stay_verified(hour: Hour) -> None:
    therapist, patient = hour["therapist"], hour["patient"]
    patient.get_by_label("Or type the digits").fill(" ".join(digits_of(therapist)))
    patient.get_by_role("button", name="Check the digits").click()
    expect(verified_on(patient)).to_be_visible(timeout=SLOW)
    therapist.get_by_role("button", name="They are the same: we compared").click()
    expect(verified_on(therapist)).to_be_visible(timeout=SLOW)
    therapist.reload()
    expect(verified_on(therapist)).to_be_visible(timeout=SLOW)


def test_4_a_closed_conversation_is_read_and_not_written_in(hour: Hour) -> None:
    therapist = hour["therapist"]
    hour.write("therapist", "The last word here.")
    therapist.get_by_role("button", name="More about this conversation").click()
    therapist.get_by_role("menuitem", name="Close it").click()
    therapist.get_by_role("dialog", name="Close this conversation").get_by_role(
        "button", name="Close it for everybody"
    ).click()
    hour["patient"].reload()
    for who in ("therapist", "patient"):
        expect(hour[who].get_by_text("This conversation is closed").first).to_be_visible(timeout=SLOW)
        hour.sees(who, "The last word here.")
    assert therapist.get_by_label("Write a message").count() == 0
