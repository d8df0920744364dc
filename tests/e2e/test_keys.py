"""The ways to one's keys, each tried alone on a browser that knows nothing, and each lost once."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import CDPSession, Locator, Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour, keep_recovery
from tests.product import Product

EMAIL = "therapist@demo.consilium"
SECRET = "Cinnabar-12: written before anything was lost."
OLD, NEW = "demo-consilium-2026", "gravel otter pamphlet seldom nine"
LAST = "thimble quarry unseen marmalade two"


class Passkeys:
    """A passkey store beside a window, as in a telephone or a security key: it outlives the browser's own data."""

    def __init__(self, page: Page, *, keeps_secrets: bool) -> None:
        self.page = page
        self.line: CDPSession = page.context.new_cdp_session(page)
        self.line.send("WebAuthn.enable")
        self.id = self._plug_in(keeps_secrets)

    def _plug_in(self, keeps_secrets: bool) -> str:
        options = {
            "protocol": "ctap2",
            "ctap2Version": "ctap2_1",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
            "hasPrf": keeps_secrets,
        }
        answer = self.line.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        return str(answer["authenticatorId"])

    def verifies(self, verified: bool) -> None:
        self.line.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": verified})

    def lose(self) -> None:
        self.line.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": self.id})

    def replace(self, *, keeps_secrets: bool) -> None:
        self.lose()
        self.id = self._plug_in(keeps_secrets)


class Person:
    """The therapist, whose window can be emptied as if it had never been there."""

    def __init__(self, hour: Hour, product: Product) -> None:
        self.hour, self.page, self.origin = hour, hour["therapist"], product.address("therapist")
        self.passkeys = Passkeys(self.page, keeps_secrets=True)
        self.spare = self.code = ""

    def empty_the_browser(self) -> None:
        self.page.goto("about:blank")
        self.passkeys.line.send("Storage.clearDataForOrigin", {"origin": self.origin, "storageTypes": "all"})
        self.page.context.clear_cookies()
        self.page.goto(self.origin)
        expect(self.page.get_by_role("heading", name="Sign in").first).to_be_visible(timeout=SLOW)

    def reload(self) -> None:
        self.page.reload()
        expect(self.page.get_by_role("heading", name=re.compile("Welcome back"))).to_be_visible(timeout=SLOW)

    def form(self) -> None:
        self.page.get_by_text("Sign in as somebody else").click()

    def card(self, name: str) -> Locator:
        self.page.get_by_role("link", name="account and security").click(timeout=SLOW)
        return self.page.get_by_role("region", name=name)

    def is_in(self) -> None:
        expect(self.page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)

    def reads_everything(self) -> None:
        self.is_in()
        self.page.get_by_role("navigation", name="Main").first.locator('a[href="/"]').first.click()
        self.page.get_by_role("link", name=NAMES["patient"]).first.click(timeout=SLOW)
        self.hour.sees("therapist", SECRET)

    def add_passkey(self, name: str) -> None:
        card = self.card("Passkeys")
        card.get_by_text("Add a passkey").click()
        card.get_by_label("Name of the passkey").fill(name)
        card.get_by_label("Your password").fill(OLD)
        card.get_by_role("button", name="Add the passkey").click()


@pytest.fixture(scope="module")
def elena(windows: Windows, product: Product) -> Person:
    hour = Hour(windows, None)
    hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    hour.write("therapist", SECRET)
    return Person(hour, product)


def test_1_a_passkey_that_keeps_secrets_opens_the_keys_and_the_server_never_sees_its_secret(elena: Person) -> None:
    page, bodies = elena.page, list[str]()
    page.on("request", lambda request: bodies.append(request.post_data or "") if request.method != "GET" else None)
    elena.add_passkey("Telephone")
    kept = page.get_by_role("button", name="I have kept them")
    expect(kept).to_be_visible(timeout=SLOW)
    elena.spare = page.locator("ol.recovery-code li").first.inner_text()
    kept.click()
    expect(elena.card("Passkeys").get_by_text("Opens your keys")).to_be_visible(timeout=SLOW)
    sent = [json.loads(body) for body in bodies if "attestationObject" in body]
    assert sent, "the passkey was registered"
    assert all(one["credential"]["clientExtensionResults"] == {} for one in sent)


