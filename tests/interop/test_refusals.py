"""Whatever a Consent says and the model cannot hold is refused with its path: nothing is ever skipped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from consent.model import Directive
from interop.consent_export import export_consent
from interop.consent_import import import_consent
from interop.elements import Refused
from interop.references import Context
from tests.interop.examples import NAMES, example
from tests.interop.strategies import AT, rules

READABLE = [name for name in NAMES if name != "core-three-levels"]


def objects(value: object, path: str = "Consent") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object of a resource with its path."""
    if isinstance(value, dict):
        yield path, value
        for name, inner in value.items():
            yield from objects(inner, f"{path}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from objects(inner, f"{path}[{index}]")


def refusals(consent: dict[str, Any], context: Context | None = None) -> dict[str, str]:
    with pytest.raises(Refused) as refused:
        import_consent(consent, "pcf", context)
    return {one.path: one.code for one in refused.value.refusals}


@pytest.mark.parametrize("name", READABLE)
def test_an_unknown_element_anywhere_is_refused_with_its_path(name: str) -> None:
    for number in range(len(list(objects(example(name))))):
        consent = example(name)
        path, where = list(objects(consent))[number]
        where["surprise"] = {"said": ["something", {"else": True}]}
        found = refusals(consent)
        assert any(one == f"{path}.surprise" or f"{path}.".startswith(f"{one}.") for one in found), (path, found)


@settings(max_examples=200, deadline=None)
@given(rules(), st.data())
def test_an_unknown_element_anywhere_in_our_own_is_refused_too(rule: Directive, data: st.DataObject) -> None:
    consent = export_consent(rule, AT)
    path, where = data.draw(st.sampled_from(list(objects(consent))))
    name = data.draw(st.sampled_from(["_type", "id", "extension", "comment", "userSelected", "zzz"]))
    if name in where:
        return
    where[name] = data.draw(st.sampled_from([True, "x", 7, None, {}, [], [{"url": "urn:x", "valueBoolean": True}]]))
    if path == "Consent" and name == "id" and isinstance(where[name], str):
        return
    found = refusals(consent)
    assert any(one.startswith(f"{path}.{name}") or f"{path}.".startswith(f"{one}.") for one in found), (path, found)


@pytest.mark.parametrize("name", READABLE)
def test_every_element_that_narrows_is_either_kept_or_refused(name: str) -> None:
    """Each element taken away changes the rules, or is one that the page lists as saying nothing to a rule."""
    silent = {"meta", "text", "dateTime", "organization", "sourceAttachment", "policy", "category", "id"}
    whole = import_consent(example(name), "pcf").directives
    for key in set(example(name)) - silent - {"resourceType"}:
        consent = example(name)
        del consent[key]
        try:
            assert import_consent(consent, "pcf").directives != whole, key
        except Refused:
            continue


CODES: list[tuple[str, object, str]] = [
    ("Consent.status", "rejected", "status-not-held"),
    ("Consent.scope.coding[0].code", "research", "scope-not-held"),
    ("Consent.category[0].coding[0].code", "1-1", "category-not-held"),
    ("Consent.policy[0].uri", "https://other.example/policy", "policy-not-held"),
    ("Consent.text.status", "additional", "narrative-not-held"),
    ("Consent.patient.reference", "https://other.example/Patient/1", "reference-not-held"),
    ("Consent.patient.reference", "Group/1", "reference-not-held"),
    ("Consent.performer[0].reference", "Practitioner/elena", "performer-not-held"),
    ("Consent.provision.type", "maybe", "effect-missing"),
    ("Consent.provision.period.end", "31.12.2026", "not-a-date"),
    ("Consent.provision.period.end", "2020", "period-reversed"),
    ("Consent.provision.actor[0].role.coding[0].code", "CST", "actor-role-not-held"),
    ("Consent.provision.actor[0].reference.reference", "Device/pump", "actor-kind-not-held"),
    ("Consent.provision.actor[0].reference.reference", "PractitionerRole/1", "actor-kind-not-held"),
    ("Consent.provision.actor[0].reference.reference", "#inside", "reference-not-held"),
    ("Consent.provision.purpose[1].code", "MARKETING", "purpose-not-held"),
    ("Consent.provision.purpose[1].system", "urn:other", "purpose-not-held"),
    ("Consent.meta.security[0].code", "R", "label-not-held"),
]


def put(consent: dict[str, Any], path: str, value: object) -> None:
    at: Any = consent
    parts = path.replace("]", "").replace("[", ".").split(".")[1:]
    for part in parts[:-1]:
        at = at[int(part)] if isinstance(at, list) else at[part]
    at[int(parts[-1]) if isinstance(at, list) else parts[-1]] = value


@pytest.mark.parametrize(("path", "value", "code"), CODES)
def test_each_word_that_is_not_known_is_refused_with_its_code(path: str, value: object, code: str) -> None:
    consent = example("basic-treatment")
    put(consent, path, value)
    found = refusals(consent)
    assert code in found.values()
    assert all(path.startswith(one) or one.startswith(path.rsplit(".", 2)[0]) for one in found)


MORE: list[tuple[str, object, str, str]] = [
    ("contained", [{"resourceType": "Practitioner", "id": "x"}], "Consent.contained[0]", "contained-not-held"),
    ("implicitRules", "urn:rules", "Consent.implicitRules", "implicit-rules-not-held"),
    ("extension", [{"url": "urn:x", "valueCode": "y"}], "Consent.extension[0]", "extension-not-held"),
    (
        "modifierExtension",
        [{"url": "urn:x", "valueCode": "y"}],
        "Consent.modifierExtension[0]",
        "modifier-extension-not-held",
    ),
    (
        "policyRule",
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "OPTIN"}]},
        "Consent.policyRule",
        "policy-rule-not-held",
    ),
    (
        "identifier",
        [{"system": "urn:mrn", "value": "7", "use": "old"}],
        "Consent.identifier[0].use",
        "element-not-held",
    ),
]


