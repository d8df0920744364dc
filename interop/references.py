"""References and codes of FHIR, to and from the ids and words of the model."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, tzinfo
from typing import Any

from interop import codes
from interop.elements import Element

_FHIR_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_LITERAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})")
Resolve = Callable[[str, str], str | None]
"""(resource type, id) to the id that decisions know, or None for nobody known."""


def as_it_is(kind: str, fhir_id: str) -> str | None:
    """For a table of cases, where ids mean what they say."""
    return fhir_id


@dataclass(frozen=True)
class Context:
    """What a reader must know beside the resource: who is who, and where the patient lives.

    `policies` are the addresses of policies that are known to say no more than the provisions themselves.
    """

    resolve: Resolve = as_it_is
    zone: tzinfo = UTC
    policies: frozenset[str] = field(default_factory=frozenset)


def to_reference(kind: str, model_id: str) -> dict[str, Any]:
    """A literal reference where the id is one that FHIR allows, else a logical one."""
    if _FHIR_ID.fullmatch(model_id):
        return {"reference": f"{kind}/{model_id}"}
    return named(kind, f"{codes.OURS}{kind}", model_id)


def named(kind: str, system: str, value: str) -> dict[str, Any]:
    """A logical reference."""
    return {"type": kind, "identifier": {"system": system, "value": value}}


@dataclass(frozen=True)
class Target:
    """What a reference points to: the type, and either an id or an identifier of our own."""

    kind: str
    id: str = ""
    system: str = ""
    value: str = ""


def target_of(reference: Element | None) -> Target | None:
    """What is referred to; refuses what points into the resource, to another server, or nowhere."""
    if reference is None:
        return None
    reference.text("display")
    kind, literal, identifier = (
        reference.text("type"),
        reference.text("reference"),
        reference.child("identifier"),
    )
    if literal and identifier is None:
        match = _LITERAL.fullmatch(literal)
        if match is None or kind not in ("", match.group(1)):
            reference.refuse("reference-not-held", "Only `Type/id` can be followed here.", "reference")
            return None
        return Target(match.group(1), id=match.group(2))
    if identifier is not None and not literal:
        system, value = identifier.text("system"), identifier.text("value")
        if kind and value and system.startswith(codes.OURS):
            return Target(kind, system=system, value=value)
        identifier.refuse("identifier-not-held", "This identifier is not known here.")
        return None
    reference.refuse("reference-not-held", "One of `reference` and `identifier` is expected.")
    return None


def id_of(target: Target, context: Context) -> str | None:
    """The id that decisions know; None for one who is not known."""
    if target.system == f"{codes.OURS}{target.kind}":
        return target.value
    return context.resolve(target.kind, target.id) if target.id else None


def coding_of(coding: Element) -> tuple[str, str]:
    """(system, code)."""
    coding.text("display")
    return coding.text("system"), coding.text("code")


def concept_of(concept: Element) -> tuple[str, str]:
    """(system, code) of a CodeableConcept with one coding; several, or words alone, are refused."""
    codings = concept.children("coding")
    concept.text("text")
    if len(codings) != 1:
        concept.refuse("not-one-code", "Exactly one code is expected: words alone cannot be kept, and two may differ.")
        return "", ""
    return coding_of(codings[0])


def concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
