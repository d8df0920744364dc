"""A patient without an account: what is permitted is said before two witnesses, and only then anybody reads."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.e2e.looks import looks_well

PATIENT = "Amira Haddad"
OFFICER = "Grace Lindgren"
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")
JOIN = """async ({ patient, user }) => {
  const token = document.cookie.split('; ').find((one) => one.startsWith('csrftoken=')).slice(10);
  const answer = await fetch(`/api/patients/${patient}/care-team`, {
    method: 'POST',
    body: JSON.stringify({ user }),
    headers: { 'Content-Type': 'application/json', 'X-CSRFToken': token },
  });
  return answer.status;
}"""


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    NAMES["officer"] = OFFICER
    return Hour(windows, pictures)


def test_1_a_conversation_begins_that_nobody_may_read(hour: Hour) -> None:
    page = hour.enter("coordinator", for_axe=True)
    page.get_by_role("button", name="Enrol a patient").click()
    page.get_by_label("Name").fill(PATIENT)
    page.get_by_role("button", name="Enrol", exact=True).click()
    code = page.get_by_role("dialog").get_by_text(CODE)
    expect(code).to_be_visible(timeout=SLOW)
    hour.codes[PATIENT] = code.inner_text().strip()
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("listitem").filter(has_text=PATIENT)
    row.get_by_role("button", name="Start a conversation").click()
    expect(page.get_by_role("heading", name=PATIENT, level=1)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Two witnesses bring in")).to_be_visible(timeout=SLOW)
    expect(page.get_by_label("Write a message")).to_have_count(0)


def test_2_colleagues_who_were_there_join_the_care_team(hour: Hour) -> None:
    page = hour["coordinator"]
    patients = page.evaluate("fetch('/api/patients').then((one) => one.json())")["patients"]
    patient = next(one["id"] for one in patients if one["name"] == PATIENT)
    staff = page.evaluate("fetch('/api/directory').then((one) => one.json())")["people"]
    for name in (NAMES["therapist"], OFFICER):
        user = next(one["user"] for one in staff if one["name"] == name)
        assert page.evaluate(JOIN, {"patient": patient, "user": user}) == 200


def test_3_the_first_witness_writes_down_what_was_said(hour: Hour) -> None:
    page = hour.enter("therapist", for_axe=True)
    row = page.get_by_role("listitem").filter(has_text=PATIENT)
    expect(row).to_have_count(1)
    row.get_by_role("button", name=re.compile("Bring in a permission")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name=re.compile("Who is permitted")).click()
    page.get_by_role("option", name=re.compile(NAMES["coordinator"])).click()
    dialog.get_by_text("By word of mouth").click()
    expect(dialog.get_by_text(f"{PATIENT} said by word of mouth")).to_be_visible()
    looks_well(hour.pictures, page, "witness-dialog", whole=False)
    dialog.get_by_role("button", name="I witnessed this").click()
    expect(dialog.get_by_text("Nothing opens before they have signed.")).to_be_visible(timeout=SLOW)
    dialog.get_by_role("button", name="Done").click()
    expect(page.get_by_text("1 of 2 witnesses")).to_be_visible()
    expect(page.get_by_role("button", name="I witnessed this too")).to_have_count(0)


def test_4_nobody_reads_before_the_second_has_signed(hour: Hour) -> None:
    page = hour["coordinator"]
    page.reload()
    expect(page.get_by_role("heading", name=PATIENT, level=1)).to_be_visible(timeout=SLOW)
    expect(page.get_by_text("Two witnesses bring in")).to_be_visible(timeout=SLOW)
    expect(page.get_by_label("Write a message")).to_have_count(0)


def test_5_with_the_second_witness_it_is_in_force(hour: Hour) -> None:
    page = hour.enter("officer", for_axe=True)
    expect(page.get_by_text(f"{PATIENT} permitted something")).to_be_visible(timeout=SLOW)
    looks_well(hour.pictures, page, "second-witness")
    page.get_by_role("button", name="I witnessed this too").click()
    expect(page.get_by_text(f"{PATIENT} permitted something")).to_have_count(0, timeout=SLOW)
    hour["coordinator"].reload()
    expect(hour["coordinator"].get_by_label("Write a message")).to_be_visible(timeout=SLOW)
    hour.write("coordinator", "Amira would like to meet on Tuesday.")


def test_6_the_patient_signs_up_and_two_witnesses_hand_the_conversation_over(hour: Hour) -> None:
    patient = hour.sign_up("newcomer", PATIENT, hour.codes[PATIENT])
    expect(patient.get_by_role("heading", name=re.compile("Hello, Amira"))).to_be_visible(timeout=SLOW)
    first = hour["coordinator"]
    first.reload()
    first.get_by_role("button", name="Hand over to Amira").click()
    looks_well(hour.pictures, first, "hand-over", whole=False)
    first.get_by_role("dialog").get_by_role("button", name="I have seen Amira sign in").click()
    expect(first.get_by_text("waits for its second witness")).to_be_visible(timeout=SLOW)
    second = hour["therapist"]
    second.goto("/")
    expect(second.get_by_text(f"{PATIENT} can sign for themselves now")).to_be_visible(timeout=SLOW)
    second.get_by_role("button", name="I witnessed this too").click()
    expect(second.get_by_text(f"{PATIENT} can sign for themselves now")).to_have_count(0, timeout=SLOW)
    expect(first.get_by_role("button", name="Hand over to Amira")).to_have_count(0, timeout=SLOW)
    hour.go("newcomer", "Conversations")
    patient.get_by_role("list", name="Conversations").get_by_role("link", name="Tom Becker").click(timeout=SLOW)
    expect(patient.get_by_text("Amira would like to meet on Tuesday.")).to_be_visible(timeout=SLOW)


def test_7_the_privacy_office_shows_who_acts_who_has_a_duty_and_the_rules(hour: Hour) -> None:
    page = hour["officer"]
    hour.go("officer", "Privacy office|Office")
    expect(page.get_by_role("list", name="Patients of the house").get_by_text(PATIENT, exact=True)).to_be_visible(
        timeout=SLOW
    )
    looks_well(hour.pictures, page, "office-patients")
    page.get_by_role("button", name=re.compile(f"Who acts for {PATIENT}")).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Make a code").click()
    expect(dialog.get_by_text(CODE)).to_be_visible()
    looks_well(hour.pictures, page, "office-who-acts", whole=False)
    dialog.get_by_role("button", name="Close").last.click()
    page.get_by_role("tab", name="Duties").click()
    expect(page.get_by_role("table")).to_contain_text(NAMES["therapist"])
    looks_well(hour.pictures, page, "office-duties")
    page.get_by_role("tab", name="Our rules").click()
    expect(page.get_by_label(re.compile("Longest permission"))).to_have_value("366")
    looks_well(hour.pictures, page, "office-rules")


def test_8_rules_that_are_changed_are_in_force(hour: Hour) -> None:
    page = hour["officer"]
    page.get_by_label(re.compile("Longest permission")).fill("30")
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_text("In force for every patient of the house.")).to_be_visible(timeout=SLOW)
    page.reload()
    page.get_by_role("tab", name="Our rules").click()
    expect(page.get_by_label(re.compile("Longest permission"))).to_have_value("30", timeout=SLOW)
