"""A FHIR Consent from elsewhere as a proposal: what it would come to, for the patient to sign. It grants nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from audit.actions import record
from consent import model
from consent.access import snapshot_for
from consent.translate import ACTION_NAMES, CARE_TEAM
from crypto.tables import DIRECTIVE_MAX_MS
from interop.consent_import import Imported, import_consent
from interop.elements import Refusal, Refused
from interop.moments import written
from interop.references import Context
from interop.trees import Which
from interop.validation import checked
from people.models import Affiliation, Organisation, Patient, User

MAX_DIRECTIVES = 100


class NotJson(Exception):
    """The body is not one JSON object, or says one thing twice."""


def parse_resource(raw: bytes) -> dict[str, Any]:
    """The JSON object of a body; a name that comes twice is refused, since readers differ in which one they take."""
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotJson from error
    if not isinstance(found, dict):
        raise NotJson
    return found


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_constant(name: str) -> float:
    raise ValueError(name)


def propose(patient: Patient, *, by: User, resource: Mapping[str, Any], which: Which) -> dict[str, Any]:
    """What a Consent would come to, as Parameters, and an entry in the ledger; raises Refused, which is one too."""
    try:
        imported = import_consent(resource, which, _context(patient))
        _check_fits(patient, imported)
    except Refused as refused:
        record(
            actor=by.pk,
            verb="consent.propose",
            patient=patient.pk,
            outcome="failed",
            reason=refused.refusals[0].code,
            detail={"reading": which, "refusals": len(refused.refusals)},
        )
        raise
    detail = {"reading": which, "directives": len(imported.directives)}
    record(actor=by.pk, verb="consent.propose", patient=patient.pk, detail=detail)
    return checked(_answer(imported))


def _check_fits(patient: Patient, imported: Imported) -> None:
    """Refuses what would mean another thing beside this patient's organisation's default, or be about somebody else."""
    if not imported.patient:
        raise Refused([Refusal("Consent.patient", "patient-missing", "It must say whose data it speaks of.")])
    if len(imported.directives) > MAX_DIRECTIVES:
        raise Refused([Refusal("Consent.provision", "too-many-rules", "It comes to more rules than can be shown.")])
    if snapshot_for(patient.pk).policy.default != "deny":
        message = "It shuts what it does not name, and your organisation's default would open some of it."
        raise Refused([Refusal("Consent.provision", "organisation-default", message)])


def _context(patient: Patient) -> Context:
    return Context(resolve=lambda kind, fhir_id: _known(patient, kind, fhir_id), zone=ZoneInfo(patient.zone))


def _known(patient: Patient, kind: str, fhir_id: str) -> str | None:
    """The id that decisions know of somebody who is meant; of patients, this one alone."""
    if kind == "CareTeam":
        return CARE_TEAM if fhir_id == CARE_TEAM else None
    try:
        wanted = UUID(fhir_id)
    except ValueError:
        return None
    known = False
    if kind == "Patient":
        known = wanted == patient.pk
    elif kind == "Practitioner":
        known = Affiliation.objects.filter(user_id=wanted, until=None).exists()
    elif kind == "Organization":
        known = Organisation.objects.filter(pk=wanted).exists()
    return wanted.hex if known else None


@dataclass(frozen=True)
class Hindrance:
    """Why the app cannot have a rule signed as it stands: a code, and in words."""

    code: str
    message: str


_WHOLE_ACTIONS = frozenset(ACTION_NAMES.values())


def hindrances(rule: model.Directive) -> list[Hindrance]:
    """What keeps a rule from being one CT1 directive, as docs/protocol.md 3.4 lays it out; empty when it can be."""
    found = []
    if not _one_grantee(rule.grantee):
        found.append(Hindrance("one-grantee", "A signed permission names one person, organisation, role or team."))
    actions = rule.actions
    if actions is not None:
        held = frozenset[str]().union(*(words for words in _WHOLE_ACTIONS if words <= actions))
        if not actions or held != actions:
            found.append(Hindrance("whole-actions", "A signed permission cannot name these actions apart."))
    longest = timedelta(milliseconds=DIRECTIVE_MAX_MS)
    if rule.valid_from is None or rule.valid_until is None or rule.valid_until - rule.valid_from > longest:
        found.append(Hindrance("time-limit", "A signed permission has a beginning and an end within 366 days."))
    return found


def _one_grantee(grantee: model.Grantee) -> bool:
    if grantee.but:
        return False
    match (grantee.users, grantee.orgs, grantee.roles, grantee.teams):
        case (frozenset() as users, None, None, None):
            return len(users) == 1 and not grantee.any_team_member
        case (None, frozenset() as orgs, None, None):
            return len(orgs) == 1 and not grantee.any_team_member
        case (None, None, frozenset() as roles, _):
            return len(roles) == 1 and all(one.startswith("ct1:") for one in roles)
        case (None, None, None, frozenset() as teams):
            return teams == {CARE_TEAM}
    return grantee.any_team_member


def _answer(imported: Imported) -> dict[str, Any]:
    """Parameters: how it was read, what was decided on the way, and each rule in our words."""
    parameters: list[dict[str, Any]] = [
        {"name": "reading", "valueCode": imported.reading},
        {"name": "base", "valueCode": imported.base},
        {"name": "test-data", "valueBoolean": imported.is_test},
    ]
    parameters += [
        {
            "name": "note",
            "part": [
                {"name": "path", "valueString": note.path},
                {"name": "code", "valueCode": note.code},
                {"name": "message", "valueString": note.message},
            ],
        }
        for note in imported.notes
    ]
    for path, rule in zip(imported.paths, imported.directives, strict=True):
        reasons = hindrances(rule)
        parts: list[dict[str, Any]] = [
            {"name": "path", "valueString": path},
            {"name": "signable", "valueBoolean": not reasons},
            *({"name": "not-signable-because", "valueCode": one.code} for one in reasons),
            *_said(rule),
        ]
        parameters.append({"name": "directive", "part": parts})
    return {"resourceType": "Parameters", "parameter": parameters}


_LEFT_OUT = frozenset({"id", "patient", "supersedes"})


def _said(rule: model.Directive) -> list[dict[str, Any]]:
    """Each field that says something, by its name in the model; a set of several values comes several times."""
    plain = model.Directive(id="", effect="permit")
    found = []
    for whole, prefix in ((rule, ""), (rule.grantee, "grantee.")):
        for one in fields(whole):
            value = getattr(whole, one.name)
            usual = getattr(plain.grantee if prefix else plain, one.name)
            if one.name in _LEFT_OUT or one.name == "grantee" or (value == usual and one.name != "effect"):
                continue
            found += [{"name": prefix + one.name, **_value(single)} for single in _each(value)]
    return found


def _each(value: object) -> list[object]:
    return sorted(value) if isinstance(value, frozenset) else [value]


def _value(value: object) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"valueBoolean": value}
    return {"valueDateTime": written(value)} if isinstance(value, datetime) else {"valueString": str(value)}
