"""Who may act for a patient, who may not, what the patient is able to decide, and an organisation's own rules."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.fields import EncryptedTextField
from people.models import Organisation, Patient, User


class Authority(models.Model):
    """A person's legal standing to act for a patient; ended, never deleted, since it explains past decisions."""

    class Type(models.TextChoices):
        PARENT = "parent"
        GUARDIAN = "guardian"
        ATTORNEY = "attorney"
        DEPUTY = "deputy"
        ADVOCATE = "advocate"

    class Activation(models.TextChoices):
        BY_TYPE = "by_type"
        ALWAYS = "always"
        INCAPACITY = "incapacity"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="authorities")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="authorities")
    type = models.CharField(max_length=10, choices=Type.choices)
    scope = models.JSONField()
    """The actions of consent.model that the person may do for the patient, as a sorted list."""
    activation = models.CharField(max_length=10, choices=Activation.choices, default=Activation.BY_TYPE)
    evidence = EncryptedTextField()
    """Which document was seen, in the officer's words."""
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "person"], condition=Q(ended_at=None), name="one_authority_a_person"
            )
        ]


class SafeguardingBlock(models.Model):
    """A person who is kept from acting for a patient, whatever authority they hold. Never shown to that person."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="safeguarding_blocks")
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    placed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)


class CapacityAssertion(models.Model):
    """A clinician's finding, of one kind and at one time; the newest of a kind counts, none means able.

    `capacity` is the ability to decide about sharing; `competence` is a minor's own, where it was assessed.
    """

    class Kind(models.TextChoices):
        CAPACITY = "capacity"
        COMPETENCE = "competence"

    class Finding(models.TextChoices):
        HAS = "has"
        LACKS = "lacks"
        UNKNOWN = "unknown"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="capacity_assertions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    finding = models.CharField(max_length=7, choices=Finding.choices)
    method = models.CharField(max_length=80)
    note = EncryptedTextField(default="", blank=True)
    assessor = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    assessed_at = models.DateTimeField(default=timezone.now)
    review_on = models.DateField(null=True, blank=True)


class EmergencyRefusal(models.Model):
    """A patient's own word, given while able to decide, that no emergency may open the record."""

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, primary_key=True, related_name="refusal")
    since = models.DateTimeField(default=timezone.now)


class Duty(models.Model):
    """What an organisation has entrusted to one of its staff beside the post."""

    class Kind(models.TextChoices):
        PRIVACY_OFFICER = "privacy_officer"
        EMERGENCY = "emergency"
        WITNESS = "witness"

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="duties")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="duties")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation", "kind"], condition=Q(until=None), name="a_duty_is_held_once"
            )
        ]

    def stands(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


class Profile(models.Model):
    """An organisation's consent rules for its own patients; starts as a copy of one of consent.profiles.

    `default` speaks where no directive does; days and hours are bounds that no directive or emergency exceeds.
    """

    organisation = models.OneToOneField(
        Organisation, on_delete=models.PROTECT, primary_key=True, related_name="consent_profile"
    )
    template = models.CharField(max_length=24)
    default = models.CharField(max_length=24)
    longest_days = models.PositiveSmallIntegerField()
    review_days = models.PositiveSmallIntegerField()
    emergency_hours = models.PositiveSmallIntegerField()
    """0 where the organisation allows no emergency access."""
    emergency_history_days = models.PositiveSmallIntegerField()
    majority_age = models.PositiveSmallIntegerField()
    """At which parents' authority ends."""
    own_consent_age = models.PositiveSmallIntegerField()
    """From which a young person is presumed able to decide."""
    contentless_notices = models.BooleanField()
    """Shared telephones: a notice names neither sender nor thread."""
    changed_at = models.DateTimeField(auto_now=True)
