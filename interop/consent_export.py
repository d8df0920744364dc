"""A rule of the model as a FHIR R4 Consent after IHE PCF; what FHIR cannot say is refused, never dropped."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from consent.model import (
    ACTIONS,
    CATEGORIES,
    PROTECTED_LABELS,
    PURPOSES,
    READING,
    UNPROTECTED_LABELS,
    Directive,
    Grantee,
)
from interop import codes
from interop.consent_import import OWN_STATES
from interop.moments import written, written_period
from interop.references import concept, named, to_reference
from interop.validation import NotValid, checked

SAID = frozenset(
    {
        "id", "effect", "grantee", "grantor", "patient", "supersedes", "actions", "threads", "resources",
        "categories", "labels", "purposes", "data_from", "data_until", "authored_by", "valid_from", "valid_until",
        "revoked_at", "status", "part2", "specific", "redisclose",
    }
)  # fmt: skip
SAID_OF_GRANTEES = frozenset({"users", "orgs", "roles", "teams", "any_team_member", "but"})
"""The fields of a rule that a Consent can say; a test holds it against the model, a new field is refused."""
_STATUS_OF = {"draft": "draft", "proposed": "proposed", "active": "active", "entered-in-error": "entered-in-error"}


class Unexportable(Exception):
    """A rule says something that FHIR, or this mapping, cannot: the field's name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


@dataclass(frozen=True)
class Frame:
    """What stands around a rule in a Consent: ids, people and evidence, all as FHIR has them. Empty is left out."""

    id: str = ""
    patient: str = ""
    """The model's id of the patient, where the rule itself does not name one."""
    patient_name: str = ""
    dated: datetime | None = None
    organisations: tuple[str, ...] = ()
    source: Mapping[str, Any] | None = None
    """A sourceAttachment."""
    verification: Mapping[str, Any] | None = None


def export_consent(rule: Directive, at: datetime, frame: Frame | None = None) -> dict[str, Any]:
    """The Consent that says what the rule says, as of `at`; raises Unexportable."""
    frame = frame or Frame()
    _check_fields(rule)
    patient = rule.patient or frame.patient
    resource: dict[str, Any] = {
        "resourceType": "Consent",
        **({"id": frame.id} if frame.id else {}),
        **_whole(rule, at),
        "identifier": [{"system": codes.DIRECTIVE_ID, "value": rule.id}],
        "scope": concept(codes.CONSENT_SCOPE, "patient-privacy"),
        "category": [concept(codes.LOINC, "59284-0")],
        **({"patient": _patient(patient, frame.patient_name)} if patient else {}),
        **({"dateTime": written(frame.dated)} if frame.dated else {}),
        **_performer(rule, patient),
        **(
            {"organization": [to_reference("Organization", one) for one in frame.organisations]}
            if frame.organisations
            else {}
        ),
        **({"sourceAttachment": dict(frame.source)} if frame.source else {}),
        "policy": [{"uri": codes.POLICY}],
        **({"verification": [dict(frame.verification)]} if frame.verification else {}),
        "provision": _provision(rule),
    }
    profile = pcf_profile(resource)
    if profile:
        resource["meta"] = {"profile": [profile]}
    try:
        return checked(resource)
    except NotValid as error:
        raise Unexportable(str(error)) from error


