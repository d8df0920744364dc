"""An export is written, and an opening is kept before it happens."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from audit.actions import record
from crypto.compliance import (
    NO_KEY,
    NOBODY,
    AccessRecord,
    SignedAccess,
    compliance_fingerprint,
    export_hash,
    parse_access_record,
    verify_access_record,
)
from crypto.errors import Ct1Error
from crypto.tables import CLOCK_TOLERANCE_MS
from messaging import replay
from messaging.compliance.access import access_export
from messaging.compliance.models import RecordsExport, RecordsOpening
from messaging.models import LogEntry, Member, Message, Seal, Thread
from people.models import KeyBundle, User
from people.reading import current_fps, people_keys
from people.shapes import millis
from wire import records as wire
from wire.base import unb64
from wire.errors import NotFound, Refused
from wire.messaging import MessageOut, SealOut, SignedLogEntry


@transaction.atomic
def export_thread(thread_id: str, reason: str, now: datetime) -> bytes:
    """A thread as a file of JSON, which the ledger then says has left the server.

    Raises NotFound for no such thread, Refused `no_compliance_key` for one that nobody but its readers can open.
    """
    thread = Thread.objects.select_for_update(of=("self",)).select_related("patient").filter(pk=thread_id).first()
    if thread is None:
        raise NotFound
    state = replay.state_of(thread)
    if state.genesis.compliance_pk == NO_KEY:
        raise Refused("The conversation began without a compliance key.", code=wire.RecordsCode.NO_COMPLIANCE_KEY)
    made = _whole(thread, uuid4(), now)
    raw = made.model_dump_json().encode()
    RecordsExport.objects.create(
        id=UUID(bytes=made.id),
        thread=thread,
        digest=export_hash(raw),
        log_seq=state.seq,
        messages=made.head,
        reason=reason,
        made_at=now,
    )
    record(
        actor=None,
        verb="records.export",
        patient=thread.patient_id,
        object_kind="thread",
        object_id=thread.pk,
        detail={"messages": made.head},
    )
    return raw


def _whole(thread: Thread, export_id: UUID, now: datetime) -> wire.RecordsExport:
    entries = replay.signed_entries(thread.pk)
    users = set(LogEntry.objects.filter(thread=thread).values_list("author", flat=True))
    users |= set(Member.objects.filter(thread=thread).values_list("user_id", flat=True)) | replay.people_named(entries)
    seals = Seal.objects.filter(thread=thread, user=UUID(bytes=NOBODY)).order_by("epoch", "pk")
    messages = Message.objects.filter(thread=thread).order_by("seq")
    listed = [MessageOut(seq=one.seq, wire=one.wire, at=millis(one.created_at)) for one in messages]
    return wire.RecordsExport(
        id=export_id.bytes,
        thread=unb64(thread.pk),
        made=millis(now),
        entries=[SignedLogEntry(body=one.body, sig=one.sig) for one in entries],
        people=people_keys(users).people,
        seals=[SealOut(epoch=one.epoch, blob=one.blob) for one in seals],
        head=len(listed),
        messages=listed,
    )


@transaction.atomic
def keep_opening(officer: User, signed: SignedAccess, now: datetime) -> RecordsOpening:
    """Keeps the word that an export is about to be opened; a repeat finds what is kept.

    Raises NotFound for an export that is not theirs to open, E_SIG, E_UNKNOWN_KEY for another's key, E_TS for a clock
    that is far off, E_COMPLIANCE when the record is not of the export as it was written.
    """
    named = parse_access_record(signed.body)
    export = access_export(officer, UUID(bytes=named.export_id))
    # Whoever waits here finds what the other has kept.
    RecordsExport.objects.select_for_update(of=("self",)).get(pk=export.pk)
    _check(officer, export, signed, now)
    opening, is_new = RecordsOpening.objects.get_or_create(
        sig=signed.sig, defaults={"export": export, "officer": officer, "body": signed.body, "opened_at": now}
    )
    if is_new:
        record(
            actor=officer.pk,
            verb="records.open",
            patient=export.thread.patient_id,
            actor_org=export.thread.patient.organisation_id,
            object_kind="thread",
            object_id=export.thread_id,
            detail={"messages": named.messages, "custodians": len(named.indexes)},
        )
    return opening


def _check(officer: User, export: RecordsExport, signed: SignedAccess, now: datetime) -> None:
    bundle = KeyBundle.objects.filter(user=officer, fp__in=current_fps([officer.pk]).values()).first()
    if bundle is None:
        raise Ct1Error("E_UNKNOWN_KEY", "the officer has no key in use")
    named = verify_access_record(bundle.sign_pk, signed)
    if (named.user, named.fp) != (officer.pk.bytes, bundle.fp):
        raise Ct1Error("E_UNKNOWN_KEY", "the record is signed in another's name")
    if abs(named.ts - millis(now)) > CLOCK_TOLERANCE_MS and not export.openings.filter(sig=signed.sig).exists():
        raise Ct1Error("E_TS", "the record is not of now")
    if not _is_of(named, export):
        raise Ct1Error("E_COMPLIANCE", "the record is not of the export as it was written")


def _is_of(named: AccessRecord, export: RecordsExport) -> bool:
    keys = replay.state_of(export.thread).policy.keys
    told = (named.thread_id, named.export_hash, named.log_seq, named.messages)
    wanted = (unb64(export.thread_id), export.digest, export.log_seq, export.messages)
    return told == wanted and named.comp_fp in {compliance_fingerprint(key) for key in keys}
