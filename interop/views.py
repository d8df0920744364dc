"""The FHIR doors: the patient's own account alone; everybody else gets the answer for what is not there."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from audit.access import PAGE, entries_about
from audit.actions import record
from consent.access import access_own_record
from consent.models import Directive
from interop.audit_events import audit_events
from interop.bundles import capability, outcome, outcome_of, searchset
from interop.elements import Refused
from interop.proposals import NotJson, parse_resource, propose
from interop.records import consents_of, provenance_of
from interop.trees import READINGS
from people.models import Patient, User
from people.reading import person_of
from wire.base import b64
from wire.errors import ErrorBody, Invalid, NotFound

router = Router(tags=["fhir"])
PREFIX = "/api/fhir/"
CONTENT_TYPE = "application/fhir+json"
DEFAULT_COUNT = 50
MAX_BODY = 256 * 1024
PUBLISHED = "2026-11-23"


def answer(resource: dict[str, Any], status: int = 200) -> HttpResponse:
    """A resource as FHIR JSON; nothing of it may be kept on the way."""
    response = HttpResponse(json.dumps(resource), status=status, content_type=f"{CONTENT_TYPE}; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def refusal(request: HttpRequest, body: ErrorBody, status: int) -> HttpResponse | None:
    """A refusal of any kind as an OperationOutcome, at a FHIR address; None at any other."""
    if not request.path.startswith(PREFIX):
        return None
    return answer(outcome(status, body.code, body.message), status)


def _own(request: HttpRequest, patient_id: str) -> tuple[User, Patient]:
    """The signed-in patient, where the id is that of their own record."""
    user = person_of(request.user)
    try:
        return user, access_own_record(user, UUID(patient_id))
    except ValueError:
        raise NotFound from None


def _asked(request: HttpRequest, name: str, kind: str) -> str:
    """The id in the one search parameter; others are refused, since a filter that is skipped shows too much."""
    unknown = request.GET.keys() - {name, "_count", "cursor"}
    values = request.GET.getlist(name)
    if unknown or len(values) != 1:
        raise Invalid(f"Search by one {name}, with _count at most.", re=name)
    return values[0].removeprefix(f"{kind}/")


def _number(request: HttpRequest, name: str, default: int, most: int) -> int:
    raw = request.GET.get(name)
    if raw is None:
        return default
    if not raw.isascii() or not raw.isdigit() or len(raw) > 18:
        raise Invalid("A whole number is expected.", re=name)
    return min(int(raw), most)


def _page(
    request: HttpRequest, rows: Iterable[dict[str, Any]], cursor: int | None, total: int | None = None
) -> HttpResponse:
    """A Bundle with the link to the next page, which begins at `cursor`."""
    following = None
    if cursor is not None:
        query = {name: value for name, value in request.GET.items() if name != "cursor"}
        following = request.build_absolute_uri(f"{request.path}?{urlencode({**query, 'cursor': cursor})}")
    return answer(searchset(list(rows), request.build_absolute_uri(), following, total))


def _sliced(
    request: HttpRequest, count: int, rows: Callable[[int, int], list[dict[str, Any]]], total: int
) -> HttpResponse:
    start = _number(request, "cursor", 0, total)
    end = start + count
    return _page(request, rows(start, end), end if count and end < total else None, total)


@router.get("/fhir/metadata", auth=None)
def metadata(request: HttpRequest) -> HttpResponse:
    return answer(capability(PUBLISHED))


@router.get("/fhir/Consent")
def consents(request: HttpRequest) -> HttpResponse:
    user, patient = _own(request, _asked(request, "patient", "Patient"))
    rows = Directive.objects.filter(patient=patient).order_by("-given_at", "pk")
    count = _number(request, "_count", DEFAULT_COUNT, PAGE)
    record(actor=user.pk, verb="consent.read", patient=patient.pk, detail={"form": "fhir"})

    def shown(start: int, end: int) -> list[dict[str, Any]]:
        return consents_of(patient, list(rows[start:end]), timezone.now())

    return _sliced(request, count, shown, rows.count())


@router.post("/fhir/Consent/$import")
def import_door(request: HttpRequest) -> HttpResponse:
    user = person_of(request.user)
    own = Patient.objects.filter(account=user).first()
    if own is None:
        raise NotFound
    which = next((one for one in READINGS if one == request.GET.get("reading", READINGS[0])), None)
    if which is None or len(request.body) > MAX_BODY:
        raise Invalid("The reading is pcf or core, and a Consent at most 256 KiB.", re="reading")
    try:
        return answer(propose(own, by=user, resource=parse_resource(request.body), which=which))
    except NotJson:
        raise Invalid("One JSON object is expected, in which no name comes twice.") from None
    except Refused as refused:
        return answer(outcome_of(refused.refusals), 422)


@router.get("/fhir/Consent/{consent_id}")
def consent(request: HttpRequest, consent_id: str) -> HttpResponse:
    user, patient, row = _own_directive(request, consent_id)
    _record_read(user, row)
    found = consents_of(patient, [row], timezone.now())[0]
    return answer(found, 200 if found["resourceType"] == "Consent" else 422)


@router.get("/fhir/AuditEvent")
def audit(request: HttpRequest) -> HttpResponse:
    user, patient = _own(request, _asked(request, "patient", "Patient"))
    count = max(1, _number(request, "_count", DEFAULT_COUNT, PAGE))
    before = _number(request, "cursor", 0, 2**62) or None
    record(actor=user.pk, verb="ledger.read", patient=patient.pk, detail={"form": "fhir"})
    entries = entries_about(patient.pk, before=before, limit=count)
    return _page(request, audit_events(patient, entries), entries[-1].pk if len(entries) == count else None)


@router.get("/fhir/Provenance")
def provenance(request: HttpRequest) -> HttpResponse:
    user, patient, row = _own_directive(request, _asked(request, "target", "Consent"))
    _record_read(user, row)
    found = provenance_of(patient, [row], timezone.now())
    count = _number(request, "_count", DEFAULT_COUNT, PAGE)
    return _sliced(request, count, lambda start, end: found[start:end], len(found))


def _own_directive(request: HttpRequest, consent_id: str) -> tuple[User, Patient, Directive]:
    user = person_of(request.user)
    try:
        row = Directive.objects.filter(pk=UUID(consent_id)).first()
    except ValueError:
        row = None
    if row is None:
        raise NotFound
    return user, access_own_record(user, row.patient_id), row


def _record_read(user: User, row: Directive) -> None:
    record(
        actor=user.pk,
        verb="consent.read",
        patient=row.patient_id,
        object_kind="directive",
        object_id=b64(row.pk.bytes),
        detail={"form": "fhir"},
    )
