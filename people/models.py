"""Who there is: accounts, organisations, patients, care teams, and people's public and wrapped keys."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils import timezone

from people.fields import BytesField, EncryptedTextField
from people.standby.models import Notice, OnCallRole, OnCallTurn, QuietHours

__all__ = [
    "Affiliation",
    "CareTeamMember",
    "Certificate",
    "Device",
    "Enrolment",
    "ExternalIdentity",
    "KeyBundle",
    "Keyring",
    "Notice",
    "OnCallRole",
    "OnCallTurn",
    "Organisation",
    "Patient",
    "Pins",
    "QuietHours",
    "ResetCode",
    "Slot",
    "User",
    "UserManager",
]


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the password it is given is the derived `auth`, never what a person typed."""

    def create_user(self, email: str, password: str | None = None, name: str = "") -> User:
        user = self.model(email=self.normalize_email(email).lower(), name=name)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser, PermissionsMixin):
    """An account; its id, as 16 bytes, is the CT1 user id."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(unique=True)
    name = EncryptedTextField(default="", blank=True)
    is_active = models.BooleanField(default=True)
    answers_within = models.CharField(max_length=8, default="", blank=True)
    """What they told everybody of when they usually answer (wire.urgency.AnswerTime); "": nothing."""
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    def __str__(self) -> str:
        return str(self.id)


class Organisation(models.Model):
    """An organisation whose root key certifies its people; `fp` is what threads pin in genesis.

    In demonstration mode the root's seed lies here, encrypted: docs/threat-model.md says what that costs.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    kind = models.CharField(max_length=40)
    zone = models.CharField(max_length=64, default="UTC")
    country = models.CharField(max_length=2, default="", blank=True)
    """ISO 3166-1, for the crisis lines that its patients are shown; empty: those that hold anywhere."""
    root_pk = BytesField(max_length=32)
    fp = BytesField(max_length=32, unique=True)
    demonstration_seed = EncryptedTextField(default="", blank=True)
    compliance_body = BytesField(max_length=512, default=b"", blank=True)
    compliance_sig = BytesField(max_length=64, default=b"", blank=True)
    """The root's statement about the compliance key that new threads of its patients name; empty: they name none."""
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name


class Affiliation(models.Model):
    """A person's post at an organisation: the role (CT1 role number) and the licence it rests on."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="affiliations")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="affiliations")
    role = models.PositiveSmallIntegerField()
    licence = models.CharField(max_length=80, default="", blank=True)
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "organisation"],
                condition=Q(until=None),
                name="one_post_per_organisation",
            )
        ]

    def stands(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


class Patient(models.Model):
    """A person in care; the id, as 16 bytes, is the CT1 `patient_ref`, random and meaningless elsewhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.OneToOneField(User, on_delete=models.PROTECT, null=True, blank=True, related_name="patient")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="patients")
    name = EncryptedTextField()
    birth_date = EncryptedTextField(default="", blank=True)
    """ISO 8601 date, or empty."""
    zone = models.CharField(max_length=64, default="UTC")
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)


class CareTeamMember(models.Model):
    """A clinician treats or serves a patient: the relationship, without which consent alone opens nothing."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="care_team")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="care_teams")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    role = models.PositiveSmallIntegerField()
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["patient", "user"], condition=Q(until=None), name="once_in_a_care_team")
        ]

    def stands(self, now: datetime) -> bool:
        return self.since <= now and (self.until is None or now < self.until)


class KeyBundle(models.Model):
    """One generation of a person's public keys: the UKR as signed and its parts (docs/protocol.md)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="key_bundles")
    gen = models.PositiveIntegerField()
    core = BytesField(max_length=512)
    ukr = BytesField(max_length=1024)
    pop = BytesField(max_length=64)
    sig = BytesField(max_length=64, default=b"", blank=True)
    fp = BytesField(max_length=32, unique=True)
    sign_pk = BytesField(max_length=32)
    box_pk = BytesField(max_length=32)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "gen"], name="one_bundle_per_generation")]


class Keyring(models.Model):
    """A person's private keys as only that person can open them; the version goes up, never down."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="keyring")
    version = models.PositiveBigIntegerField()
    blob = BytesField(max_length=16_384)
    changed_at = models.DateTimeField(auto_now=True)


class Pins(models.Model):
    """What a person's devices have seen of logs and keys, as only that person can open it; the version goes up."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="pins")
    version = models.PositiveBigIntegerField()
    blob = BytesField(max_length=1_048_576)
    changed_at = models.DateTimeField(auto_now=True)


