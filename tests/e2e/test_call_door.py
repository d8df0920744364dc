"""The door of a call in real windows: admit all, a second device, a lost server, the lock."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour, frames_arrive

NOTICED = 60_000
"""A window notices a dead socket by a heartbeat that is not answered: twenty seconds and ten."""


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def sign_in(page: Page, who: str) -> None:
    page.goto("/")
    page.get_by_role("button", name=f"Sign in as {NAMES[who]}").click()
    expect(page.get_by_role("navigation", name="Main").first).to_be_visible(timeout=SLOW)


def is_in(page: Page) -> None:
    expect(page.get_by_role("button", name="Leave the call")).to_be_visible(timeout=SLOW)


def test_1_everybody_who_waits_is_let_in_at_once(hour: Hour) -> None:
    host = hour.enter("therapist")
    hour.enter("coordinator")
    hour.enter("patient", phone=True)
    host.goto("/sessions/new")
    host.get_by_role("radio", name=re.compile("Joint session")).check(force=True)
    host.get_by_role("button", name="Start now instead").click(timeout=SLOW)
    host.get_by_role("button", name="Open the call").click(timeout=SLOW)
    is_in(host)
    for who in ("coordinator", "patient"):
        hour[who].goto(host.url.replace("therapist.", f"{who}."))
        hour[who].get_by_role("button", name="Ask to join").click(timeout=SLOW)
    everybody = host.get_by_role("button", name="Admit all 2")
    expect(everybody).to_be_visible(timeout=SLOW)
    hour.picture("therapist", "waiting-two")
    everybody.click()
    for who in ("coordinator", "patient"):
        is_in(hour[who])
        frames_arrive(hour[who])


def test_2_a_second_device_asks_before_it_takes_the_call(hour: Hour) -> None:
    room = hour["patient"].url
    hour.windows.open["patient's phone"] = hour.windows.open["patient"]
    hour.pages["laptop"] = laptop = hour.windows.of("patient")
    sign_in(laptop, "patient")
    laptop.goto(room)
    laptop.get_by_role("button", name="Ask to join").click(timeout=SLOW)
    expect(laptop.get_by_text("You are in this call on another device")).to_be_visible(timeout=SLOW)
    hour.picture("laptop", "elsewhere")
    is_in(hour["patient"])


def test_3_a_window_that_lost_the_server_stays_in_the_call_and_says_so(hour: Hour) -> None:
    coordinator = hour["coordinator"]
    hour.windows.open["coordinator"].set_offline(True)
    expect(coordinator.get_by_text("The connection to the server is interrupted")).to_be_visible(timeout=NOTICED)
    hour.picture("coordinator", "server-lost")
    is_in(coordinator)


def test_4_the_host_and_nobody_else_locks_the_door(hour: Hour) -> None:
    host = hour["therapist"]
    host.get_by_text("Lock the call").click()
    expect(host.get_by_text("Nobody new can ask to come in")).to_be_visible(timeout=SLOW)
    expect(hour["patient"].get_by_text("Lock the call")).to_have_count(0)
    hour.picture("therapist", "locked")


def test_no_window_complained(hour: Hour) -> None:
    expected = re.compile(r"401 \(Unauthorized\)|409 \(Conflict\)|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED")
    assert [line for line in hour.windows.console if not expected.search(line)] == []
