"""The flat rules of a tree of provisions answer as a plain walk through the tree does, in both readings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from consent.model import Actor, PatientFacts, Request, Resource, Snapshot
from consent.rules import decide
from interop.consent_import import import_consent
from interop.elements import Refused
from interop.trees import Which
from tests.interop.examples import example

ROLE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
LABEL_SYSTEMS = {"N": "v3-Confidentiality", "R": "v3-Confidentiality", "PSY": "v3-ActCode"}
NOW = datetime(2026, 6, 1, tzinfo=UTC)
PEOPLE, PURPOSES, ITEMS, LABELS = ("ann", "bob"), ("TREAT", "HPAYMT"), ("a", "b"), ("N", "R", "PSY")


def some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), max_size=2, unique=True)


def plain(depth: int) -> st.SearchStrategy[dict[str, Any]]:
    """A provision as {type, people, purposes, items, labels, nested}; an empty list is no limit."""
    nested = st.lists(plain(depth - 1), max_size=2) if depth > 1 else st.just([])
    return st.fixed_dictionaries(
        {
            "type": st.sampled_from(["permit", "deny"]),
            "people": some(PEOPLE),
            "purposes": some(PURPOSES),
            "items": some(ITEMS),
            "labels": some(LABELS),
            "nested": nested,
        }
    )


def as_fhir(one: dict[str, Any]) -> dict[str, Any]:
    systems = "http://terminology.hl7.org/CodeSystem/"
    found = {
        "type": one["type"],
        "actor": [{"role": ROLE, "reference": {"reference": f"Practitioner/{who}"}} for who in one["people"]],
        "purpose": [{"system": f"{systems}v3-ActReason", "code": code} for code in one["purposes"]],
        "securityLabel": [{"system": systems + LABEL_SYSTEMS[code], "code": code} for code in one["labels"]],
        "data": [
            {"meaning": "instance", "reference": {"reference": f"DocumentReference/{item}"}} for item in one["items"]
        ],
        "provision": [as_fhir(inner) for inner in one["nested"]],
    }
    return {name: value for name, value in found.items() if value}


Asked = dict[str, str]


def matches(one: dict[str, Any], asked: Asked) -> bool:
    pairs = (("people", "who"), ("purposes", "purpose"), ("items", "item"), ("labels", "label"))
    return all(not one[name] or asked[of] in one[name] for name, of in pairs)


def pcf(root: dict[str, Any], asked: Asked) -> bool:
    """Exceptions first; what they leave unsaid is as the root says, and a permit's silence on labels is `N`."""
    root = spoken(root)
    answers = []
    for child in root["nested"]:
        said = {name: child[name] or root[name] for name in ("people", "purposes", "items")}
        labels = child["labels"] or (root["labels"] if child["type"] == root["type"] == "permit" else [])
        if matches(spoken({**child, **said, "labels": labels}), asked):
            answers.append(child["type"])
    if not answers and matches(root, asked):
        answers = [root["type"]]
    return bool(answers) and "deny" not in answers


def spoken(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "labels": one["labels"] or (["N"] if one["type"] == "permit" else [])}


def core(one: dict[str, Any], asked: Asked) -> str:
    """What the provision says to the request: nothing where it, or a parent, does not match."""
    if not matches(one, asked):
        return ""
    answers = [answer for answer in (core(child, asked) for child in one["nested"]) if answer]
    return "deny" if "deny" in answers else answers[0] if answers else str(one["type"])


def ours(root: dict[str, Any], which: Which, asked: Asked) -> bool:
    consent = example("basic-treatment") | {"provision": as_fhir(root)}
    try:
        imported = import_consent(consent, which)
    except Refused:
        assume(False)
    actor = Actor(asked["who"], "clinician", frozenset(), frozenset({"medical"}), frozenset({"t"}))
    # What FHIR calls normal bears no label here.
    labels = frozenset({asked["label"]}) - {"N"}
    resource = Resource(id=asked["item"], teams=frozenset({"t"}), labels=labels)
    request = Request(actor, "card.view", resource, asked["purpose"], PatientFacts("maya"), NOW)
    return decide(Snapshot(imported.directives), request).permit


ASKED = st.fixed_dictionaries(
    {
        "who": st.sampled_from(PEOPLE),
        "purpose": st.sampled_from(PURPOSES),
        "item": st.sampled_from(ITEMS),
        "label": st.sampled_from(LABELS),
    }
)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(plain(2), ASKED)
def test_pcf(root: dict[str, Any], asked: Asked) -> None:
    assert ours(root, "pcf", asked) == pcf(root, asked)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(plain(3), ASKED)
def test_core(root: dict[str, Any], asked: Asked) -> None:
    assert ours(root, "core", asked) == (core(root, asked) == "permit")