@pytest.mark.parametrize(("name", "value", "path", "code"), MORE)
def test_each_element_that_is_not_known_is_refused_with_its_code(
    name: str, value: object, path: str, code: str
) -> None:
    assert refusals(example("basic-treatment") | {name: value}) == {path: code}


PROVISION: list[tuple[str, object, str]] = [
    ("code", [{"coding": [{"system": "http://snomed.info/sct", "code": "1"}]}], "code-not-held"),
    ("class", [{"system": "http://hl7.org/fhir/resource-types", "code": "Observation"}], "class-not-held"),
    (
        "action",
        [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentaction", "code": "use"}]}],
        "action-not-held",
    ),
    ("action", [{"text": "anything"}], "not-one-code"),
    ("securityLabel", [{"system": "urn:local", "code": "SECRET"}], "label-not-held"),
    ("data", [{"meaning": "related", "reference": {"reference": "Encounter/1"}}], "data-not-held"),
    ("data", [{"meaning": "authoredby", "reference": {"reference": "Organization/1"}}], "data-not-held"),
    ("modifierExtension", [{"url": "urn:x", "valueBoolean": True}], "modifier-extension-not-held"),
    ("expression", {"language": "text/cql", "expression": "true"}, "element-not-held"),
    ("dataPeriod", {"start": "2026-05", "end": "2026-04"}, "period-reversed"),
]


@pytest.mark.parametrize(("name", "value", "code"), PROVISION)
def test_each_part_of_a_provision_that_is_not_known_is_refused(name: str, value: object, code: str) -> None:
    consent = example("basic-treatment")
    consent["provision"][name] = value
    found = refusals(consent)
    assert code in found.values()
    assert all(path.startswith(f"Consent.provision.{name}") for path in found)


def test_a_consent_with_paper_alone_holds_nothing_to_keep() -> None:
    consent = example("basic-treatment")
    del consent["provision"]
    assert refusals(consent) == {"Consent.provision": "nothing-computable"}


def test_a_deny_of_what_is_normal_would_reach_nothing_here_and_is_refused() -> None:
    consent = example("advanced-normal-not-restricted")
    consent["provision"]["provision"][0]["securityLabel"][0]["code"] = "N"
    assert refusals(consent) == {"Consent.provision.provision[0].securityLabel": "deny-of-normal"}


def test_people_who_are_not_known_here_are_refused() -> None:
    context = Context(resolve=lambda kind, id: None if id == "samuel" else id)
    assert refusals(example("basic-treatment"), context) == {
        "Consent.provision.actor[1].reference": "actor-unknown",
    }


def test_all_that_is_wrong_is_said_at_once() -> None:
    consent = example("basic-treatment") | {"status": "rejected", "implicitRules": "urn:x"}
    assert len(refusals(consent)) == 2


def test_what_is_no_consent_and_what_is_too_deep_is_refused() -> None:
    assert "resource-not-held" in refusals({"resourceType": "Patient"}).values()
    deep: dict[str, Any] = {"type": "deny"}
    for _ in range(40):
        deep = {"type": "deny", "provision": [deep]}
    assert refusals(example("basic-treatment") | {"provision": deep}) == {"Consent": "too-deep"}
