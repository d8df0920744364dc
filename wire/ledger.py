"""The patient's access report, on the wire."""

from __future__ import annotations

from typing import Literal

from wire.base import Body, Id16, Millis


class ReportPerson(Body):
    """What one person did about the patient in the chosen time: how often, and how often it was refused."""

    user: Id16 | None
    who: str
    role: str
    organisation: str
    times: int
    refused: int
    first: Millis
    last: Millis


class ReportOrganisation(Body):
    """The people of one organisation; the empty name is the patient's own side and the system."""

    organisation: str
    times: int
    refused: int
    people: list[ReportPerson]


class ReportOut(Body):
    """`GET /api/patients/{patient}/ledger/summary?show=&user=&since=&until=` (the patient alone).

    By organisation and person. `show` is empty, `refused` (who was refused) or `permissions` (who looked at my
    permissions, or at this ledger); `since` and `until` are milliseconds.
    """

    organisations: list[ReportOrganisation]
    times: int
    refused: int


class ReportContent(Body):
    """An entry exactly as its leaf is the hash of it; `at` in microseconds, people by the hex of their ids."""

    at: int
    actor: str
    actor_org: str
    patient: str
    verb: str
    object_kind: str
    object_id: str
    outcome: str
    reason: str
    basis: list[str]
    detail: dict[str, int | str | bool]


class ReportEntry(Body):
    """One line: whom the ids name, the content, its place in the log, and the proof that it stands there (hex)."""

    who: str
    organisation: str
    index: int
    content: ReportContent
    proof: list[str]


class ReportFile(Body):
    """`GET /api/patients/{patient}/ledger/report?since=` (the patient alone): a file to keep and to verify offline.

    `checkpoint` is a C2SP signed note, `log_key` the key that signed it, `since` the size of an earlier report's
    checkpoint, and `consistency` the proof that this log begins with that one. `earlier` tells that older lines were
    left out (`before` continues). `GET /api/ledger/verify_report.py` is the script that checks it.
    """

    format: Literal["consilium-access-report-1"] = "consilium-access-report-1"
    patient: str
    patient_name: str
    made_at: Millis
    log_key: str
    checkpoint: str
    since: int
    consistency: list[str]
    entries: list[ReportEntry]
    earlier: int | None
