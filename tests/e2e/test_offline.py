"""Without a network the app opens to what the device has, sends what was written there, and forgets what it must."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour

BEFORE = "Before the train went into the tunnel."
OFFLINE = "Written in the tunnel."
CONTROLLED = "() => navigator.serviceWorker.controller !== null"
ROWS = """async () => {
  const found = {};
  for (const { name } of await indexedDB.databases()) {
    if (!name.startsWith('consilium-') || name === 'consilium-vault' || name.startsWith('consilium-words-')) continue;
    const database = await new Promise((resolve) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
    });
    for (const table of ['entries', 'messages', 'kept', 'outbox', 'drafts']) {
      found[table] = await new Promise((resolve) => {
        const asked = database.transaction(table).objectStore(table).getAll();
        asked.onsuccess = () => resolve(asked.result);
      });
    }
    database.close();
  }
  return found;
}"""


def until_drafts_are(page: Page, count: int) -> None:
    """Asks again and again: a predicate that answers a promise would count as true at once."""
    deadline = time.monotonic() + SLOW / 1000
    while len(page.evaluate(ROWS)["drafts"]) != count:
        assert time.monotonic() < deadline, f"there are not {count} drafts"
        page.wait_for_timeout(50)


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def test_1_it_opens_without_a_network_to_what_it_has(hour: Hour) -> None:
    page = hour.enter("therapist")
    hour.open_patients_conversation("therapist")
    hour.write("therapist", BEFORE)
    page.wait_for_function(CONTROLLED, timeout=SLOW)
    page.wait_for_function("() => localStorage.getItem('consilium.door') !== null", timeout=SLOW)
    kept = str(page.evaluate(ROWS))
    assert "tunnel" not in kept and "Lindqvist" not in kept, "what is kept is sealed"
    hour.windows.open["therapist"].set_offline(True)
    page.goto("/")
    expect(page.get_by_text("Offline: showing what this device had at")).to_be_visible(timeout=SLOW)
    hour.picture("therapist", "offline")
    page.get_by_role("link", name=NAMES["patient"]).first.click()
    hour.sees("therapist", BEFORE)


def test_2_what_is_written_without_a_network_survives_a_reload_and_is_sent_after_it(hour: Hour) -> None:
    page = hour["therapist"]
    hour.write("therapist", OFFLINE)
    expect(page.get_by_text("Waiting for a connection")).to_be_visible(timeout=SLOW)
    until_drafts_are(page, 0)
    page.get_by_label("Write a message").fill("A sentence that is not")
    until_drafts_are(page, 1)
    page.reload()
    hour.sees("therapist", OFFLINE)
    expect(page.get_by_label("Write a message")).to_have_value("A sentence that is not", timeout=SLOW)
    hour.windows.open["therapist"].set_offline(False)
    expect(page.get_by_text("Waiting for a connection")).to_be_hidden(timeout=SLOW)
    expect(page.get_by_text("Offline: showing")).to_be_hidden(timeout=SLOW)
    hour.enter("patient")
    hour.open_own_conversation()
    hour.sees("patient", OFFLINE)
    expect(hour.message("patient", OFFLINE)).to_have_count(1)


def until_nothing_is_kept_of_a_thread(page: Page) -> None:
    """The words are gone from the page first, and from the store once one's own have been set apart."""
    deadline = time.monotonic() + SLOW / 1000
    while True:
        rows = page.evaluate(ROWS)
        kept = [row for row in rows["kept"] if row["name"].startswith("thread:")]
        left = len(rows["messages"]), len(rows["entries"]), len(kept)
        if left == (0, 0, 0):
            return
        assert time.monotonic() < deadline, f"messages, entries and threads that are left: {left}"
        page.wait_for_timeout(50)


def test_3_a_permission_that_ended_meanwhile_takes_what_was_kept_at_the_first_word(hour: Hour) -> None:
    page = hour["therapist"]
    hour.windows.open["therapist"].set_offline(True)
    patient = hour["patient"]
    patient.goto("/permissions")
    patient.get_by_role("button", name=re.compile("Stop sharing with .*Marsh")).click(timeout=SLOW)
    patient.get_by_role("button", name="Stop now").click()
    expect(patient.get_by_text("Stopped. ", exact=False).first).to_be_visible(timeout=SLOW)
    hour.windows.open["therapist"].set_offline(False)
    expect(page.get_by_text("The permission has ended.").first).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("I would like to see what he gets to read")).to_be_hidden()
    until_nothing_is_kept_of_a_thread(page)


def test_4_signing_out_leaves_nothing_to_open(hour: Hour) -> None:
    page = hour["therapist"]
    page.goto("/account")
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("button", name=f"Sign in as {NAMES['therapist']}")).to_be_visible(timeout=SLOW)
    assert all(rows == [] for rows in page.evaluate(ROWS).values())
    hour.windows.open["therapist"].set_offline(True)
    page.reload()
    expect(page.get_by_text("The server cannot be reached.")).to_be_visible(timeout=SLOW)