class Slot(models.Model):
    """One way to the user master key: password (1), passkey (2), recovery code (3); the server can open none."""

    class Kind(models.IntegerChoices):
        PASSWORD = 1
        PASSKEY = 2
        RECOVERY = 3

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="slots")
    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    slot_id = BytesField(max_length=16)
    salt = BytesField(max_length=16)
    t = models.PositiveIntegerField()
    m = models.PositiveBigIntegerField()
    """Argon2id passes and bytes of memory."""
    blob = BytesField(max_length=512)
    recovery_auth_hash = BytesField(max_length=32, default=b"", blank=True)
    """Kind 3 alone: the hash of the secret that a recovery code proves itself with."""
    passkey = models.OneToOneField(
        "mfa.Authenticator", on_delete=models.CASCADE, null=True, blank=True, related_name="slot"
    )
    """Kind 2 alone: the passkey whose secret opens it, and with which it goes."""
    credential = BytesField(max_length=1023, default=b"", blank=True)
    """Kind 2 alone: the credential id that the key of the slot is bound to."""
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "slot_id"], name="one_slot_per_id"),
            models.UniqueConstraint(fields=["user"], condition=Q(kind=1), name="one_password_slot"),
            models.UniqueConstraint(fields=["user"], condition=Q(kind=3), name="one_recovery_slot"),
            models.CheckConstraint(
                condition=Q(kind=2, passkey__isnull=False) | (~Q(kind=2) & Q(passkey=None)),
                name="a_passkey_slot_names_its_passkey",
            ),
        ]


class Certificate(models.Model):
    """An organisation's signed word that this key is this person's, in this kind and these roles."""

    cert_id = BytesField(max_length=16, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="certificates")
    subject = models.ForeignKey(User, on_delete=models.PROTECT, related_name="certificates")
    fp = BytesField(max_length=32)
    kind = models.PositiveSmallIntegerField()
    role_mask = models.PositiveIntegerField()
    body = BytesField(max_length=1024)
    sig = BytesField(max_length=64)
    nbf = models.PositiveBigIntegerField()
    exp = models.PositiveBigIntegerField()
    """Both in milliseconds since the epoch, exactly as signed."""

    class Meta:
        indexes = [models.Index(fields=["fp"])]


class Device(models.Model):
    """A browser or program a person signed in from; the id is made by it and never shared between people."""

    id = models.UUIDField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="devices")
    label = EncryptedTextField(default="", blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_seen = models.DateTimeField(default=timezone.now)
    session_key = models.CharField(max_length=40, default="", blank=True, db_index=True)
    """The session that opened keys on it last; empty once that was ended from elsewhere."""
    remembered = models.BooleanField(default=False)
    """Whether it keeps the master key for some hours, as it says itself."""


class ExternalIdentity(models.Model):
    """A person of an organisation's identity provider, by its stable subject, who may sign in to this account."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="external_identities")
    issuer = models.CharField(max_length=500)
    subject = models.CharField(max_length=255)
    since = models.DateTimeField(default=timezone.now)
    last_used = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_account_a_subject"),
            models.UniqueConstraint(fields=["user", "issuer"], name="one_subject_an_account_and_issuer"),
        ]


class PushSubscription(models.Model):
    """Where one device is told that there is something new; its push service is given one opaque word."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_subscriptions")
    device = models.OneToOneField(Device, on_delete=models.CASCADE, related_name="push_subscription")
    endpoint = models.CharField(max_length=1000, unique=True)
    p256dh = BytesField(max_length=65)
    auth = BytesField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)


class Enrolment(models.Model):
    """A one-time code that makes its bearer staff, or the account of a patient or of one who acts for a patient."""

    class Kind(models.TextChoices):
        STAFF = "staff"
        PATIENT = "patient"
        REPRESENTATIVE = "representative"

    code_hash = BytesField(max_length=32, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="enrolments")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    role = models.PositiveSmallIntegerField()
    licence = models.CharField(max_length=80, default="", blank=True)
    patient = models.ForeignKey(Patient, on_delete=models.CASCADE, null=True, blank=True, related_name="enrolments")
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    used_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="staff", patient=None)
                | Q(kind__in=["patient", "representative"], patient__isnull=False),
                name="a_code_for_a_patient_names_one",
            )
        ]


class ResetCode(models.Model):
    """A one-time code with which a person who has lost every way to the keys begins anew, as the organisation found."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="reset_code")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    code_hash = BytesField(max_length=32, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
