"""A message is found on the device by how its words begin, as it stands now, and by nobody who may not read it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.e2e.looks import looks_well

SAID = "Der Lithium-Spiegel war erhöht; Frau Möller ruft morgen an."
LATER = "And something else entirely."
AT_REST = """async () => {
  const found = { names: [], rows: 0, text: '' };
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('consilium-words-')) continue;
    found.names.push(name);
    const database = await new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
    });
    for (const table of database.objectStoreNames) {
      const rows = await new Promise((resolve) => {
        const asked = database.transaction(table).objectStore(table).getAll();
        asked.onsuccess = () => resolve(asked.result);
      });
      found.rows += rows.length;
      for (const row of rows) found.text += new TextDecoder('latin1').decode(row.sealed);
    }
    database.close();
  }
  return found;
}"""


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    hour = Hour(windows, pictures)
    hour.enter("therapist", for_axe=True)
    hour.enter("patient", phone=True, for_axe=True)
    hour.open_patients_conversation("therapist")
    hour.open_own_conversation()
    return hour


def results(page: Page) -> Locator:
    return page.get_by_role("list", name="Messages found").get_by_role("listitem")


def ask(page: Page, words: str) -> None:
    page.get_by_role("searchbox", name="Search messages").fill(words)


def until_rows_are_gone(page: Page) -> None:
    deadline = time.monotonic() + SLOW / 1000
    while page.evaluate(AT_REST)["rows"]:
        assert time.monotonic() < deadline, "the index is still there"
        page.wait_for_timeout(50)


def choose(page: Page, text: str, what: str) -> None:
    said = page.get_by_role("log", name="Messages").get_by_role("article").filter(has_text=text).last
    said.get_by_role("button", name=re.compile("^What to do with")).click()
    page.get_by_role("menuitem", name=what).click()


def test_1_a_key_leads_to_the_search_and_enter_to_the_message(hour: Hour) -> None:
    page = hour["therapist"]
    hour.write("therapist", SAID)
    hour.write("therapist", LATER)
    page.get_by_role("log", name="Messages").focus()
    page.keyboard.press("/")
    field = page.get_by_role("searchbox", name="Search messages")
    expect(field).to_be_focused(timeout=SLOW)
    looks_well(hour.pictures, page, "search-empty", whole=False)
    field.press_sequentially("moll lith")
    expect(results(page)).to_have_count(1, timeout=SLOW)
    expect(results(page)).to_contain_text(NAMES["patient"])
    expect(results(page)).to_contain_text("You")
    expect(results(page).locator("mark")).to_have_text(["Lith", "Möll"])
    looks_well(hour.pictures, page, "search", whole=False)
    field.press("Enter")
    expect(page.get_by_role("article").filter(has_text="Lithium-Spiegel").first).to_be_focused(timeout=SLOW)
    assert "moll" not in page.url


def test_2_the_other_finds_it_on_a_phone_and_it_survives_a_reload_sealed(hour: Hour) -> None:
    page = hour["patient"]
    hour.sees("patient", LATER)
    page.get_by_role("link", name="Search messages").click()
    ask(page, "LITHIUM morgen")
    expect(results(page)).to_contain_text(NAMES["therapist"], timeout=SLOW)
    looks_well(hour.pictures, page, "search-patient", whole=False)
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    expect(page.get_by_role("searchbox", name="Search messages")).to_have_value("", timeout=SLOW)
    ask(page, "spieg")
    expect(results(page)).to_have_count(1, timeout=SLOW)
    kept = page.evaluate(AT_REST)
    assert kept["rows"] >= 3
    assert not re.search("lith|spieg|moll|möll", kept["text"], re.IGNORECASE)


def test_3_what_is_not_there_is_not_found_and_how_far_one_looked_is_said(hour: Hour) -> None:
    page = hour["patient"]
    ask(page, "valproate")
    expect(page.get_by_role("heading", name="Nothing found")).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Searches your conversation, from the first message")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, page, "search-none", whole=False)
    page.set_viewport_size({"width": 390, "height": 844})


def test_4_without_a_network_it_finds_what_the_device_has(hour: Hour) -> None:
    page = hour["patient"]
    hour.windows.open["patient"].set_offline(True)
    ask(page, "lithi")
    expect(results(page)).to_have_count(1, timeout=SLOW)
    hour.windows.open["patient"].set_offline(False)


def test_5_a_message_is_found_by_what_it_says_now_and_not_at_all_once_taken_back(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    choose(elena, "Lithium-Spiegel", "Change")
    elena.get_by_label("Write a message").fill("Der Natrium-Spiegel war erhöht.")
    elena.get_by_role("button", name="Send").click()
    hour.sees("therapist", "Natrium-Spiegel")
    ask(maya, "natr")
    expect(results(maya)).to_have_count(1, timeout=SLOW)
    ask(maya, "lith")
    expect(maya.get_by_role("heading", name="Nothing found")).to_be_visible(timeout=SLOW)
    choose(elena, "Natrium-Spiegel", "Take back")
    elena.get_by_role("alertdialog").get_by_role("button", name="Take it back").click()
    expect(elena.get_by_text("Natrium-Spiegel")).to_have_count(0, timeout=SLOW)
    ask(maya, "natr")
    expect(maya.get_by_role("heading", name="Nothing found")).to_be_visible(timeout=SLOW)


def test_6_whose_permission_has_ended_finds_nothing_and_keeps_nothing(hour: Hour) -> None:
    elena, maya = hour["therapist"], hour["patient"]
    elena.get_by_role("link", name="Search messages").click()
    ask(elena, "entirely")
    expect(results(elena)).to_have_count(1, timeout=SLOW)
    maya.goto("/permissions")
    maya.get_by_role("button", name=re.compile("Stop sharing with .*Marsh")).click(timeout=SLOW)
    maya.get_by_role("button", name="Stop now").click()
    expect(maya.get_by_text("Stopped. ", exact=False).first).to_be_visible(timeout=SLOW)
    expect(results(elena)).to_have_count(0, timeout=SLOW)
    expect(elena.get_by_role("heading", name="Nothing found")).to_be_visible(timeout=SLOW)
    until_rows_are_gone(elena)
    elena.reload()
    ask(elena, "entirely")
    expect(elena.get_by_role("heading", name="Nothing found")).to_be_visible(timeout=SLOW)


def test_7_signing_out_takes_the_whole_index(hour: Hour) -> None:
    page = hour["patient"]
    assert page.evaluate(AT_REST)["rows"] > 0
    page.goto("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("button", name=f"Sign in as {NAMES['patient']}")).to_be_visible(timeout=SLOW)
    assert page.evaluate(AT_REST) == {"names": [], "rows": 0, "text": ""}
