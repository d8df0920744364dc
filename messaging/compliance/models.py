"""Which exports left the server, and who opened one and said why."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from people.fields import BytesField, EncryptedTextField
from people.models import User


class RecordsExport(models.Model):
    """An export as it was written: `digest` is of its file, so that an opening is of this one and of no other."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    thread = models.ForeignKey("messaging.Thread", on_delete=models.PROTECT, related_name="exports")
    digest = BytesField(max_length=32)
    log_seq = models.PositiveBigIntegerField()
    messages = models.PositiveBigIntegerField()
    reason = EncryptedTextField()
    made_at = models.DateTimeField(default=timezone.now)


class RecordsOpening(models.Model):
    """The signed record of an opening, kept as it came."""

    export = models.ForeignKey(RecordsExport, on_delete=models.PROTECT, related_name="openings")
    officer = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    body = BytesField(max_length=4096)
    sig = BytesField(max_length=64)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sig"], name="an_opening_is_kept_once")]
