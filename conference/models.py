"""The rows of a call: the room, each person's admission to it, and who was connected when."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q

from conference.rules import State, lobby_opens
from messaging.models import Thread
from people.fields import BytesField, EncryptedTextField
from people.models import Patient


class Room(models.Model):
    """The room of one session; its id is the session's, and CT1's conf_id.

    `seq` rises with every change, and `epoch` with every change of `circle`, the digest of those who may hold the
    call's key.
    """

    class Phase(models.TextChoices):
        LOBBY = "lobby"
        OPEN = "open"
        CLOSED = "closed"

    id = models.UUIDField(primary_key=True)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="rooms")
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="rooms")
    host = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=8, choices=Phase.choices, default=Phase.LOBBY)
    patient_waits = models.BooleanField(default=False)
    """A case conference: the clinicians meet before the patient is let in from hold."""
    locked = models.BooleanField(default=False)
    seq = models.PositiveBigIntegerField(default=0)
    epoch = models.PositiveBigIntegerField(default=0)
    circle = BytesField(max_length=32, default=b"", blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    early_minutes = models.PositiveSmallIntegerField(default=15)
    """How long before the start one may knock."""
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)

    @property
    def opens_at(self) -> datetime:
        """When the lobby opens."""
        return lobby_opens(self.starts_at, self.early_minutes, settings.LOBBY_OPENS_AT_LEAST)


class Admission(models.Model):
    """One person's way into one room: the state of conference.rules, since when, and on which directives it rests.

    `knocked_from` is the device that a ticket is made for, `knocked_at` when it last knocked or said where it was.
    `device`, `join` (the signed conf-join) and `call` (the forwarder's number) are there while media is connected
    or on hold.
    """

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="admissions")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    purpose = EncryptedTextField(default="", blank=True)
    state = models.CharField(max_length=16, choices=[(s.value, s.value) for s in State], default=State.INVITED)
    reason = models.CharField(max_length=24, default="", blank=True)
    since = models.DateTimeField()
    basis = models.JSONField(default=list)
    """Ids of the directives, base64url."""
    knocked_from = BytesField(max_length=16, default=b"", blank=True)
    knocked_at = models.DateTimeField(null=True, blank=True)
    device = BytesField(max_length=16, default=b"", blank=True)
    join = BytesField(max_length=4096, default=b"", blank=True)
    call = models.PositiveBigIntegerField(default=0)
    sending = models.JSONField(default=dict)
    publishing = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], name="one_admission_per_person"),
            models.CheckConstraint(
                condition=~Q(state=State.CONNECTED) | ~Q(device=b""), name="the_connected_have_a_device"
            ),
        ]

    def enter(self, state: State, now: datetime, reason: str = "") -> None:
        """Set the state; `since` moves only when the state does."""
        if state != self.state:
            self.since = now
        self.state, self.reason = state, reason

    def disconnect(self) -> None:
        """Forget the device and what it sent."""
        self.device, self.join, self.call = b"", b"", 0
        self.sending, self.publishing = {}, []


class Attendance(models.Model):
    """From when to when a person was connected, and how it ended: the after-call receipt."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="attendances")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    device = BytesField(max_length=16)
    joined_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=24, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["room", "user"], condition=Q(left_at=None), name="in_a_room_once")
        ]


class Carried(models.Model):
    """A command that was carried out: the same id again is answered and not carried out again. Kept for ten minutes."""

    room = models.ForeignKey(Room, on_delete=models.CASCADE, related_name="carried")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    command = BytesField(max_length=16)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["room", "user", "command"], name="a_command_once")]