def test_2_on_an_empty_browser_the_passkey_alone_reads_everything(elena: Person) -> None:
    elena.empty_the_browser()
    elena.form()
    elena.page.get_by_role("button", name="Sign in with a passkey").click()
    elena.reads_everything()


def test_3_after_a_reload_the_passkey_unlocks(elena: Person) -> None:
    elena.reload()
    elena.page.get_by_role("button", name="Use your passkey").click()
    elena.reads_everything()


def test_4_password_and_second_factor_read_everything_on_an_empty_browser(elena: Person) -> None:
    elena.empty_the_browser()
    elena.form()
    page = elena.page
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(OLD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("button", name="Use your passkey").click(timeout=SLOW)
    elena.reads_everything()


def test_5_a_new_recovery_code_is_made_while_the_password_is_known(elena: Person) -> None:
    card = elena.card("Password and recovery code")
    card.get_by_text("Get a new recovery code").click()
    card.get_by_label("Your password").fill(OLD)
    card.get_by_role("button", name="Make a new code").click()
    shown = elena.page.get_by_role("list", name="Recovery code")
    expect(shown).to_be_visible(timeout=SLOW)
    elena.code = "-".join(one.split()[-1] for one in shown.get_by_role("listitem").all_inner_texts())
    keep_recovery(elena.page)
    expect(elena.page.get_by_text("Only the new recovery code counts")).to_be_visible(timeout=SLOW)


def test_6_a_password_that_could_be_guessed_is_not_taken_and_a_strong_one_is(elena: Person) -> None:
    card = elena.card("Password and recovery code")
    card.get_by_text("Change the password").first.click()
    card.get_by_label("Current password").fill(OLD)
    card.get_by_label("New password").fill("password12345")
    card.get_by_role("button", name="Change the password").click()
    expect(card.get_by_text("This could be guessed")).to_be_visible(timeout=SLOW)
    card.get_by_label("New password").fill(NEW)
    card.get_by_role("button", name="Change the password").click()
    expect(elena.page.get_by_text("Your password is changed")).to_be_visible(timeout=SLOW)
    elena.reads_everything()


def test_7_a_passkey_whose_holder_is_not_verified_opens_nothing(elena: Person) -> None:
    elena.reload()
    # Last of all that uses this one: a refused verification locks an authenticator.
    elena.passkeys.verifies(False)
    elena.page.get_by_role("button", name="Use your passkey").click()
    expect(elena.page.get_by_text("No passkey was used")).to_be_visible(timeout=SLOW)


def test_8_a_lost_passkey_is_survived_with_password_and_a_code_of_the_second_factor(elena: Person) -> None:
    elena.passkeys.replace(keeps_secrets=False)
    elena.empty_the_browser()
    elena.form()
    page = elena.page
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Password").fill(NEW)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_label("Code of your authenticator app").fill(elena.spare, timeout=SLOW)
    page.get_by_role("button", name="Sign in", exact=True).click()
    elena.reads_everything()


def test_9_with_password_passkey_and_device_lost_the_recovery_code_alone_reads_everything(elena: Person) -> None:
    elena.empty_the_browser()
    page = elena.page
    page.goto(f"{elena.origin}/recover")
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Recovery code").fill(elena.code.lower())
    page.get_by_label("New password").fill(LAST)
    page.get_by_role("button", name="Set the new password").click()
    expect(page.get_by_text("The code that you used is spent")).to_be_visible(timeout=SLOW)
    keep_recovery(page)
    elena.reads_everything()


def test_10_the_code_that_was_used_is_spent(elena: Person) -> None:
    elena.empty_the_browser()
    page = elena.page
    page.goto(f"{elena.origin}/recover")
    expect(page.get_by_text("your keys cannot be opened by anyone")).to_be_visible(timeout=SLOW)
    page.get_by_label("E-mail").fill(EMAIL)
    page.get_by_label("Recovery code").fill(elena.code)
    page.get_by_label("New password").fill(NEW)
    page.get_by_role("button", name="Set the new password").click()
    expect(page.get_by_text("do not belong together")).to_be_visible(timeout=SLOW)
