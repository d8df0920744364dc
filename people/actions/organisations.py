"""What an operator does at the console: organisations, and the codes for their staff."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from people import certify, rules
from people.models import Enrolment, Organisation


@transaction.atomic
def add_organisation(name: str, kind: str, zone: str, country: str = "") -> Organisation:
    """The organisation of this name, made with a new root if there is none."""
    existing = Organisation.objects.filter(name=name).first()
    if existing is not None:
        return existing
    made = certify.create_organisation(name, kind, zone, country)
    record(actor=None, verb="organisation.add", patient=None, object_kind="organisation", object_id=made.pk.hex)
    return made


@transaction.atomic
def issue_staff_code(organisation: Organisation, role: int, licence: str) -> str:
    """A one-time code that makes its bearer staff in this role; it is shown once and stored as a hash."""
    code = rules.new_code()
    Enrolment.objects.create(
        code_hash=rules.code_hash(code),
        organisation=organisation,
        kind=Enrolment.Kind.STAFF,
        role=role,
        licence=licence,
        expires_at=timezone.now() + rules.CODE_LIFETIME,
    )
    record(actor=None, verb="enrolment.issue", patient=None, actor_org=organisation.pk)
    return code
