"""Threads as the server holds them: signed entries and sealed bytes, in an order, and projections to query them by.

`Member` and the columns of `Thread` below `created_at` are read off the log whenever it grows; the log is the truth.
"""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Substr
from django.db.models.lookups import Exact
from django.utils import timezone

from crypto.tables import ContentType
from messaging.attachments.models import Attachment
from messaging.compliance.models import RecordsExport, RecordsOpening
from messaging.urgency.models import Ack, Step, Urgency
from people.fields import BytesField, EncryptedTextField
from people.models import Patient, User

__all__ = [
    "Ack",
    "Attachment",
    "Invitation",
    "LogEntry",
    "Mark",
    "Member",
    "Message",
    "RecordsExport",
    "RecordsOpening",
    "Seal",
    "Step",
    "Thread",
    "Urgency",
]


class Thread(models.Model):
    """A conversation about one patient; the primary key is the CT1 thread id as base64url."""

    id = models.CharField(primary_key=True, max_length=43)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="threads")
    labels = models.JSONField(default=list)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    log_seq = models.PositiveBigIntegerField(default=0)
    log_head = BytesField(max_length=32)
    fence = models.PositiveBigIntegerField(default=0)
    """The seq of the newest entry that changed who may read; a post must have seen it."""
    epoch = models.PositiveBigIntegerField(default=0)
    closed = models.BooleanField(default=False)
    epoch_head = models.PositiveBigIntegerField(default=0)
    """The last message before the epoch in use began: what follows is counted against the genesis' limit."""
    head = models.PositiveBigIntegerField(default=0)
    """The seq of the last message; it goes up by one in the transaction that inserts, under this row's lock."""
    last_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.id


class LogEntry(models.Model):
    """One signed entry, exactly as it came; `object_id` is the directive or revocation that it carries."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="entries")
    seq = models.PositiveBigIntegerField()
    type = models.PositiveSmallIntegerField()
    author = models.UUIDField()
    body = BytesField(max_length=65_536)
    sig = BytesField(max_length=64)
    hash = BytesField(max_length=32)
    object_id = models.UUIDField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "seq"], name="one_log_entry_per_seq")]


class Member(models.Model):
    """A member by the log, present or past. `floor` is the first epoch whose messages they may be given.

    `entered` and `left` are log seqs. Being here is not a right to read: consent is asked beside it.
    """

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="members")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.PositiveSmallIntegerField()
    fp = BytesField(max_length=32)
    floor = models.PositiveBigIntegerField(default=0)
    entered = models.PositiveBigIntegerField()
    left = models.PositiveBigIntegerField(null=True, blank=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="once_in_a_thread")]


class Seal(models.Model):
    """An epoch's key sealed to one recipient, who opens whichever matches the commitment in the log.

    A later seal is kept beside an earlier one, never in its place: a member could put rubbish over a good seal.
    """

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="seals")
    epoch = models.PositiveBigIntegerField()
    user = models.UUIDField()
    sealed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    blob = BytesField(max_length=512)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["thread", "epoch", "user", "sealed_by"], name="one_seal_per_sealer")
        ]
        indexes = [models.Index(fields=["thread", "user"])]


ASIDES = (ContentType.EDIT, ContentType.REDACT, ContentType.CARD, ContentType.SUBJECT, ContentType.PIN)
"""What says something about other messages, or is asked for of a whole thread: few, and fetched by themselves."""

CTYPE_AT = 2 + 187
"""Where the content type stands in a Wire, counted from one: the last byte of a header of 187 after its length."""


def _aside() -> Case:
    """The content type of a message that is an aside, read by the database from what was signed."""
    ctype = Substr("wire", CTYPE_AT, 1, output_field=models.BinaryField())
    known = [
        When(Exact(ctype, Value(bytes((one,)), models.BinaryField())), then=Value(int(one))) for one in sorted(ASIDES)
    ]
    return Case(*known, default=None, output_field=models.PositiveSmallIntegerField())


class Message(models.Model):
    """A sealed message in its place. `seq` has no gaps; a msg_id is used once, for ever, by person and by device."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="messages")
    seq = models.PositiveBigIntegerField()
    sender = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    device = models.UUIDField()
    msg_id = models.UUIDField()
    epoch = models.PositiveBigIntegerField()
    ctr = models.PositiveBigIntegerField()
    wire = BytesField(max_length=71_000)
    created_at = models.DateTimeField(default=timezone.now)
    aside = models.GeneratedField(
        expression=_aside(), output_field=models.PositiveSmallIntegerField(null=True), db_persist=True
    )

    class Meta:
        # Only asides are in it: a message of the usual kind costs no more than before.
        indexes = [models.Index(fields=["thread", "seq"], condition=Q(aside__isnull=False), name="asides_of_a_thread")]
        constraints = [
            models.UniqueConstraint(fields=["thread", "seq"], name="one_message_per_seq"),
            models.UniqueConstraint(fields=["sender", "msg_id"], name="one_message_per_sender_id"),
            models.UniqueConstraint(fields=["device", "msg_id"], name="one_message_per_device_id"),
            models.UniqueConstraint(fields=["thread", "device", "ctr"], name="one_message_per_counter"),
        ]


class Invitation(models.Model):
    """Somebody is asked into a thread; it is no log entry and no right, until the patient's directive covers them."""

    class State(models.TextChoices):
        ASKED = "asked"
        AGREED = "agreed"
        JOINED = "joined"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    OPEN = (State.ASKED, State.AGREED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="invitations")
    inviter = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    invitee = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    fp = BytesField(max_length=32)
    role = models.PositiveSmallIntegerField()
    actions = models.PositiveBigIntegerField()
    history = models.PositiveSmallIntegerField()
    history_from = models.PositiveBigIntegerField(default=0)
    reason = EncryptedTextField(default="", blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    created_at = models.DateTimeField(default=timezone.now)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["thread", "invitee"],
                condition=Q(state__in=["asked", "agreed"]),
                name="one_open_invitation_per_person",
            )
        ]
        indexes = [models.Index(fields=["invitee", "state"]), models.Index(fields=["inviter", "created_at"])]


class Mark(models.Model):
    """How far a member has got. It merges by maximum and union, so that any replay is harmless."""

    thread = models.ForeignKey(Thread, on_delete=models.PROTECT, related_name="marks")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    delivered = models.PositiveBigIntegerField(default=0)
    read = models.PositiveBigIntegerField(default=0)
    failed = models.JSONField(default=dict)
    """seq as text → the CT1 code of why it could not be opened."""
    healed = models.JSONField(default=list)
    moves = models.JSONField(default=list)
    """The newest times at which `read` moved, as [read, ms], oldest first: one a move, and not one a message."""
    window_at = models.DateTimeField(null=True, blank=True)
    """When the last row about this person's reading went into the ledger."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["thread", "user"], name="one_mark_per_member")]
