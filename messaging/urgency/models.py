"""What a sender signed about a message, who was told when, and who acknowledged."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.fields import BytesField
from people.models import User


class Urgency(models.Model):
    """A message's urgency as signed. `position` counts the addressees whose turn has come; `due_at` is the next one's.

    Whoever raises `position` by a conditional update takes the step, in the transaction that writes it: a step is
    taken once, by however many processes and however they die.
    """

    class State(models.TextChoices):
        NOTED = "noted"
        WAITING = "waiting"
        ACKNOWLEDGED = "acknowledged"
        UNANSWERED = "unanswered"

    message = models.OneToOneField("messaging.Message", on_delete=models.PROTECT, related_name="urgency")
    priority = models.PositiveSmallIntegerField()
    body = BytesField(max_length=512)
    sig = BytesField(max_length=64)
    span_ms = models.PositiveBigIntegerField(default=0)
    """How long each in line has, in milliseconds."""
    state = models.CharField(max_length=12, choices=State.choices)
    position = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    raised_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["due_at", "id"], condition=Q(state="waiting"), name="urgencies_that_wait")]


class Step(models.Model):
    """One addressee's turn: told, or passed over and why."""

    urgency = models.ForeignKey(Urgency, on_delete=models.PROTECT, related_name="steps")
    position = models.PositiveSmallIntegerField()
    kind = models.PositiveSmallIntegerField()
    target = models.UUIDField()
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=16)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["urgency", "position"], name="each_step_once")]


class Ack(models.Model):
    """One person's acknowledgement of one message; together they are a set, so that any replay is harmless."""

    message = models.ForeignKey("messaging.Message", on_delete=models.PROTECT, related_name="acks")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    body = BytesField(max_length=256)
    sig = BytesField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user"], name="one_ack_per_person")]
