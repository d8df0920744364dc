"""The first hour, played by four people in four windows on the product's own processes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour

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
