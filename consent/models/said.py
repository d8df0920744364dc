"""What patients, or those who act or witness for them, have signed: byte for byte, and the columns searched."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from people.fields import BytesField, EncryptedTextField
from people.models import Patient, User


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
    method = models.CharField(max_length=8, default="app")
    """`app`, or how witnesses received it: `paper` or `verbal`."""
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    """Whose request put it in force: the patient, who acts for the patient, or the last witness."""
    expiry_told_at = models.DateTimeField(null=True)
    """When the patient was told that it ends soon."""
    review_told_at = models.DateTimeField(null=True)
    """When the patient was last asked whether it is still right."""

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


class Witnessing(models.Model):
    """A patient's word on paper or by mouth, written down and waiting for its second witness.

    Of kind authority: the witnesses' hand-over of the patient's threads to the patient's own key.
    """

    class Kind(models.TextChoices):
        DIRECTIVE = "directive"
        REVOCATION = "revoke"
        AUTHORITY = "authority"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="witnessings")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    body = BytesField()
    signers = models.JSONField()
    """As Directive.signers, one more with each witness."""
    statement = EncryptedTextField(default="", blank=True)
    method = models.CharField(max_length=8)
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    """When it came into force, was withdrawn or ran out."""

    class Meta:
        indexes = [models.Index(fields=["patient", "closed_at"], name="witnessings_of_a_patient")]
