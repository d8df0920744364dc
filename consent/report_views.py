"""The HTTP doors of the access report: the summary, the file with its proofs, and the script that checks it."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router

from audit.actions import record
from consent import report
from consent.access import access_own_record
from people.models import Patient, User
from people.reading import person_of
from wire import ledger as wire
from wire.base import unb64
from wire.errors import NotFound

router = Router(tags=["report"])
SCRIPT = Path(__file__).resolve().parent.parent / "audit/shipped/verify_report.py"


def _own(request: HttpRequest, patient: str) -> tuple[User, Patient]:
    user = person_of(request.user)
    return user, access_own_record(user, _id(patient))


def _id(text: str) -> UUID:
    try:
        return UUID(bytes=unb64(text))
    except ValueError:
        raise NotFound from None


@router.get("/patients/{patient}/ledger/summary", response=wire.ReportOut)
def summary(
    request: HttpRequest,
    patient: str,
    show: str = "",
    user: str = "",
    since: int | None = None,
    until: int | None = None,
) -> wire.ReportOut:
    person, own = _own(request, patient)
    record(actor=person.pk, verb="ledger.report", patient=own.pk)
    return report.summary(own, report.filter_of(show, _id(user) if user else None, since, until))


@router.get("/patients/{patient}/ledger/report", response=wire.ReportFile)
def download(
    request: HttpRequest, response: HttpResponse, patient: str, since: int = 0, before: int | None = None
) -> wire.ReportFile:
    person, own = _own(request, patient)
    record(actor=person.pk, verb="ledger.report", patient=own.pk)
    response["Content-Disposition"] = 'attachment; filename="consilium-access-report.json"'
    return report.report_file(own, since=since, before=before)


@router.get("/ledger/verify_report.py", auth=None)
def script(request: HttpRequest) -> HttpResponse:
    answer = HttpResponse(SCRIPT.read_bytes(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_report.py"'
    return answer