def _check_fields(rule: Directive) -> None:
    """Refuses a field that this mapping does not know, once it says anything, and words outside the vocabulary."""
    plain = Directive(id="", effect="permit")
    for one in fields(rule):
        if one.name not in SAID and getattr(rule, one.name) != getattr(plain, one.name):
            raise Unexportable(one.name)
    for one in fields(rule.grantee):
        if one.name not in SAID_OF_GRANTEES and getattr(rule.grantee, one.name) != getattr(Grantee(), one.name):
            raise Unexportable(one.name)
    vocabulary = (
        ("actions", rule.actions, ACTIONS),
        ("categories", rule.categories, CATEGORIES),
        ("purposes", rule.purposes, PURPOSES),
        ("labels", rule.labels, PROTECTED_LABELS | UNPROTECTED_LABELS),
        ("status", {rule.status}, OWN_STATES | _STATUS_OF.keys()),
        ("effect", {rule.effect}, {"permit", "deny"}),
    )
    for name, said, known in vocabulary:
        if said is not None and not said <= known:
            raise Unexportable(name)
    if rule.effect == "deny" and rule.labels & UNPROTECTED_LABELS:
        raise Unexportable("labels")  # here it reaches what bears the label; in FHIR whatever is normal
    if not rule.id:
        raise Unexportable("id")


def _patient(patient: str, name: str) -> dict[str, Any]:
    return {**to_reference("Patient", patient), **({"display": name} if name else {})}


def _performer(rule: Directive, patient: str) -> dict[str, Any]:
    if not rule.grantor:
        return {}
    if rule.grantor != "patient":
        return {"performer": [named("RelatedPerson", codes.GRANTOR_ID, rule.grantor)]}
    if not patient:
        raise Unexportable("patient")
    return {"performer": [to_reference("Patient", patient)]}


def _whole(rule: Directive, at: datetime) -> dict[str, Any]:
    """Status, and our own extensions: as modifiers where a reader who skips them would take the rule for wider."""
    ended = rule.revoked_at is not None and rule.revoked_at <= at
    status = "inactive" if rule.status in OWN_STATES else _STATUS_OF[rule.status]
    if status == "active" and ended:
        status = "inactive"
    plain: list[dict[str, Any]] = []
    modifying: list[dict[str, Any]] = []
    if rule.status in OWN_STATES:
        plain.append(_extension("state", "valueCode", rule.status))
    if rule.revoked_at is not None:
        one = _extension("ended-at", "valueDateTime", written(rule.revoked_at))
        (modifying if status == "active" else plain).append(one)
    plain += [_extension("supersedes", "valueString", one) for one in sorted(rule.supersedes)]
    if rule.part2 != "none":
        plain.append(_extension("part2", "valueCode", rule.part2))
    plain += [_extension("specific", "valueCode", one) for one in sorted(rule.specific)]
    if rule.redisclose != "hipaa":
        modifying.append(_extension("redisclose", "valueCode", rule.redisclose))
    return {
        **({"extension": plain} if plain else {}),
        **({"modifierExtension": modifying} if modifying else {}),
        "status": status,
    }


def _extension(name: str, kind: str, value: str | bool) -> dict[str, Any]:
    return {"url": codes.extension_url(name), kind: value}


def _provision(rule: Directive) -> dict[str, Any]:
    actors, kinds = _actors(rule.grantee)
    data, data_kinds = _data(rule)
    modifiers = []
    if kinds > 1:
        modifiers.append(_extension("actors-of-each-kind", "valueBoolean", True))
    if data_kinds > 1:
        modifiers.append(_extension("data-of-each-kind", "valueBoolean", True))
    modifiers += [_extension("but", "valueString", one) for one in sorted(rule.grantee.but)]
    found: dict[str, Any] = {
        "modifierExtension": modifiers,
        "type": rule.effect,
        "period": written_period(rule.valid_from, rule.valid_until),
        "actor": actors,
        "action": _actions(rule),
        "securityLabel": _labels(rule),
        "purpose": _codings(rule.purposes, codes.ACT_REASON),
        "class": _codings(rule.categories, codes.CATEGORY_SYSTEM),
        "dataPeriod": written_period(rule.data_from, rule.data_until),
        "data": data,
    }
    return {name: value for name, value in found.items() if value}


def _codings(values: frozenset[str] | None, system: str) -> list[dict[str, str]]:
    """Codings, none for None; a field that names nothing names `none`, since FHIR's empty list would mean anything."""
    if values is None:
        return []
    if not values:
        return [{"system": codes.NOTHING_SYSTEM, "code": "none"}]
    return [{"system": system, "code": value} for value in sorted(values)]


