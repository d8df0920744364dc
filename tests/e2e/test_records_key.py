"""A records key is told of before a conversation begins, and in it, to the clinician and the patient alike."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect

from client import custody
from client.account import now_ms
from config.environment import ROOT
from crypto.keys import OrgRoot
from tests.e2e.conftest import Windows
from tests.e2e.first_hour import NAMES, SLOW, Hour
from tests.e2e.looks import looks_well
from tests.product import Product

PATIENT = "Amira Haddad"
LABEL = "Riverside records office, any 2 of 3 custodians together"
SEED = (
    "from people.models import Patient as P; o = P.objects.first().organisation; print(o.demonstration_seed, o.pk.hex)"
)
CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}")


@pytest.fixture(scope="module")
def hour(windows: Windows, pictures: Path | None) -> Hour:
    return Hour(windows, pictures)


def manage(product: Product, *words: str) -> str:
    command = [sys.executable, "manage.py", *words]
    done = subprocess.run(command, cwd=ROOT, env=product.environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_1_the_ceremony(product: Product, tmp_path: Path) -> None:
    seed, org = manage(product, "shell", "-v", "0", "-c", SEED).split()
    root = OrgRoot.from_seed(base64.b64decode(seed))
    made = custody.make(root, bytes.fromhex(org), "Riverside records office", now_ms(), shares=3, threshold=2)
    (tmp_path / "key.json").write_text(made.statement.model_dump_json())
    assert LABEL in manage(product, "compliance_key", "set", str(tmp_path / "key.json"))


def test_2_the_clinician_reads_of_it_before_a_conversation_begins(hour: Hour) -> None:
    page = hour.enter("therapist", for_axe=True)
    page.get_by_role("button", name="Enrol a patient").click()
    page.get_by_label("Name").fill(PATIENT)
    page.get_by_role("button", name="Enrol", exact=True).click()
    code = page.get_by_role("dialog").get_by_text(CODE)
    expect(code).to_be_visible(timeout=SLOW)
    hour.codes[PATIENT] = code.inner_text().strip()
    page.get_by_role("button", name="Done").click()
    row = page.get_by_role("listitem").filter(has_text=PATIENT)
    expect(row.get_by_text(f"With a records key, {LABEL} will be able to open the conversation")).to_be_visible(
        timeout=SLOW
    )
    looks_well(hour.pictures, page, "records-key-before", whole=False)


def test_3_the_patient_reads_of_it_in_the_conversation(hour: Hour) -> None:
    patient = hour.sign_up("newcomer", PATIENT, hour.codes[PATIENT])
    page = hour["therapist"]
    page.reload()
    row = page.get_by_role("listitem").filter(has_text=PATIENT)
    row.get_by_role("button", name="Start a conversation").click()
    expect(page.get_by_role("heading", name=PATIENT, level=1)).to_be_visible(timeout=SLOW)
    patient.get_by_role("navigation", name="Main").get_by_role(
        "link", name=re.compile("Conversations|Messages")
    ).click()
    patient.get_by_role("list", name="Conversations").get_by_role("link").first.click()
    line = patient.locator(".records-key").locator("visible=true")
    expect(line).to_contain_text(LABEL, timeout=SLOW)
    expect(line).to_contain_text("can open this conversation with a records key")
    # Above the words one writes, too: nobody else reads them yet, and the key could.
    expect(patient.get_by_text("Sealed for the records key.")).to_be_visible(timeout=SLOW)
    hour.picture("newcomer", "records-key")
    patient.set_viewport_size({"width": 390, "height": 844})
    patient.get_by_role("button", name=re.compile("Who can read this")).click()
    expect(patient.locator(".records-key").locator("visible=true")).to_contain_text(LABEL, timeout=SLOW)
    hour.picture("newcomer", "records-key-phone")


def test_4_a_conversation_of_before_says_nothing_of_it(hour: Hour) -> None:
    hour.open_patients_conversation("therapist")
    expect(hour["therapist"].get_by_role("heading", name=NAMES["patient"], level=1)).to_be_visible(timeout=SLOW)
    expect(hour["therapist"].locator(".thread-phrase").locator("visible=true").first).to_be_visible(timeout=SLOW)
    expect(hour["therapist"].locator(".records-key")).to_have_count(0)
