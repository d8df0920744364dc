"""The only way to an export: for the privacy officers of the patient's organisation. NotFound for everybody else."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from consent.emergencies.access import offices_of
from messaging.compliance.models import RecordsExport
from people.models import User
from wire.errors import NotFound


def require_office(user: User) -> None:
    """NotFound for whoever is no organisation's privacy officer."""
    if not user.is_active or not offices_of(user, timezone.now()):
        raise NotFound


def access_export(user: User, export_id: UUID) -> RecordsExport:
    """An export about a patient of the organisation whose privacy officer this is, and not their own record."""
    rows = RecordsExport.objects.select_related("thread__patient__organisation")
    row = rows.filter(pk=export_id, thread__patient__organisation__in=offices_of(user, timezone.now())).first()
    if row is None or row.thread.patient.account_id == user.pk:
        raise NotFound
    return row