def _actions(rule: Directive) -> list[dict[str, Any]]:
    """A permit for reading and a deny of everything need no action, as PCF has it."""
    if rule.effect == "permit" and rule.actions is None:
        return [concept(codes.ACTION_SYSTEM, "any")]
    if rule.effect == "permit" and rule.actions == READING:
        return []
    return [{"coding": [coding]} for coding in _codings(rule.actions, codes.ACTION_SYSTEM)]


def _labels(rule: Directive) -> list[dict[str, str]]:
    """A permit of ours always reaches what has no label, which FHIR calls `N`."""
    labels = rule.labels | {"N"} if rule.effect == "permit" else rule.labels
    return [{"system": codes.label_system(label), "code": label} for label in sorted(labels)]


_KINDS = (("users", "Practitioner"), ("orgs", "Organization"), ("teams", "CareTeam"), ("roles", ""))


def _actors(grantee: Grantee) -> tuple[list[dict[str, Any]], int]:
    """The actors, and of how many kinds they are."""
    references: list[dict[str, Any]] = []
    kinds = int(grantee.any_team_member)
    for name, kind in _KINDS:
        values = getattr(grantee, name)
        if values is None:
            continue
        kinds += 1
        references += [
            to_reference(kind, value) if kind else named("Group", codes.ROLE_ID, value) for value in sorted(values)
        ] or [named("Group", codes.NOTHING_SYSTEM, name)]
    if grantee.any_team_member:
        references.append(named("Group", codes.GRANTEE_ID, codes.ANY_TEAM_MEMBER))
    role = concept(codes.PARTICIPATION, codes.IDENTIFIABLE)
    return [{"role": role, "reference": one} for one in references], kinds


def _data(rule: Directive) -> tuple[list[dict[str, Any]], int]:
    """The data that the rule names, and of how many kinds."""
    found: list[dict[str, Any]] = []
    kinds = 0
    for name, meaning in (("threads", "dependents"), ("resources", "instance"), ("authored_by", "authoredby")):
        values = getattr(rule, name)
        if values is None:
            continue
        kinds += 1
        found += [{"meaning": meaning, "reference": _datum(name, value)} for value in sorted(values)] or [
            {"meaning": meaning, "reference": named("Group", codes.NOTHING_SYSTEM, name)}
        ]
    return found, kinds


def _datum(name: str, value: str) -> dict[str, Any]:
    if name == "authored_by":
        return to_reference("Practitioner", value)
    return named("Communication", codes.THREAD_ID if name == "threads" else codes.RESOURCE_ID, value)


_ASKED_BY_PCF = ("patient", "dateTime", "performer", "organization", "sourceAttachment")
_NOT_IN_PCF = ("modifierExtension", "policyRule", "verification")


def pcf_profile(consent: Mapping[str, Any]) -> str:
    """The narrowest PCF profile that a Consent without nested provisions keeps, or an empty text for none."""
    provision = consent["provision"]
    foreign = any(provision.get(name) for name in ("action", "class", "modifierExtension"))
    if foreign or any(consent.get(name) for name in _NOT_IN_PCF):
        return ""
    labels = {one["code"] for one in provision.get("securityLabel", ())}
    purposes = {one["code"] for one in provision.get("purpose", ())}
    meanings = {one["meaning"] for one in provision.get("data", ())}
    if not all(consent.get(name) for name in _ASKED_BY_PCF) or "dependents" in meanings:
        return ""
    if labels:
        return f"{codes.PCF}Advanced" if labels <= codes.ADVANCED_LABELS else ""
    basic = purposes <= codes.BASIC_PURPOSES and not meanings and "dataPeriod" not in provision
    return f"{codes.PCF}{'Basic' if basic else 'Intermediate'}"
