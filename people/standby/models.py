"""Who is on duty, when a person is left in peace, and what they are still to be told."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone


class OnCallRole(models.Model):
    """A duty of an organisation that one person holds at a time, such as "Crisis line, weekends"."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    organisation = models.ForeignKey("people.Organisation", on_delete=models.PROTECT, related_name="on_call_roles")
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "name"], name="one_role_per_name")]


class OnCallTurn(models.Model):
    """One person's time in a role, from taking it to handing it over; the rows are the role's history."""

    role = models.ForeignKey(OnCallRole, on_delete=models.PROTECT, related_name="turns")
    user = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    given_by = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role"], condition=Q(until=None), name="one_holder_at_a_time"),
        ]


class QuietHours(models.Model):
    """When a person wants no routine notice: minutes of their day, from `start` to `end`, over midnight if later."""

    user = models.OneToOneField("people.User", on_delete=models.CASCADE, related_name="quiet_hours")
    zone = models.CharField(max_length=64)
    start = models.PositiveSmallIntegerField()
    end = models.PositiveSmallIntegerField()


class Notice(models.Model):
    """What one person is to be told, not before `due_at`; sent by whoever claims it first."""

    user = models.ForeignKey("people.User", on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=16)
    due_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], condition=Q(sent_at=None), name="notices_to_send")]
