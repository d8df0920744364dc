"""Entries of the ledger as FHIR AuditEvents, after IHE BALP wherever the ledger knows all that a profile asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from audit.models import Entry
from consent.reading import Person, people_by_id
from interop import codes
from interop.moments import written
from interop.people import person_reference
from interop.references import concept, to_reference
from interop.validation import checked
from people.models import Patient
from wire.base import b64, unb64

Kind = Literal["decision", "emergency", "read", "create", "update", "delete", "execute"]
_AUDIT_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_INTERACTION = "http://hl7.org/fhir/restful-interaction"
_ENTITY_TYPE = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_SERVER = {"type": "Device", "identifier": {"system": f"{codes.OURS}device", "value": "server"}, "display": "Consilium"}
_CLIENT = {"type": "Device", "display": "The person's own device"}
_NO_ADDRESS = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "not-performed"}]
}
"""The ledger keeps no network addresses: an address tells where a person was."""
_LAST_WORDS: Mapping[str, Kind] = {
    "read": "read",
    "create": "create",
    "post": "create",
    "permit": "create",
    "deny": "create",
    "invite": "create",
    "join": "create",
    "enrol": "create",
    "issue": "create",
    "add": "create",
    "witness": "create",
    "entrust": "create",
    "destroy": "delete",
    "withdraw": "update",
    "change": "update",
    "log": "update",
    "password": "update",
    "relieve": "update",
    "leave": "delete",
    "forget": "delete",
}
_ACTIONS: Mapping[Kind, str] = {
    "decision": "E", "emergency": "E", "read": "R", "create": "C", "update": "U", "delete": "D", "execute": "E",
}  # fmt: skip
_OUTCOMES = {"done": "0", "permit": "0", "failed": "4", "deny": "8"}
EMERGENCY_STARTED = "110127"
"""DICOM: emergency override started."""


def kind_of(entry: Entry) -> Kind:
    """What an entry is an event of; an emergency is whatever declares one or rests on one."""
    words = entry.verb.split(".")
    if entry.reason == "BREAK_GLASS" or (words[0] == "emergency" and words[-1] in ("declare", "open")):
        return "emergency"
    if entry.outcome in ("permit", "deny"):
        return "decision"
    return _LAST_WORDS.get(words[-1], "execute")


def audit_events(patient: Patient, entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Each entry as an AuditEvent, in the order given."""
    people = people_by_id({entry.actor for entry in entries if entry.actor})
    return [checked(_event(patient, entry, people)) for entry in entries]


def _event(patient: Patient, entry: Entry, people: Mapping[UUID, Person]) -> dict[str, Any]:
    kind = kind_of(entry)
    agents = _agents(patient, entry, kind, people)
    entities = [_patient_entity(patient), *_objects(entry, kind)]
    profile = _profile(kind, entry, agents, entities)
    return {
        "resourceType": "AuditEvent",
        "id": str(entry.pk),
        **({"meta": {"profile": [codes.BALP + profile]}} if profile else {}),
        **_type(kind, entry),
        "action": _ACTIONS[kind],
        "recorded": written(entry.at),
        "outcome": _OUTCOMES.get(entry.outcome, "4"),
        **({"outcomeDesc": entry.reason} if entry.reason else {}),
        **({"purposeOfEvent": [concept(codes.ACT_REASON, "BTG")]} if kind == "emergency" else {}),
        "agent": agents,
        "source": {"observer": _SERVER},
        "entity": entities,
    }


def _type(kind: Kind, entry: Entry) -> dict[str, Any]:
    own = {"system": codes.VERB_SYSTEM, "code": entry.verb}
    alert = {"system": codes.DCM, "code": "110113", "display": "Security Alert"}
    if kind == "emergency":
        started = {"system": codes.DCM, "code": EMERGENCY_STARTED, "display": "Emergency Override Started"}
        return {"type": alert, "subtype": [started, own]}
    if kind == "decision":
        return {"type": alert, "subtype": [{"system": codes.AUTHZ_SUBTYPE, "code": "AuthZ-Consent"}, own]}
    rest = {"system": _AUDIT_TYPE, "code": "rest", "display": "Restful Operation"}
    interaction = "operation" if kind == "execute" else kind
    return {"type": rest, "subtype": [{"system": _INTERACTION, "code": interaction, "display": interaction}, own]}


