"""Signing in by one's organisation in a browser: linked once, offered at the door; the keys stay shut until opened."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.identity.provider import IdentityProvider
from tests.product import Product
from tests.services import free_port

HOUSE = "Riverside Counselling"
PASSWORD = "demo-consilium-2026"
SECRET = "Cobalt-31: written before the browser was emptied."


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def provider(port: int) -> Iterator[IdentityProvider]:
    running = IdentityProvider([f"http://{who}.localhost:{port}/sso" for who in ("therapist", "coordinator")])
    yield running
    running.stop()


@pytest.fixture(scope="module")
def product(port: int, provider: IdentityProvider, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    settings = {"CONSILIUM_IDENTITY_PROVIDERS": json.dumps([provider.setting(HOUSE)])}
    running = Product(tmp_path_factory.mktemp("data"), settings, port=port)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def hour(windows: Windows) -> Hour:
    return Hour(windows, None)


def sign_in_there(page: Page, name: str) -> None:
    """The provider's own pages."""
    page.get_by_placeholder("Enter any login").fill(name, timeout=SLOW)
    page.get_by_placeholder("and password").fill("any")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").click(timeout=SLOW)


def empty(page: Page, origin: str) -> None:
    line = page.context.new_cdp_session(page)
    page.goto("about:blank")
    line.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
    page.context.clear_cookies()
    page.goto(origin)


def to_the_provider(page: Page) -> None:
    page.get_by_text("Sign in as somebody else").click(timeout=SLOW)
    page.get_by_role("button", name=f"Sign in with {HOUSE}").click()


def test_1_an_account_is_linked_after_the_password_was_shown_again(hour: Hour, product: Product) -> None:
    page = hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    hour.write("therapist", SECRET)
    page.goto("/account")
    card = page.get_by_role("region", name="Sign-in by your organisation")
    card.get_by_text(f"Link with {HOUSE}").click(timeout=SLOW)
    card.get_by_label("Your password").fill(PASSWORD)
    card.get_by_role("button", name="Go there and link").click()
    sign_in_there(page, "elena-4711")
    expect(page.get_by_text("Your account is linked.")).to_be_visible(timeout=SLOW)


def test_2_on_an_empty_browser_it_signs_in_and_the_password_opens_the_keys(hour: Hour, product: Product) -> None:
    page = hour["therapist"]
    empty(page, product.address("therapist"))
    to_the_provider(page)
    sign_in_there(page, "elena-4711")
    expect(page.get_by_text("It does not have your keys")).to_be_visible(timeout=SLOW)
    hour.picture("therapist", "signed-in-by-provider")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Unlock").click()
    page.get_by_role("link", name=NAMES["patient"]).first.click(timeout=SLOW)
    hour.sees("therapist", SECRET)


def test_3_somebody_who_is_not_linked_is_told_what_to_do(hour: Hour) -> None:
    page = hour.pages["coordinator"] = hour.windows.of("coordinator")
    page.goto("/")
    to_the_provider(page)
    sign_in_there(page, "nobody-here")
    expect(page.get_by_text("No account here is linked with you there.")).to_be_visible(timeout=SLOW)
    page.get_by_role("link", name="Back to sign in").click()
    expect(page.get_by_role("button", name=f"Sign in as {NAMES['coordinator']}")).to_be_visible(timeout=SLOW)


def test_4_a_provider_that_is_down_is_said_to_be(hour: Hour, provider: IdentityProvider) -> None:
    page = hour["coordinator"]
    provider.stop()
    to_the_provider(page)
    expect(page.get_by_text("Your organisation’s sign-in does not answer.")).to_be_visible(timeout=SLOW)
    provider.start()
