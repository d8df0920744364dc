"""Emergencies that clinicians declared, and what came of them."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from people.fields import EncryptedTextField
from people.models import Organisation, Patient, User


class EmergencyAccess(models.Model):
    """One declaration: who opened what of whom, why, until when; a row that a review closes and nothing removes."""

    class Outcome(models.TextChoices):
        JUSTIFIED = "justified"
        NOT_JUSTIFIED = "not_justified"
        ESCALATED = "escalated"

    id = models.UUIDField(primary_key=True, editable=False, default=uuid.uuid4)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="emergencies")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="emergencies")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    """Where the person declared it from."""
    categories = models.JSONField()
    """A sorted list within consent.model.EMERGENCY_CATEGORIES."""
    reason_code = models.CharField(max_length=24)
    reason = EncryptedTextField()
    declared_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    """Of one that waits for its co-signer: its own beginning, so that it stands at no time."""
    cosigner = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    cosigned_at = models.DateTimeField(null=True)
    cosignatures = models.JSONField(default=list)
    """The co-signer's signatures for the logs: thread, body, fp and sig of each, as base64url."""
    ended_at = models.DateTimeField(null=True)
    review_due_at = models.DateTimeField()
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=16, choices=Outcome.choices, default="", blank=True)
    review_note = EncryptedTextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["patient", "declared_at"], name="emergencies_of_a_patient")]

    def stands(self, now: datetime) -> bool:
        return self.ended_at is None and self.declared_at <= now < self.expires_at
