"""The door of a call and the way back into it: admit all, lock, move the call, lose the server, hand over."""

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


def test_2_a_second_device_asks_and_the_call_moves(hour: Hour) -> None:
    room = hour["patient"].url
    hour.windows.open["patient's phone"] = hour.windows.open["patient"]
    hour.pages["laptop"] = laptop = hour.windows.of("patient")
    sign_in(laptop, "patient")
    laptop.goto(room)
    laptop.get_by_role("button", name="Ask to join").click(timeout=SLOW)
    expect(laptop.get_by_text("You are in this call on another device")).to_be_visible(timeout=SLOW)
    hour.picture("laptop", "elsewhere")
    frames_arrive(hour["patient"])
    laptop.get_by_role("button", name="Move the call here").click()
    is_in(laptop)
    expect(hour["patient"].get_by_text("The call has moved")).to_be_visible(timeout=SLOW)
    hour.picture("patient", "moved-phone")
    frames_arrive(laptop)
    expect(hour["therapist"].get_by_role("list", name="People in the call").get_by_role("listitem")).to_have_count(3)


def test_3_a_call_outlives_the_connection_to_the_server(hour: Hour) -> None:
    coordinator = hour["coordinator"]
    connections = coordinator.evaluate("window.connectionsForTest.length")
    hour.windows.open["coordinator"].set_offline(True)
    expect(coordinator.get_by_text("The connection to the server is interrupted")).to_be_visible(timeout=NOTICED)
    hour.picture("coordinator", "server-lost")
    frames_arrive(coordinator)
    hour.windows.open["coordinator"].set_offline(False)
    expect(coordinator.get_by_text("The connection to the server is interrupted")).to_be_hidden(timeout=NOTICED)
    frames_arrive(coordinator)
    assert coordinator.evaluate("window.connectionsForTest.length") >= connections
    expect(coordinator.get_by_role("button", name="Leave the call")).to_be_visible()


def test_4_the_host_locks_the_door_and_hands_it_over(hour: Hour) -> None:
    host, coordinator = hour["therapist"], hour["coordinator"]
    host.get_by_text("Lock the call").click()
    expect(host.get_by_text("Nobody new can ask to come in")).to_be_visible(timeout=SLOW)
    expect(coordinator.get_by_text("Lock the call")).to_have_count(0)
    hour.picture("therapist", "locked")
    host.get_by_role("button", name=f"What to do with {NAMES['coordinator']}").click()
    host.get_by_role("menuitem", name="Make host").click()
    expect(coordinator.get_by_text("Lock the call")).to_be_visible(timeout=SLOW)
    expect(host.get_by_text("Lock the call")).to_have_count(0, timeout=SLOW)
    expect(coordinator.get_by_role("switch", name="Lock the call")).to_be_checked()
    for who in ("therapist", "coordinator", "laptop"):
        frames_arrive(hour[who])


def test_no_window_complained(hour: Hour) -> None:
    expected = re.compile(r"401 \(Unauthorized\)|409 \(Conflict\)|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED")
    assert [line for line in hour.windows.console if not expected.search(line)] == []
