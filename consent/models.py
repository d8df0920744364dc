"""What patients have signed, byte for byte, and the columns that are searched."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from people.fields import BytesField, EncryptedTextField
from people.models import Patient


class Directive(models.Model):
    """A signed permit or deny; the bytes are what counts, `ended_at` when it was revoked or superseded."""

    id = models.UUIDField(primary_key=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="directives")
    body = BytesField()
    signers = models.JSONField()
    """A list of {fp, sig} as base64url, in the order in which they came."""
    statement = EncryptedTextField()
    """The exact words that the patient saw; `text_hash` in the body is their hash."""
    given_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)
    superseded = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["patient", "given_at"], name="directives_of_a_patient")]

    def __str__(self) -> str:
        return str(self.id)


class Revocation(models.Model):
    """A signed withdrawal."""

    id = models.UUIDField(primary_key=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="revocations")
    body = BytesField()
    signers = models.JSONField()
    given_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)


class ConsentEpoch(models.Model):
    """Raised in the transaction of every change: the key of every cache, and the word that a change happened."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, primary_key=True, related_name="consent_epoch")
    number = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return f"epoch {self.number}"
