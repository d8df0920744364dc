"""Password and a code of the app, set up in the browser, read everything on an empty one; neither alone does."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, expect

from client.second_factor import totp_code
from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.product import Product

EMAIL, PASSWORD = "therapist@demo.consilium", "demo-consilium-2026"
WRITTEN = "Ochre-9: written before the browser was emptied."


class Kept:
    """What the person has beside the password: the app's secret, and the recovery codes of the second factor."""

    secret = ""
    spare = ""


@pytest.fixture(scope="module")
def hour(windows: Windows) -> Hour:
    return Hour(windows, None)


def sign_in_on_an_empty_browser(page: Page, product: Product) -> None:
    origin = product.address("therapist")
    page.goto("about:blank")
    line = page.context.new_cdp_session(page)
    line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    page.context.clear_cookies()
    page.goto(origin)
    page.get_by_text("Sign in as somebody else").click(timeout=SLOW)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_label("Code of your authenticator app")).to_be_visible(timeout=SLOW)


def show(page: Page, code: str) -> None:
    page.get_by_label("Code of your authenticator app").fill(code)
    page.get_by_role("button", name="Sign in", exact=True).click()


def reads_everything(hour: Hour) -> None:
    page = hour["therapist"]
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name=NAMES["patient"]).first.click(timeout=SLOW)
    hour.sees("therapist", WRITTEN)


def test_1_it_is_set_up_in_the_browser(hour: Hour) -> None:
    page = hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    hour.write("therapist", WRITTEN)
    page.goto("/account")
    card = page.get_by_role("region", name="Second factor")
    card.get_by_label("Your password").fill(PASSWORD, timeout=SLOW)
    card.get_by_role("button", name="Set up an authenticator app").click()
    Kept.secret = card.locator(".factor-secret").inner_text(timeout=SLOW).replace(" ", "")
    card.get_by_label("Code of your authenticator app").fill(totp_code(Kept.secret, time.time()))
    card.get_by_role("button", name="Switch it on").click()
    Kept.spare = page.locator("ol.recovery-code li").first.inner_text(timeout=SLOW)
    page.get_by_role("button", name="I have kept them").click()
    expect(card.get_by_text("On", exact=True)).to_be_visible(timeout=SLOW)


def test_2_on_an_empty_browser_the_password_alone_opens_nothing_and_a_wrong_code_neither(
    hour: Hour, product: Product
) -> None:
    page = hour["therapist"]
    sign_in_on_an_empty_browser(page, product)
    assert page.evaluate("async () => (await fetch('/api/keys/mine')).status") == 401
    show(page, "000000")
    expect(page.get_by_text("That code is not right")).to_be_visible(timeout=SLOW)


def test_3_password_and_code_read_everything(hour: Hour) -> None:
    # The code of the set-up served once already, and the app shows the next within the tolerance.
    show(hour["therapist"], totp_code(Kept.secret, time.time() + 30))
    reads_everything(hour)


def test_4_with_the_telephone_lost_a_recovery_code_of_the_factor_does(hour: Hour, product: Product) -> None:
    sign_in_on_an_empty_browser(hour["therapist"], product)
    show(hour["therapist"], Kept.spare)
    reads_everything(hour)
