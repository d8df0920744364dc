"""Calendars, sessions, who is on their lists, and the time that is taken."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from messaging.models import Thread
from people.fields import BytesField, EncryptedTextField
from people.models import Patient, User


class Calendar(models.Model):
    """One person's calendar; its row is the lock that every change of that person's time takes first.

    An empty `zone` means that the person has not said, and the default hours hold.
    """

    user = models.OneToOneField(User, on_delete=models.PROTECT, primary_key=True, related_name="calendar")
    zone = models.CharField(max_length=64, default="", blank=True)
    buffer = models.PositiveSmallIntegerField(default=0)
    notice = models.PositiveSmallIntegerField(default=60)
    """Both in minutes."""


class WorkingHours(models.Model):
    """Open hours on one weekday, Monday is 0, in minutes of the local day."""

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="hours")
    weekday = models.PositiveSmallIntegerField()
    start = models.PositiveSmallIntegerField()
    until = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(weekday__lte=6, until__lte=1440, start__lt=F("until")), name="hours_within_one_day"
            )
        ]


class HoursException(models.Model):
    """Away for once, or there for once; instants, with the zone in which they were said."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="exceptions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    open = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="an_exception_has_a_length")
        ]
        indexes = [models.Index(fields=["calendar", "ends_at"])]


class Session(models.Model):
    """A meeting about one patient; the id is made by the client that held it, and is the room's id too."""

    class Kind(models.TextChoices):
        CASE_CONFERENCE = "case_conference"
        JOINT = "joint"
        CHECK_IN = "check_in"

    class Status(models.TextChoices):
        HELD = "held"
        BOOKED = "booked"
        CANCELLED = "cancelled"

    id = models.UUIDField(primary_key=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="sessions")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    """The zone the time was agreed in."""
    early_minutes = models.PositiveSmallIntegerField(default=15)
    """How long before the start people may come into the lobby."""
    organiser = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.HELD)
    expires_at = models.DateTimeField(null=True, blank=True)
    reason = EncryptedTextField(default="", blank=True)
    agenda = BytesField(max_length=71_000, default=b"", blank=True)
    """A sealed CT1 message, exactly as it came."""
    sequence = models.PositiveIntegerField(default=0)
    """RFC 5545 SEQUENCE: a calendar takes a higher one for news and a lower one for old."""
    asked = BytesField(max_length=32)
    """The hash of the hold as it was asked for: the same id with another content is another hold."""
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="a_session_has_a_length"),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(expires_at__isnull=False), name="a_hold_ends_by_itself"
            ),
        ]
        indexes = [models.Index(fields=["patient", "ends_at"])]

    @property
    def announced(self) -> bool:
        """Whether the people on the list have been told: it was booked at some time."""
        return self.sequence > 0

    def lapsed(self, now: datetime) -> bool:
        return self.status == self.Status.HELD and self.expires_at is not None and self.expires_at <= now

    def ahead(self, now: datetime) -> bool:
        """Whether the session still takes or holds time."""
        return self.status != self.Status.CANCELLED and not self.lapsed(now) and now < self.ends_at


class Participant(models.Model):
    """Somebody on a session's list, which is the consent list: see wire.scheduling.AttendanceState."""

    class State(models.TextChoices):
        EXPECTED = "expected"
        NEEDS_CONSENT = "needs_consent"
        TIME_TAKEN = "time_taken"
        DECLINED = "declined"
        WITHDRAWN = "withdrawn"

    ON_THE_LIST = (State.EXPECTED, State.TIME_TAKEN, State.DECLINED)
    """They know of the session."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="participants")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="attendances")
    required = models.BooleanField(default=True)
    state = models.CharField(max_length=14, choices=State.choices, default=State.EXPECTED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "user"], name="once_on_a_list")]
        indexes = [models.Index(fields=["user", "state"])]


class Claim(models.Model):
    """Time that is taken on one person's calendar, until `until` (a hold) or for good; freed by deletion.

    No two claims of a person overlap: on PostgreSQL by an exclusion constraint, on SQLite because every transaction
    that writes is immediate, so that looking and taking are one step.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="claims")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="claims")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "user"], name="one_claim_per_session"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="a_claim_has_a_length"),
        ]
        indexes = [models.Index(fields=["user", "ends_at"])]


class Feed(models.Model):
    """A person's secret calendar address, of which the hash alone is kept."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="feed")
    token_hash = BytesField(max_length=32, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
