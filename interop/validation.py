"""The FHIR library's word on the shape of a resource: R4B models, whose resources used here are those of R4."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from typing import Any

from pydantic import BaseModel, ValidationError

from interop.elements import Refusal, spelled

RESOURCES = (
    "AuditEvent",
    "Bundle",
    "CapabilityStatement",
    "Consent",
    "OperationOutcome",
    "Parameters",
    "Provenance",
)


@cache
def _model(kind: str) -> type[BaseModel]:
    """The library is loaded when it is first needed: it takes a good part of a second."""
    model: type[BaseModel] = getattr(import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    return model


def structural_refusals(resource: Mapping[str, Any]) -> list[Refusal]:
    """What the library finds wrong with a resource's shape, with paths; empty when it is valid."""
    kind = resource.get("resourceType")
    if kind not in RESOURCES:
        return [Refusal("resourceType", "resource-not-held", "This kind of resource is not read here.")]
    try:
        _model(str(kind)).model_validate(dict(resource))
    except ValidationError as error:
        return [
            Refusal(spelled((str(kind), *one["loc"])), "structure", "This does not have the shape that FHIR asks for.")
            for one in error.errors(include_url=False, include_input=False)
        ]
    return []


class NotValid(Exception):
    """A resource that was made here is not valid FHIR."""


def checked(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource; raises NotValid, with paths and no values, where the library refuses it."""
    wrong = structural_refusals(resource)
    if wrong:
        raise NotValid(", ".join(one.path for one in wrong))
    return resource
