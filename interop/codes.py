"""The code systems, profiles and addresses that FHIR and this product name things by (docs/fhir.md lists our own)."""

from __future__ import annotations

from consent.model import PROTECTED_LABELS, UNPROTECTED_LABELS

OURS = "urn:consilium:fhir:"
"""All addresses of our own begin so: names, not places, so that they outlive every server."""

ACTION_SYSTEM = f"{OURS}CodeSystem:action"
CATEGORY_SYSTEM = f"{OURS}CodeSystem:category"
LABEL_SYSTEM = f"{OURS}CodeSystem:label"
REASON_SYSTEM = f"{OURS}CodeSystem:reason"
REFUSAL_SYSTEM = f"{OURS}CodeSystem:refusal"
VERB_SYSTEM = f"{OURS}CodeSystem:verb"
NOTHING_SYSTEM = f"{OURS}CodeSystem:nothing"
"""For a field of a rule that names no value at all, and so matches nothing."""
DIRECTIVE_ID = f"{OURS}directive"
GRANTEE_ID = f"{OURS}grantee"
ROLE_ID = f"{OURS}grantee-role"
THREAD_ID = f"{OURS}thread"
RESOURCE_ID = f"{OURS}resource"
GRANTOR_ID = f"{OURS}grantor"
ANY_TEAM_MEMBER = "any-team-member"
POLICY = f"{OURS}policy:directives"
"""Only what a directive permits is open, any deny shuts, and what nobody speaks of follows the organisation."""


def extension_url(name: str) -> str:
    return f"{OURS}StructureDefinition:{name}"


ACT_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
DATA_OPERATION = "http://terminology.hl7.org/CodeSystem/v3-DataOperation"
CONSENT_SCOPE = "http://terminology.hl7.org/CodeSystem/consentscope"
CONSENT_ACTION = "http://terminology.hl7.org/CodeSystem/consentaction"
RESOURCE_TYPES = "http://hl7.org/fhir/resource-types"
LOINC = "http://loinc.org"
DCM = "http://dicom.nema.org/resources/ontology/DCM"

IDENTIFIABLE = "IRCP"
"""v3 participation: information recipient, the one role of an actor in PCF."""
CATEGORIES_OF_CONSENT = frozenset(
    {(LOINC, "59284-0"), (LOINC, "64292-6"), (LOINC, "57016-8"), (ACT_CODE, "IDSCL"), (ACT_CODE, "INFA")}
)
"""Kinds of a Consent that say no more than that it is one about sharing."""

PCF = "https://profiles.ihe.net/ITI/PCF/StructureDefinition/IHE.PCF.consent"
PCF_PROFILES = frozenset(PCF + option for option in ("Foundation", "Basic", "Intermediate", "Advanced"))
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
AUTHZ_SUBTYPE = "https://profiles.ihe.net/ITI/BALP/CodeSystem/AuthZsubType"

BASIC_PURPOSES = frozenset({"TREAT", "HPAYMT", "HOPERAT"})
ADVANCED_LABELS = frozenset({"N", "R", "ETH", "ETHUD", "OPIOIDUD", "PSY", "SDV", "HIV"})
"""Purposes of PCF's Basic option, and labels that its Advanced option names."""

CLASS_CATEGORIES = {
    "Communication": frozenset({"message"}),
    "AllergyIntolerance": frozenset({"allergy"}),
    "FamilyMemberHistory": frozenset({"family_history"}),
    "MedicationStatement": frozenset({"medication"}),
    "CarePlan": frozenset({"plan", "crisis_plan"}),
    "Consent": frozenset({"consent"}),
}
"""Resource types that stand for whole categories of ours and nothing else, so that a rule on one is exact."""

_CONFIDENTIALITIES = UNPROTECTED_LABELS | {"R", "V"}
_OWN_LABELS = frozenset({"MINORCONF"})


def label_system(label: str) -> str:
    """The code system that a security label of the model is from."""
    if label in _CONFIDENTIALITIES:
        return CONFIDENTIALITY
    return LABEL_SYSTEM if label in _OWN_LABELS else ACT_CODE


LABELS = {(label_system(label), label): label for label in PROTECTED_LABELS | UNPROTECTED_LABELS}
