"""The first hour, played by four people in four windows on the product's own processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour, decoded_frames, frames_arrive
from tests.product import Product

SECRET = "Aventurine-41: she has not told her manager about the diagnosis."
REPLY = "Jasper-77: early waking for eleven weeks points to depression more than to worry."
AFTER = "Obsidian-9: this is for those who may still read."


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def test_1_each_of_the_cast_opens_in_a_window_of_their_own(hour: Hour) -> None:
    for who in ("therapist", "psychiatrist", "coordinator"):
        hour.enter(who)
    hour.enter("patient", phone=True)
    hour.picture("therapist", "caseload")


def test_2_the_therapist_writes_and_invites_and_the_psychiatrist_sees_nothing(hour: Hour) -> None:
    hour.open_patients_conversation("therapist")
    hour.write("therapist", SECRET)
    therapist, psychiatrist = hour["therapist"], hour["psychiatrist"]
    therapist.get_by_role("button", name="Invite a colleague").click()
    dialog = therapist.get_by_role("dialog", name="Invite a colleague")
    dialog.get_by_label("Find a colleague").fill("Okafor")
    dialog.get_by_role("button", name=re.compile(NAMES["psychiatrist"])).click()
    dialog.get_by_label("Why this person?").fill("For a view on sleep and medication.")
    dialog.get_by_role("button", name="Ask for permission").click()
    expect(dialog).to_be_hidden(timeout=SLOW)
    expect(therapist.get_by_text("Sees nothing yet")).to_be_visible(timeout=SLOW)
    hour.picture("therapist", "invited")
    expect(psychiatrist.get_by_text("Waiting for the patient’s permission")).to_be_visible(timeout=SLOW)
    assert NAMES["patient"] not in psychiatrist.content()
    hour.picture("psychiatrist", "pending")


def test_3_the_patient_reads_who_would_read_and_signs(hour: Hour) -> None:
    patient = hour["patient"]
    patient.goto("/")
    request = patient.get_by_role("article", name=re.compile("Okafor"))
    expect(request).to_be_visible(timeout=SLOW)
    hour.picture("patient", "decision-phone")
    request.get_by_role("button", name="Sign and give permission").click()
    expect(patient.get_by_text("Nothing waits for your decision")).to_be_visible(timeout=SLOW)
    psychiatrist = hour["psychiatrist"]
    psychiatrist.get_by_role("link", name=NAMES["patient"]).first.click(timeout=SLOW)
    hour.sees("psychiatrist", SECRET)
    hour.picture("psychiatrist", "history")


def test_4_they_write_live_and_one_who_was_offline_catches_up(hour: Hour) -> None:
    hour.write("psychiatrist", REPLY)
    hour.sees("therapist", REPLY)
    hour.open_own_conversation()
    hour.sees("patient", REPLY)
    phone = hour.windows.open["patient"]
    phone.set_offline(True)
    for number in range(3):
        hour.write("therapist", f"While the phone was offline, {number}.")
    phone.set_offline(False)
    for number in range(3):
        hour.sees("patient", f"While the phone was offline, {number}.")
    expect(hour.message("patient", "While the phone was offline, 1.")).to_have_count(1)
    hour.picture("therapist", "thread")


def test_5_a_screening_is_asked_answered_scored_and_alarms(hour: Hour) -> None:
    therapist, patient = hour["therapist"], hour["patient"]
    therapist.get_by_role("button", name="Ask for a screening").click()
    therapist.get_by_role("menuitem", name=re.compile("PHQ-9")).click()
    patient.get_by_role("button", name="Answer now").click(timeout=SLOW)
    form = patient.get_by_role("dialog")
    hour.picture("patient", "screening-phone")
    for number in range(1, 10):
        question = form.get_by_role("radiogroup", name=re.compile(rf"^{number}\. "))
        question.get_by_text("Several days" if number == 9 else "More than half the days").click()
    form.get_by_role("button", name="Send my answers").click()
    expect(form).to_be_hidden(timeout=SLOW)
    log = therapist.get_by_role("log", name="Messages")
    expect(log.get_by_text("17", exact=True)).to_be_visible(timeout=SLOW)
    expect(log.get_by_text("Moderately severe").first).to_be_visible()
    expect(therapist.get_by_text(re.compile("item 9|harm", re.I)).first).to_be_visible()
    hour.picture("therapist", "screening")


def test_the_state_after_a_reload_is_right(hour: Hour) -> None:
    therapist = hour["therapist"]
    therapist.reload()
    hour.sees("therapist", "While the phone was offline, 2.")
    expect(hour.message("therapist", REPLY)).to_have_count(1)


def test_6_the_coordinator_finds_a_time_holds_it_and_books_it(hour: Hour) -> None:
    page = hour["coordinator"]
    hour.go("coordinator", "Calendar")
    page.get_by_role("link", name="Find a time").first.click()
    page.get_by_role("radio", name=re.compile("Case conference")).check(force=True)
    page.get_by_label("Maya Lindqvist comes").click()
    page.get_by_role("option", name=re.compile("must|required", re.I)).click()
    page.get_by_role("button", name="Find times").click()
    times = page.get_by_role("list", name=re.compile("Times that suit everybody"))
    expect(times.get_by_role("listitem").first).to_be_visible(timeout=SLOW)
    hour.picture("coordinator", "find-a-time")
    times.get_by_role("button", name=re.compile("^Hold")).first.click()
    page.get_by_role("button", name="Book it").click(timeout=SLOW)
    expect(page.get_by_role("link", name="Join the call")).to_be_visible(timeout=SLOW)
    hour.picture("coordinator", "session")
    for who in ("therapist", "psychiatrist", "patient"):
        hour[who].get_by_role("navigation", name="Main").get_by_role(
            "link", name=re.compile("Calendar|Visits|Appoint")
        ).click()
        expect(hour[who].get_by_role("list", name="Sessions ahead").get_by_role("listitem")).to_have_count(
            1, timeout=SLOW
        )


def join(hour: Hour, who: str, button: str) -> None:
    page = hour[who]
    page.get_by_role("link", name="Join the call").first.click(timeout=SLOW)
    page.get_by_role("button", name=button).click(timeout=SLOW)


def test_7_they_join_by_the_lobby_and_see_each_other_sealed(hour: Hour) -> None:
    host = hour["coordinator"]
    join(hour, "coordinator", "Open the call")
    expect(host.get_by_role("button", name="Leave the call")).to_be_visible(timeout=SLOW)
    for who in ("therapist", "psychiatrist"):
        join(hour, who, "Ask to join")
        host.get_by_role("button", name=f"Admit {NAMES[who]}").click(timeout=SLOW)
        expect(hour[who].get_by_role("button", name="Leave the call")).to_be_visible(timeout=SLOW)
    join(hour, "patient", "Ask to join")
    hour.picture("coordinator", "lobby")
    host.get_by_role("button", name=f"Admit {NAMES['patient']}").click(timeout=SLOW)
    expect(hour["patient"].get_by_text("You are on hold")).to_be_visible(timeout=SLOW)
    hour.picture("patient", "on-hold-phone")
    for who in ("coordinator", "therapist", "psychiatrist"):
        frames_arrive(hour[who])
    host.get_by_role("button", name=f"What to do with {NAMES['patient']}").click()
    host.get_by_role("menuitem", name="Bring back into the call").click()
    expect(hour["patient"].get_by_role("button", name="Leave the call")).to_be_visible(timeout=SLOW)
    for who in ("patient", "psychiatrist", "therapist"):
        frames_arrive(hour[who])
    expect(host.get_by_text("Permission by Maya Lindqvist", exact=False).first).to_be_visible()
    hour.picture("coordinator", "call")
    hour.picture("patient", "call-phone")


def test_8_the_patient_withdraws_and_within_a_second_he_is_out_of_everything(hour: Hour) -> None:
    psychiatrist = hour["psychiatrist"]
    second = hour.windows.open["patient"].new_page()
    second.goto("/permissions")
    second.get_by_role("button", name=re.compile("Stop sharing with .*Okafor")).click(timeout=SLOW)
    hour.pages["withdrawal"] = second
    hour.picture("withdrawal", "withdraw-phone")
    second.get_by_role("button", name="Stop now").click()
    expect(second.get_by_text("Stopped. ", exact=False).first).to_be_visible(timeout=SLOW)
    psychiatrist.wait_for_timeout(1000)
    after = decoded_frames(psychiatrist)
    psychiatrist.wait_for_timeout(2000)
    assert decoded_frames(psychiatrist) == after
    expect(psychiatrist.get_by_text("The patient’s permission has ended")).to_be_visible(timeout=SLOW)
    hour.picture("psychiatrist", "withdrawn")
    for who in ("therapist", "coordinator", "patient"):
        frames_arrive(hour[who])


def test_8_the_thread_goes_on_without_him_under_a_new_key(hour: Hour) -> None:
    for who in ("therapist", "coordinator", "patient"):
        hour[who].get_by_role("button", name="Leave the call").click()
    hour.open_patients_conversation("therapist")
    hour.write("therapist", AFTER)
    hour.open_own_conversation()
    hour.sees("patient", AFTER)
    psychiatrist = hour["psychiatrist"]
    psychiatrist.goto("/")
    expect(psychiatrist.get_by_text("Your permission has ended")).to_be_visible(timeout=SLOW)
    psychiatrist.get_by_role("link", name=NAMES["patient"]).first.click()
    hour.sees("psychiatrist", REPLY)
    expect(hour.message("psychiatrist", SECRET)).to_have_count(0)
    expect(hour.message("psychiatrist", AFTER)).to_have_count(0)
    hour.go("psychiatrist", "Calendar")
    expect(psychiatrist.get_by_text("Nothing is planned")).to_be_visible(timeout=SLOW)


def test_10_the_patient_opens_the_ledger_and_sees_all_of_it(hour: Hour) -> None:
    patient = hour["patient"]
    hour.go("patient", "Ledger|Who read")
    ledger = patient.get_by_role("main")
    expect(ledger.get_by_text(NAMES["psychiatrist"]).first).to_be_visible(timeout=SLOW)
    expect(ledger.get_by_text(NAMES["therapist"]).first).to_be_visible()
    hour.picture("patient", "ledger-phone")


def test_the_server_has_no_word_of_it(product: Product) -> None:
    files = b"".join(path.read_bytes() for path in product.data.rglob("*") if path.is_file())
    kept = files + "".join(product.log).encode()
    assert b"thread.read" in kept, "the database was not searched"
    for words in (SECRET, REPLY, AFTER, "While the phone was offline", "Sleep, panic at work", "demo-consilium-2026"):
        assert words.encode() not in kept, f"the server holds “{words}”"


def test_no_window_complained(hour: Hour) -> None:
    # 401: a window asks who is signed in before anybody is. 409: two members wrote the log at once and one wrote again.
    # 404: the one who was put out asks once more for what is no longer there. Offline was the test's own doing.
    expected = re.compile(
        r"401 \(Unauthorized\)|409 \(Conflict\)|404 \(Not Found\)|ERR_INTERNET_DISCONNECTED|ERR_NETWORK_CHANGED"
    )
    assert [line for line in hour.windows.console if not expected.search(line)] == []
