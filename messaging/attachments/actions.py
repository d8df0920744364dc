"""What is done with files: begun, brought, finished, fetched, taken back and swept. Each asks its access anew."""

from __future__ import annotations

from functools import cache, partial
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from audit.actions import Outcome, record
from crypto.attachments import sealed_size
from crypto.errors import Ct1Error
from crypto.messages import parse_wire
from crypto.tables import ContentType
from messaging.access import Seat
from messaging.attachments.access import Held
from messaging.attachments.models import Attachment
from messaging.attachments.rules import GIVEN_UP, Limits, Span, is_given_up, refusal_of_size
from messaging.attachments.storage import Blobs
from messaging.models import Message, Thread
from people.models import User
from wire.attachments import AttachmentBegin
from wire.base import b64
from wire.errors import Conflict, Gone

State = Attachment.State
SWEPT_AT_ONCE = 500


@cache
def blobs() -> Blobs:
    """Where this server keeps sealed files."""
    return Blobs(settings.ATTACHMENTS)


def begin(seat: Seat, said: AttachmentBegin) -> Attachment:
    """Reserves room for a file of so many sealed bytes; repeated, it answers the one that was begun."""
    att_id = UUID(bytes=said.id)
    with transaction.atomic():
        # What a person and a thread keep is counted under their locks: two that begin at once count each other. The
        # thread's comes first, as in posting, and neither keeps a message from naming its sender.
        thread = Thread.objects.select_for_update(of=("self",), no_key=True).get(pk=seat.thread.pk)
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=seat.person.pk)
        known = Attachment.objects.filter(thread=thread, att_id=att_id).first()
        if known is not None:
            return _same(known, seat, said.size)
        refusal = refusal_of_size(
            said.size,
            Limits(sealed_size(settings.ATTACHMENT_FILE), settings.ATTACHMENT_PERSON, settings.ATTACHMENT_THREAD),
            of_person=_kept(Attachment.objects.filter(uploader=seat.person)),
            of_thread=_kept(Attachment.objects.filter(thread=thread)),
        )
        if refusal is not None:
            raise refusal
        made = Attachment.objects.create(thread=thread, att_id=att_id, uploader=seat.person, size=said.size)
        _record(seat, made, "attachment.create", "permit")
    return made


def _same(known: Attachment, seat: Seat, size: int) -> Attachment:
    if known.uploader_id != seat.person.pk or known.size != size:
        raise Conflict("This id is used for another file.", re="id")
    return _present(known)


def _kept(rows: QuerySet[Attachment]) -> int:
    return int(rows.exclude(state=State.GONE).aggregate(bytes=Sum("size"))["bytes"] or 0)


def _present(file: Attachment) -> Attachment:
    if file.state == State.GONE:
        raise Gone("This file was taken back.")
    return file


def received(file: Attachment) -> int:
    """How many of its sealed bytes are there."""
    return 0 if file.state == State.GONE else blobs().received(file.blob)


def take_piece(held: Held, offset: int, piece: bytes) -> int:
    """Takes a piece at its place and answers how many bytes are there; the same piece again changes nothing."""
    file = _present(held.file)
    if file.state == State.WHOLE:
        raise Conflict("The file is whole.")
    return blobs().write(file.blob, offset, piece, file.size)


def finish(held: Held, expected: bytes) -> Attachment:
    """Compares the hash over all that came, and keeps the file; repeated, it answers the same.

    Raises Conflict while bytes are missing, and E_ATT for other bytes, after which it starts from nothing.
    """
    file = _present(held.file)
    if file.state == State.OPEN and not blobs().finish(file.blob, file.size, expected):
        raise Ct1Error("E_ATT", "What came is not the file that was sealed: send it again.")
    with transaction.atomic():
        row = Attachment.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if _present(row).state == State.WHOLE:
            if row.hash != expected:
                raise Conflict("This id is used for another file.", re="hash")
            return row
        row.state, row.hash, row.whole_at = State.WHOLE, expected, timezone.now()
        row.save(update_fields=["state", "hash", "whole_at"])
        _record(held.seat, row, "attachment.keep", "done")
    return row


