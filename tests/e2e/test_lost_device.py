"""A device is lost: what opens the keys is replaced in the browser, cut short half-way and taken up again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour, keep_recovery
from tests.e2e.test_keys import OLD, Passkeys

NEW = "gravel otter pamphlet seldom nine"


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    hour = Hour(windows, pictures)
    hour.enter("patient", phone=True)
    hour.open_own_conversation()
    # What is lost: a device of the therapist's, signed in, with the conversation open.
    hour.pages["thief"] = hour.enter("therapist")
    hour.open_patients_conversation("thief")
    hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    hour.write("therapist", "Before it was stolen.")
    Passkeys(hour["therapist"], keeps_secrets=True)
    return hour


def account(page: Page) -> None:
    page.get_by_role("link", name="account and security").click(timeout=SLOW)


def unlock(page: Page, password: str) -> None:
    expect(page.get_by_role("heading", name=re.compile("Welcome back"))).to_be_visible(timeout=SLOW)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Unlock").click()
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)


def open_conversation(page: Page) -> None:
    """Without a reload, which would lock the keys."""
    page.get_by_role("navigation", name="Main").first.locator('a[href="/"]').first.click()
    page.get_by_role("link", name=NAMES["patient"]).first.click(timeout=SLOW)


def begin(page: Page) -> None:
    account(page)
    page.get_by_role("link", name="My device was lost or stolen").click()
    page.get_by_label("Current password").fill(OLD)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Make new keys").click()
    expect(page.get_by_role("list", name="Recovery code")).to_be_visible(timeout=SLOW)


def test_1_the_page_says_what_will_happen_and_names_the_passkeys_that_stop_working(hour: Hour) -> None:
    page = hour["therapist"]
    account(page)
    card = page.get_by_role("region", name="Passkeys")
    card.get_by_text("Add a passkey").click()
    card.get_by_label("Name of the passkey").fill("Stolen telephone")
    card.get_by_label("Your password").fill(OLD)
    card.get_by_role("button", name="Add the passkey").click()
    page.get_by_role("button", name="I have kept them").click(timeout=SLOW)
    page.get_by_role("link", name="My device was lost or stolen").click()
    told = page.get_by_role("region", name="What will happen")
    expect(told.get_by_text("Stolen telephone")).to_be_visible(timeout=SLOW)
    expect(told.get_by_text("can be read by whoever opens the lost device")).to_be_visible()
    hour.picture("therapist", "lost-device")
    page.set_viewport_size({"width": 390, "height": 844})
    hour.picture("therapist", "lost-device-phone")
    page.set_viewport_size({"width": 1280, "height": 800})


def test_2_a_page_that_is_closed_before_the_code_is_confirmed_has_changed_nothing(hour: Hour) -> None:
    page = hour["therapist"]
    begin(page)
    hour.picture("therapist", "lost-device-code")
    for window in (page, hour["thief"]):
        # Both remember their device for hours, by keys that are as good as before.
        window.reload()
        expect(window.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)


def test_3_once_the_code_is_confirmed_every_other_session_has_ended(hour: Hour) -> None:
    page = hour["therapist"]
    begin(page)
    # The new key must not get far, so that a reload cuts it short.
    page.route("**/api/threads/*/log", _no_writing)
    keep_recovery(page)
    expect(page.get_by_role("heading", name="Your keys are new")).to_be_visible(timeout=SLOW)
    expect(hour["thief"].get_by_role("heading", name="Sign in").first).to_be_visible(timeout=SLOW)


def _no_writing(route: Route) -> None:
    if route.request.method == "POST":
        route.abort()
    else:
        route.continue_()


def test_4_what_a_reload_cut_short_is_taken_up_again_and_the_conversation_goes_on(hour: Hour) -> None:
    page = hour["therapist"]
    page.reload()
    page.unroute("**/api/threads/*/log")
    unlock(page, NEW)
    account(page)
    expect(page.get_by_text(re.compile("Your new key is in"))).to_be_visible(timeout=SLOW)
    hour.picture("therapist", "new-keys")
    open_conversation(page)
    hour.sees("therapist", "Before it was stolen.")
    expect(hour["patient"].get_by_text(re.compile("new key, signed by the old one"))).to_be_visible(timeout=SLOW)
    hour.write("therapist", "After it was stolen.")
    hour.sees("patient", "After it was stolen.")


def test_5_the_passkeys_are_gone_and_the_old_password_opens_nothing(hour: Hour) -> None:
    account(hour["therapist"])
    card = hour["therapist"].get_by_role("region", name="Passkeys")
    expect(card.get_by_text("Stolen telephone")).to_have_count(0, timeout=SLOW)
    thief = hour["thief"]
    thief.get_by_text("Sign in as somebody else").click()
    thief.get_by_label("E-mail").fill("therapist@demo.consilium")
    thief.get_by_label("Password").fill(OLD)
    thief.get_by_role("button", name="Sign in", exact=True).click()
    expect(thief.get_by_text("That password does not match")).to_be_visible(timeout=SLOW)


def test_6_keys_are_renewed_by_routine_and_nothing_else_changes(hour: Hour) -> None:
    page = hour["therapist"]
    account(page)
    card = page.get_by_role("region", name="New keys")
    card.get_by_text("Renew my keys").first.click()
    card.get_by_label("Your password").fill(NEW)
    card.get_by_role("button", name="Renew my keys").click()
    expect(page.get_by_text("You have new keys. Everything opens as before.")).to_be_visible(timeout=SLOW)
    expect(card.get_by_text(re.compile("Your new key is in"))).to_be_visible(timeout=SLOW)
    open_conversation(page)
    hour.sees("therapist", "After it was stolen.")
    hour.write("therapist", "With renewed keys.")
    hour.sees("patient", "With renewed keys.")
