"""By whose word people may be in a call, for the roster."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from uuid import UUID

from consent.models import Directive
from people.models import Patient
from wire.base import unb64
from wire.conference import Permission


def permissions_named(patient: Patient, bases: Iterable[str]) -> Mapping[str, Permission]:
    """What the roster says of each directive, by its id in base64url; directives of others are left out."""
    ids = {UUID(bytes=unb64(text)): text for text in bases}
    giver = patient.account.name if patient.account else ""
    given = Directive.objects.filter(pk__in=ids, patient=patient).values_list("pk", "given_at")
    return {
        ids[pk]: Permission(directive=pk.bytes, granted_by=giver, since=int(at.timestamp() * 1000)) for pk, at in given
    }
