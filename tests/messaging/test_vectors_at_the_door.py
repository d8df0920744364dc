"""The server accepts nothing that the vectors refuse: each is handed in over HTTP and answered with its own code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from config.environment import ROOT
from crypto.directory import Directory
from crypto.entries import SignedEntry
from messaging.actions import growing
from messaging.models import LogEntry, Thread
from people import access as people_access
from tests.messaging.cast import Cast, Desk, hand_in, open_case
from tests.messaging.house import Batch
from tests.vectors.operations import directory_of, raw, resolved
from wire.base import b64
from wire.messaging import MAX_BATCH

pytestmark = pytest.mark.server
VECTORS = ROOT / "tests" / "vectors"
NO_SHAPE = {"no log", "a signature cut short", "no entry", "an entry too large"}
"""What is no log at all, or no signature by its length, does not come as far as the protocol's own checks."""


def cases_of(name: str) -> list[dict[str, Any]]:
    return resolved(json.loads((VECTORS / f"{name}.json").read_text()))


LOGS = [one for one in cases_of("logs") + cases_of("directories") if one["op"] == "log" and one["expect"] != "ok"]
ENTRIES = [one for one in cases_of("logs") if one["op"] == "object" and one["expect"] != "ok"]


def code_at_the_door(case: dict[str, Any]) -> str:
    return "invalid" if case["name"] in NO_SHAPE else str(case["expect"])


@pytest.fixture
def door(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Elena's, with the vectors' world behind it: their keys, their patient, their authors, and all rules of a log."""
    monkeypatch.setattr(people_access, "access_patient", lambda person, patient: cast.patient)
    monkeypatch.setattr(growing, "_check_genesis", lambda genesis, patient: None)
    monkeypatch.setattr(growing, "_check_authors", lambda person, entries: None)
    return Desk(cast.elena)


def test_the_door_refuses_every_log_that_the_vectors_refuse(door: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    believed, directories = [], dict[str, Directory]()
    for one in LOGS:
        given = one["in"]
        name = json.dumps(given["directory"])
        directory = directories[name] = directories.get(name) or directory_of(given["directory"])
        monkeypatch.setattr(growing, "directory_for", lambda thread, entries, known=directory: known)
        monkeypatch.setattr(growing, "now_ms", lambda now=given["now"]: now)
        entries = [SignedEntry(raw(row["body"]), raw(row["sig"])) for row in given["entries"]]
        assert len(entries) <= MAX_BATCH
        status, body = door.post("/threads", Batch(entries).body())
        if status < 400 or body["code"] != code_at_the_door(one):
            believed.append((one["name"], one["expect"], status, body.get("code")))
    assert believed == []
    assert Thread.objects.count() == LogEntry.objects.count() == 0


def test_the_door_refuses_every_entry_that_is_none(cast: Cast) -> None:
    case = open_case(cast, cast.samuel)
    before = LogEntry.objects.count()
    for one in ENTRIES:
        body = {"entries": [{"body": b64(bytes.fromhex(one["in"]["data"])), "sig": b64(bytes(64))}], "seals": []}
        status, answer = Desk(cast.elena).post(f"/threads/{case.id}/log", body)
        assert status >= 400 and answer["code"] == code_at_the_door(one), one["name"]
    assert LogEntry.objects.count() == before
    assert hand_in(case, cast.samuel, case.epoch(cast.samuel))[0] == 200