def still_open(held: Held) -> None:
    """Raises Gone for a file that was taken back since its bytes were asked for."""
    _present(held.file)


def open_file(held: Held, span: Span | None) -> Attachment:
    """Lets a person have the bytes of a file: what is given out stands in the patient's ledger first."""
    file = _present(held.file)
    if file.state == State.OPEN:
        raise Conflict("The file is not all there yet.")
    with transaction.atomic():
        _record(held.seat, file, "attachment.read", "permit", start=span.start if span else 0)
    return file


def destroy_attachment(held: Held, retraction: UUID | None) -> Attachment:
    """Destroys a file for good, for its sender; the row stays: who took it back, when, and by which message.

    A file that a message carries is taken back by a retraction alone: a signed message of content type REDACT that
    its sender has posted in this thread (E_SCOPE). The key that is left in the message opens nothing any more.
    """
    with transaction.atomic():
        file = Attachment.objects.select_for_update(of=("self",)).get(pk=held.file.pk)
        if file.state == State.GONE:
            return file
        if _is_posted(file) and not _is_retraction(file, retraction):
            raise Ct1Error("E_SCOPE", "A file that was sent is taken back by a message that says so.")
        _end(file, by=held.seat.person, retraction=retraction)
        _record(held.seat, file, "attachment.destroy", "done")
    return file


def _is_posted(file: Attachment) -> bool:
    return Message.objects.filter(sender_id=file.uploader_id, msg_id=file.att_id).exists()


def _is_retraction(file: Attachment, msg_id: UUID | None) -> bool:
    if msg_id is None:
        return False
    row = Message.objects.filter(thread_id=file.thread_id, sender_id=file.uploader_id, msg_id=msg_id).first()
    return row is not None and parse_wire(row.wire).header.ctype == ContentType.REDACT


def _end(file: Attachment, *, by: User | None, retraction: UUID | None = None) -> None:
    file.state, file.gone_at, file.gone_by, file.retraction = State.GONE, timezone.now(), by, retraction
    file.save(update_fields=["state", "gone_at", "gone_by", "retraction"])
    transaction.on_commit(partial(blobs().destroy, file.blob))


def sweep() -> int:
    """Ends uploads that were given up, and removes bytes that no row keeps; answers how many of both."""
    ended = sum(_swept(row) for row in _given_up())
    kept = set(Attachment.objects.exclude(state=State.GONE).values_list("blob", flat=True))
    stray = [name for name in blobs().names(older_than=GIVEN_UP.total_seconds()) if name not in kept]
    gone = Attachment.objects.filter(state=State.GONE, gone_at__gt=timezone.now() - GIVEN_UP)
    for name in (*stray, *gone.values_list("blob", flat=True)):
        blobs().destroy(name)
    return ended + len(stray)


def _given_up() -> list[Attachment]:
    """Begun long ago and neither whole nor carried by a message."""
    old = Attachment.objects.exclude(state=State.GONE).filter(begun_at__lt=timezone.now() - GIVEN_UP)
    return [row for row in old.order_by("begun_at")[:SWEPT_AT_ONCE] if not _is_posted(row)]


def _swept(file: Attachment) -> bool:
    with transaction.atomic():
        row = Attachment.objects.select_for_update(of=("self",)).get(pk=file.pk)
        if row.state == State.GONE or _is_posted(row) or not is_given_up(row.begun_at, timezone.now()):
            return False
        _end(row, by=None)
    return True


def _record(seat: Seat, file: Attachment, verb: str, outcome: Outcome, **detail: int) -> None:
    record(
        actor=seat.person.pk,
        verb=verb,
        patient=seat.thread.patient_id,
        object_kind="attachment",
        object_id=b64(file.att_id.bytes),
        outcome=outcome,
        reason=seat.decision.reason if outcome == "permit" else "",
        basis=seat.decision.basis,
        detail={"thread": seat.thread.pk, "bytes": file.size, **detail},
    )
