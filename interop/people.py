"""How FHIR refers to the people whom a record or the ledger names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from consent.reading import NOBODY, Person
from interop.references import to_reference
from people.models import Patient


def person_reference(patient: Patient, user: UUID, people: Mapping[UUID, Person]) -> dict[str, Any]:
    """The patient, a clinician, or (who holds no post anywhere) somebody who acts for the patient; with the name."""
    person = people.get(user, NOBODY)
    named = {"display": person.name} if person.name else {}
    if user == patient.account_id:
        return {**to_reference("Patient", patient.pk.hex), **named}
    kind = "Practitioner" if person.role or person is NOBODY else "RelatedPerson"
    return {**to_reference(kind, user.hex), **named}