def _agents(patient: Patient, entry: Entry, kind: Kind, people: Mapping[UUID, Person]) -> list[dict[str, Any]]:
    """Client, server or authorizer, the person, and the organisation where it is known."""
    authz = kind in ("decision", "emergency")
    found = [_device(_CLIENT, codes.DCM, _client_code(kind), network=True)]
    if authz:
        role = "http://terminology.hl7.org/CodeSystem/extra-security-role-type"
        found.append(_device(_SERVER, role, "authserver", network=False))
    else:
        found.append(_device(_SERVER, codes.DCM, "110153" if kind == "read" else "110152", network=True))
    if entry.actor is None:
        return found
    person = people.get(entry.actor)
    who = person_reference(patient, entry.actor, people)
    named = {"name": person.name} if person and person.name else {}
    receives = authz or kind in ("read", "execute")
    participation = concept(codes.PARTICIPATION, codes.IDENTIFIABLE if receives else "AUT")
    found.append({"type": participation, "who": who, **named, "requestor": True})
    house = to_reference("Organization", entry.actor_org.hex) if entry.actor_org else None
    if house is None and person and person.organisation:
        house = {"type": "Organization", "display": person.organisation}
    if authz and house is not None:
        provider = concept("http://terminology.hl7.org/CodeSystem/v3-RoleClass", "PROV")
        found.append({"type": provider, "who": house, "requestor": False})
    return found


def _client_code(kind: Kind) -> str:
    if kind in ("decision", "emergency"):
        return "110150"
    return "110152" if kind == "read" else "110153"


def _device(who: Mapping[str, Any], system: str, code: str, *, network: bool) -> dict[str, Any]:
    where = {"network": _NO_ADDRESS} if network else {}
    return {"type": concept(system, code), "who": dict(who), "requestor": False, **where}


def _patient_entity(patient: Patient) -> dict[str, Any]:
    return {
        "what": to_reference("Patient", patient.pk.hex),
        "type": {"system": _ENTITY_TYPE, "code": "1", "display": "Person"},
        "role": {"system": _OBJECT_ROLE, "code": "1", "display": "Patient"},
    }


def _objects(entry: Entry, kind: Kind) -> list[dict[str, Any]]:
    """What was touched, with the entry's hash as proof of it; for a decision the Consents relied on."""
    consents = [
        {
            "what": _consent_reference(str(one)),
            "type": {"system": codes.RESOURCE_TYPES, "code": "Consent", "display": "Consent"},
        }
        for one in entry.basis
    ]
    if kind == "decision":
        return consents
    what = {"identifier": {"system": codes.OURS + (entry.object_kind or "record"), "value": entry.object_id or "all"}}
    if entry.object_kind == "directive":
        what = _consent_reference(entry.object_id)
    data = {
        "what": what,
        "type": {"system": _ENTITY_TYPE, "code": "2", "display": "System Object"},
        "role": {"system": _OBJECT_ROLE, "code": "4", "display": "Domain Resource"},
        "detail": [
            *({"type": name, "valueString": str(value)} for name, value in sorted(entry.detail.items()) if value != ""),
            {"type": f"{codes.OURS}ledger-leaf", "valueString": b64(bytes(entry.leaf))},
        ],
    }
    return [data, *consents]


def _consent_reference(directive: str) -> dict[str, Any]:
    """By id where it is one of ours, else by what the ledger calls it."""
    try:
        return {"reference": f"Consent/{UUID(bytes=unb64(directive)).hex}"}
    except ValueError:
        return {"type": "Consent", "identifier": {"system": codes.DIRECTIVE_ID, "value": directive or "unknown"}}


_PROFILES: Mapping[Kind, str] = {
    "read": "PatientRead", "create": "PatientCreate", "update": "PatientUpdate", "delete": "PatientDelete",
}  # fmt: skip


def _profile(kind: Kind, entry: Entry, agents: list[dict[str, Any]], entities: list[dict[str, Any]]) -> str:
    """The BALP profile that the event keeps; none where the ledger lacks what it asks for."""
    if kind == "decision":
        return "AuthZconsent" if len(agents) == 4 and len(entities) > 1 else ""
    return _PROFILES.get(kind, "") if entry.outcome == "done" else ""
