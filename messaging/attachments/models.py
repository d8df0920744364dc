"""What the server knows of a sealed file: who brings it, how long it is, what became of it; no name and no type."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from people.fields import BytesField
from people.models import User


class Attachment(models.Model):
    """A sealed file. `att_id` is the msg_id of the message that carries it, `blob` the name of its bytes on disk.

    The row outlives the bytes: who took a file back, and when, stays known.
    """

    class State(models.TextChoices):
        OPEN = "open"
        WHOLE = "whole"
        GONE = "gone"

    thread = models.ForeignKey("messaging.Thread", on_delete=models.PROTECT, related_name="attachments")
    att_id = models.UUIDField()
    uploader = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    size = models.PositiveBigIntegerField()
    """Of the sealed bytes, as declared before the first of them came."""
    blob = models.UUIDField(default=uuid.uuid4, unique=True)
    state = models.CharField(max_length=5, choices=State.choices, default=State.OPEN)
    hash = BytesField(max_length=32, default=b"")
    begun_at = models.DateTimeField(default=timezone.now)
    whole_at = models.DateTimeField(null=True, blank=True)
    gone_at = models.DateTimeField(null=True, blank=True)
    gone_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    """Nobody, where an upload was given up and swept."""
    retraction = models.UUIDField(null=True, blank=True)
    """The msg_id of the signed message that took it back."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "att_id"], name="one_attachment_per_message")]
        indexes = [models.Index(fields=["uploader", "state"]), models.Index(fields=["state", "begun_at"])]
