"""The patient's own pages in a real browser: a request that is narrowed, a stop that is tried out first, a receipt."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from config.environment import ROOT
from consent import receipts
from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.e2e.looks import looks_well
from tests.product import Product
from wire.base import unb64


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def without_policy(hour: Hour, browser: Browser, product: Product) -> Page:
    """The patient's window, into which axe may come past the page's own policy."""
    context: BrowserContext = browser.new_context(
        base_url=product.address("patient"), bypass_csp=True, accept_downloads=True
    )
    context.set_default_timeout(SLOW)
    hour.windows.open["patient"] = context
    page = hour.pages["patient"] = context.new_page()
    page.goto("/")
    page.get_by_role("button", name=f"Sign in as {NAMES['patient']}").click()
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)
    return page


def card(page: Page, who: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_role("heading", name=who, level=2))


def test_1_a_request_says_who_why_what_from_when_and_until_when(hour: Hour, browser: Browser, product: Product) -> None:
    hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    therapist = hour["therapist"]
    therapist.get_by_role("button", name="Invite a colleague").click()
    dialog = therapist.get_by_role("dialog", name="Invite a colleague")
    dialog.get_by_label("Find a colleague").fill("Okafor")
    dialog.get_by_role("button", name=re.compile(NAMES["psychiatrist"])).click()
    dialog.get_by_label("Why this person?").fill("For a view on sleep and medication.")
    dialog.get_by_role("button", name="Ask for permission").click()
    expect(dialog).to_be_hidden(timeout=SLOW)
    page = without_policy(hour, browser, product)
    request = page.get_by_role("article", name=re.compile("Okafor"))
    expect(request.get_by_text("has checked who this is")).to_be_visible(timeout=SLOW)
    expect(request.get_by_text("For a view on sleep and medication.")).to_be_visible()
    then = request.get_by_role("region", name="Who could read then")
    expect(then.get_by_text(NAMES["psychiatrist"])).to_be_visible(timeout=SLOW)
    expect(then.get_by_text(NAMES["therapist"])).to_be_visible()
    looks_well(hour.pictures, page, "request")


def test_2_what_is_taken_away_is_not_signed(hour: Hour) -> None:
    page = hour["patient"]
    request = page.get_by_role("article", name=re.compile("Okafor"))
    request.get_by_text("Join calls and visits about you").click()
    request.get_by_text("Only what is written from now on").click()
    expect(request.get_by_text("They cannot read what was written before they join.")).to_be_visible()
    request.get_by_role("button", name="Say no").click()
    refusal = page.get_by_role("dialog")
    looks_well(hour.pictures, page, "say-no", whole=False)
    refusal.get_by_role("button", name="Back").click()
    request.get_by_role("button", name="Sign and give permission").click()
    expect(page.get_by_text("Nothing waits for your decision")).to_be_visible(timeout=SLOW)
    page.goto("/permissions")
    said = card(page, NAMES["psychiatrist"])
    expect(said.get_by_text(re.compile(r"Okafor may read and write in .*, until"))).to_be_visible(timeout=SLOW)
    expect(said.get_by_text("join your calls")).to_have_count(0)
    expect(said.get_by_text("You gave this on")).to_be_visible()
    looks_well(hour.pictures, page, "permissions")


def test_3_a_receipt_is_a_file_that_verifies(hour: Hour, product: Product) -> None:
    page = hour["patient"]
    with page.expect_download() as download:
        card(page, NAMES["psychiatrist"]).get_by_role("button", name=re.compile("Get the receipt")).click()
    receipt = json.loads(Path(download.value.path()).read_text())
    key = httpx.get(f"{product.address()}/api/receipt-key", timeout=20).json()["public_key"]
    receipts.verify(receipt, unb64(key))
    [record] = receipt["consent_records"]
    assert [one["party_name"] for one in record["recipients"]] == [NAMES["psychiatrist"]]
    assert "session.join" not in record["pii_processing"]["actions"]
    assert "may read and write" in record["pii_processing"]["privacy_notice"]


def test_4_a_permission_is_made_longer_and_the_old_one_is_kept_as_history(hour: Hour) -> None:
    page = hour["patient"]
    card(page, NAMES["psychiatrist"]).get_by_role("button", name=re.compile("Make it longer")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("may still read and write")).to_be_visible()
    looks_well(hour.pictures, page, "renew", whole=False)
    dialog.get_by_role("button", name="Say yes and sign").click()
    expect(dialog).to_be_hidden(timeout=SLOW)
    card(page, NAMES["psychiatrist"]).get_by_role("button", name="Show 1 that has ended").click()
    expect(page.get_by_text("A newer one took its place on")).to_be_visible(timeout=SLOW)


def test_5_stopping_says_first_who_could_still_see_it_and_what_it_can_not_do(hour: Hour) -> None:
    page = hour["patient"]
    card(page, NAMES["psychiatrist"]).get_by_role("button", name=f"Stop sharing with {NAMES['psychiatrist']}").click()
    dialog = page.get_by_role("alertdialog")
    expect(dialog.get_by_text(f"{NAMES['psychiatrist']} can no longer read.")).to_be_visible(timeout=SLOW)
    expect(dialog.get_by_text(f"{NAMES['therapist']} can still read.")).to_be_visible()
    expect(dialog.get_by_text("What they have read cannot be unread.")).to_be_visible()
    looks_well(hour.pictures, page, "stop", whole=False)
    dialog.get_by_role("button", name="Stop now").click()
    expect(dialog).to_be_hidden(timeout=SLOW)
    ended = page.get_by_role("region", name="What has ended")
    expect(ended.get_by_role("heading", name=NAMES["psychiatrist"])).to_be_visible(timeout=SLOW)
    ended.get_by_role("button", name=re.compile("Show 2")).click()
    expect(ended.get_by_text("You stopped this on")).to_be_visible()
    looks_well(hour.pictures, page, "ended")
    with page.expect_download() as download:
        ended.get_by_role("button", name=re.compile("Get the receipt of the end")).click()
    receipt = json.loads(Path(download.value.path()).read_text())
    assert receipt["receipt_metadata"]["receipt_kind"] == "withdrawal"
    assert receipt["consent_records"][0]["events"][-1]["event_type"] == "withdrawn"


def test_6_the_list_of_who_read_what_speaks_plainly(hour: Hour) -> None:
    page = hour["patient"]
    page.goto("/ledger")
    expect(page.get_by_role("cell", name=f"Stopped sharing: {NAMES['psychiatrist']}").first).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, page, "list", whole=False)
    page.goto("/")
    expect(page.get_by_text("Nothing waits for your decision")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, page, "home")
    assert [line for line in hour.windows.console if "pageerror" in line] == []


def in_the_house(product: Product, script: str) -> None:
    """What an operator or a long time has done, in the product's own database."""
    prelude = "import django; django.setup()\nfrom datetime import timedelta\nfrom django.utils import timezone\n"
    environment = {**product.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    subprocess.run([sys.executable, "-c", prelude + script], cwd=ROOT, env=environment, check=True, timeout=60)


def test_7_after_three_months_the_home_page_asks_whether_it_is_still_right(hour: Hour, product: Product) -> None:
    in_the_house(
        product,
        "from consent.models import Directive\n"
        "Directive.objects.filter(ended_at=None).update(given_at=timezone.now() - timedelta(days=91))",
    )
    page = hour["patient"]
    page.goto("/")
    asked = page.get_by_role("region", name="Please have a look")
    expect(asked.get_by_text(f"{NAMES['therapist']}: is this still right?")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, page, "review")
    asked.get_by_role("button", name="Still right").first.click()
    expect(asked.get_by_role("button", name="Still right")).to_have_count(1, timeout=SLOW)


def test_8_one_who_acts_for_her_sees_only_what_is_theirs_and_she_sees_who_it_is(
    hour: Hour, browser: Browser, product: Product
) -> None:
    in_the_house(
        product,
        "from consent.actions.standing import record_authority\n"
        "from people.models import Patient, User\n"
        "from wire.standing import AuthorityIn\n"
        f"acts = next(one for one in User.objects.all() if one.name == {NAMES['outsider']!r})\n"
        f"maya = next(one for one in Patient.objects.all() if one.name == {NAMES['patient']!r})\n"
        f"officer = next(one for one in User.objects.all() if one.name == {NAMES['coordinator']!r})\n"
        "body = AuthorityIn(person=acts.pk.bytes, type='guardian', evidence='An order of the court was seen.')\n"
        "record_authority(maya, officer, body)",
    )
    page = hour["patient"]
    page.goto("/permissions")
    expect(page.get_by_text(f"{NAMES['outsider']} may act for you as a guardian")).to_be_visible(timeout=SLOW)
    page.get_by_role("heading", name="Who may act for you").scroll_into_view_if_needed()
    looks_well(hour.pictures, page, "acts-for-me")
    guardian = hour.enter("outsider")
    guardian.get_by_role("navigation", name="Main").get_by_role("link", name="You act for").click(timeout=SLOW)
    expect(guardian.get_by_text(f"You act for {NAMES['patient']} as a guardian")).to_be_visible(timeout=SLOW)
    expect(guardian.get_by_text("You said yes to nobody")).to_be_visible(timeout=SLOW)
    for other in ("therapist", "coordinator", "psychiatrist"):
        assert NAMES[other] not in guardian.content()
    hour.picture("outsider", "acting")
