"""The resources that carry others or answer for them: search results, refusals, and what this server does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from interop import codes
from interop.elements import Refusal
from interop.references import concept
from interop.validation import checked


def searchset(
    resources: Sequence[dict[str, Any]], address: str, following: str | None, total: int | None = None
) -> dict[str, Any]:
    """A page of results; `address` is the page's own, `following` that of the next."""
    links = [{"relation": "self", "url": address}]
    if following:
        links.append({"relation": "next", "url": following})
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        **({"total": total} if total is not None else {}),
        "link": links,
        "entry": [{"resource": one, "search": {"mode": _mode(one)}} for one in resources],
    }


def _mode(resource: dict[str, Any]) -> str:
    return "outcome" if resource["resourceType"] == "OperationOutcome" else "match"


_ISSUE_OF_STATUS = {401: "login", 403: "forbidden", 404: "not-found", 409: "conflict", 429: "throttled"}


def outcome(status: int, code: str, message: str) -> dict[str, Any]:
    """One refusal of the server's own, as FHIR says it."""
    issue = "transient" if status >= 500 else _ISSUE_OF_STATUS.get(status, "invalid")
    return _outcome([_issue(issue, code, message, "")])


def outcome_of(refusals: Sequence[Refusal]) -> dict[str, Any]:
    """Every element that cannot be held, with its FHIRPath."""
    return _outcome([_issue("not-supported", one.code, one.message, one.path) for one in refusals])


def _outcome(issues: list[dict[str, Any]]) -> dict[str, Any]:
    return checked({"resourceType": "OperationOutcome", "issue": issues})


def _issue(kind: str, code: str, message: str, path: str) -> dict[str, Any]:
    return {
        "severity": "error",
        "code": kind,
        "details": concept(codes.REFUSAL_SYSTEM, code),
        "diagnostics": message,
        **({"expression": [path]} if path else {}),
    }


def capability(version_date: str) -> dict[str, Any]:
    """What this server does with FHIR: it reads to the patient, and weighs one operation."""

    def searched(kind: str, parameter: str, *more: str) -> dict[str, Any]:
        return {
            "type": kind,
            "interaction": [{"code": one} for one in ("search-type", *more)],
            "searchParam": [{"name": parameter, "type": "reference"}, {"name": "_count", "type": "number"}],
        }

    operation = {"name": "import", "definition": f"{codes.OURS}OperationDefinition:Consent-import"}
    consent = searched("Consent", "patient", "read") | {"operation": [operation]}
    return checked(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": version_date,
            "kind": "instance",
            "software": {"name": "Consilium"},
            "implementation": {"description": "The patient's own permissions, and what was done under them"},
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json"],
            "rest": [
                {
                    "mode": "server",
                    "security": {"description": "The patient's own session; nobody else is answered."},
                    "resource": [consent, searched("AuditEvent", "patient"), searched("Provenance", "target")],
                }
            ],
        }
    )
