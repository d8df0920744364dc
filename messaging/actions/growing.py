"""A thread begins and its log grows: clients write entries, the server checks, orders and keeps them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from audit.actions import record
from consent.access import decide_for
from consent.model import Reason
from crypto.compliance import parse_compliance_key, require_compliance
from crypto.entries import EpochStart, Genesis, Signed, parse_entry, parse_payload
from crypto.errors import Ct1Error
from crypto.log import SignedEntry, ThreadState, append, replay
from crypto.naming import carried_id
from crypto.policy import parse_policy
from crypto.tables import AuthKind, EntryType
from live.push import push_on_commit
from messaging import emergencies, shapes
from messaging.access import Seat
from messaging.actions.invitations import settle_invitations
from messaging.models import LogEntry, Member, Seal, Thread
from messaging.replay import directory_for, keep, now_ms, state_of
from messaging.signals import members_changed
from people import access as people_access
from people.actions.roots import compliance_key_of
from people.models import Organisation, Patient, User
from people.reading import current_fps
from wire.base import b64
from wire.errors import ConsiliumError, NotFound
from wire.messaging import LogAppend, LogConflict, MessagingCode, SealIn, ThreadCreate, ThreadLost


class LogMoved(ConsiliumError):
    """The entries do not follow the head: somebody else was first."""

    status = 409

    def __init__(self, code: str, thread: Thread) -> None:
        super().__init__("The thread's log has moved on: fetch it and sign again.", code=code)
        self.thread = thread

    def conflict(self) -> LogConflict:
        """The refusal with the head that the entries should have followed."""
        return LogConflict(
            code=str(self.code),
            message=self.message,
            re=self.re,
            log_seq=self.thread.log_seq,
            log_head=self.thread.log_head,
        )


def create_thread(person: User, body: ThreadCreate) -> Thread:
    """Begins a thread from its signed genesis; the id is the genesis' hash, so a repeat finds what is there."""
    entries = [SignedEntry(one.body, one.sig) for one in body.entries]
    genesis = _genesis_of(entries[0])
    patient = people_access.access_patient(person, UUID(bytes=genesis.patient_ref))
    _check_genesis(genesis, patient)
    _check_authors(person, entries)
    state = replay(entries, directory_for("", entries), now_ms())
    thread_id = b64(state.thread_id)
    with transaction.atomic():
        known = Thread.objects.select_for_update().filter(pk=thread_id).first()
        if known is not None:
            if known.created_by_id != person.pk:
                raise NotFound
            return known
        thread = Thread(
            id=thread_id,
            patient=patient,
            labels=[label.decode("utf-8") for label in state.labels],
            created_by=person,
            log_seq=state.seq,
            log_head=state.head,
        )
        thread.save(force_insert=True)
        _store(thread, person, entries, state, body.seals)
        record(
            actor=person.pk,
            verb="thread.create",
            patient=patient.pk,
            object_kind="thread",
            object_id=thread.pk,
        )
    return thread


def append_entries(seat: Seat, body: LogAppend) -> Thread:
    """Appends entries to the log if they follow its head; raises LogMoved if they do not, or a Ct1Error.

    The reducer that every client runs is the filter here: what a client would refuse is not stored.
    """
    entries = [SignedEntry(one.body, one.sig) for one in body.entries]
    _check_authors(seat.person, entries)
    if seat.in_emergency and body.seals:
        raise Ct1Error("E_SCOPE", "in an emergency one seals nothing")
    with transaction.atomic():
        # The row lock is the compare-and-swap: whoever waits here then sees the other's head and is refused.
        thread = Thread.objects.select_for_update(of=("self",)).select_related("patient").get(pk=seat.thread.pk)
        if _are_stored(thread, entries):
            _store_seals(thread, seat.person, state_of(thread), (), body.seals)
            return thread
        emergencies.check_declarations(seat.person, thread, entries, in_emergency=seat.in_emergency)
        _check_policies(thread.patient, entries)
        state = _grown(thread, state_of(thread), entries)
        _store(thread, seat.person, entries, state, body.seals)
        record(
            actor=seat.person.pk,
            verb="thread.log",
            patient=thread.patient_id,
            object_kind="thread",
            object_id=thread.pk,
            detail={"from": parse_entry(entries[0].body).seq, "to": state.seq, "epoch": thread.epoch},
        )
    return thread


def _genesis_of(signed: SignedEntry) -> Genesis:
    genesis = parse_payload(parse_entry(signed.body))
    if not isinstance(genesis, Genesis):
        raise Ct1Error("E_LOG_SEQ", "a log begins with GENESIS")
    return genesis


def _check_genesis(genesis: Genesis, patient: Patient) -> None:
    """An early filter: a thread of whose patient or roots clients would not agree is not begun.

    It saves honest clients a thread they could not use; that the key is the patient's is theirs to verify (D4).
    """
    roots = {row.pk.bytes: row.fp for row in Organisation.objects.all()}
    if any(roots.get(org) != fp for org, fp in genesis.roots):
        raise Ct1Error("E_CERT", "the genesis pins a root that is no organisation's here")
    require_compliance(genesis, compliance_key_of(patient.organisation))
    pinned = [(one.user, one.fp) for one in genesis.authorities]
    if genesis.auth_kind in (AuthKind.REPRESENTATIVE, AuthKind.QUORUM):
        _check_proxies(patient, pinned)
        return
    if patient.account_id is None:
        if genesis.auth_kind != AuthKind.WITNESSED:
            raise Ct1Error("E_GRANT_AUTHORITY", "a patient without an account has no key to pin")
        return
    fp = current_fps([patient.account_id]).get(patient.account_id)
    if genesis.auth_kind != AuthKind.PATIENT or pinned != [(patient.account_id.bytes, fp)]:
        raise Ct1Error("E_GRANT_AUTHORITY", "the genesis must pin the patient's own current key")


def _check_proxies(patient: Patient, pinned: Sequence[tuple[bytes, bytes]]) -> None:
    """Every one whom the genesis pins may consent for this patient today, by their own current key.

    Else a colleague could begin a thread in which the patient's own word counts for nothing.
    """
    people = {user.pk: user for user in User.objects.filter(pk__in=[UUID(bytes=user) for user, _ in pinned])}
    fps = current_fps(people)
    for user_id, fp in pinned:
        person = people.get(UUID(bytes=user_id))
        decision = decide_for(person, "consent.grant", patient.pk, category="consent") if person else None
        is_proxy = decision is not None and decision.reason == Reason.PROXY_ACCESS
        if person is None or not is_proxy or fps.get(person.pk) != fp:
            raise Ct1Error("E_GRANT_AUTHORITY", "one whom the genesis pins does not act for this patient")


def _check_policies(patient: Patient, entries: Iterable[SignedEntry]) -> None:
    """A records key that takes another's place is the one that the patient's own organisation has now: E_COMPLIANCE."""
    for signed in entries:
        entry = parse_entry(signed.body)
        payload = parse_payload(entry) if entry.type == EntryType.POLICY_CHANGE else None
        if not isinstance(payload, Signed):
            continue
        statement, own = parse_policy(payload.body).statement, compliance_key_of(patient.organisation)
        if statement and (own is None or parse_compliance_key(statement).box_pk != own.box_pk):
            raise Ct1Error("E_COMPLIANCE", "the key is not the one of the patient's organisation")


def _check_authors(person: User, entries: Iterable[SignedEntry]) -> None:
    if any(parse_entry(one.body).author != person.pk.bytes for one in entries):
        raise Ct1Error("E_SCOPE", "an entry is handed in by its author")


def _are_stored(thread: Thread, entries: Sequence[SignedEntry]) -> bool:
    """Whether these entries are there already, byte for byte: a repeat after a lost answer."""
    seqs = [parse_entry(one.body).seq for one in entries]
    if not entries or seqs[-1] > thread.log_seq:
        return not entries
    rows = LogEntry.objects.filter(thread=thread, seq__gte=seqs[0], seq__lte=seqs[-1]).order_by("seq")
    return [(row.body, row.sig) for row in rows] == [(one.body, one.sig) for one in entries]


def _grown(thread: Thread, state: ThreadState, entries: Sequence[SignedEntry]) -> ThreadState:
    directory = directory_for(thread.pk, entries)
    now = now_ms()
    for signed in entries:
        try:
            state = append(state, signed, directory, now)
        except Ct1Error as error:
            if error.code in (MessagingCode.LOG_SEQ, MessagingCode.LOG_PREV):
                raise LogMoved(error.code, thread) from error
            raise
    return state


def _store(
    thread: Thread, person: User, entries: Sequence[SignedEntry], state: ThreadState, seals: Sequence[SealIn]
) -> None:
    """Writes entries, seals and projections, and tells the members; inside the caller's transaction."""
    LogEntry.objects.bulk_create([_row(thread, signed) for signed in entries])
    thread.log_seq, thread.log_head = state.seq, state.head
    thread.fence = state.change_seq
    before, thread.epoch = thread.epoch, state.epoch.number if state.epoch else 0
    if thread.epoch != before:
        thread.epoch_head = thread.head
    thread.closed = state.closing is not None
    thread.save(update_fields=["log_seq", "log_head", "fence", "epoch", "epoch_head", "closed"])
    joined, left = _project_members(thread, state)
    started = [one for one in map(_payload, entries) if isinstance(one, EpochStart)]
    _store_seals(thread, person, state, started, seals)
    settle_invitations(thread, state)
    # Only after the commit: a rolled-back head must never be found in the cache.
    transaction.on_commit(lambda: keep(thread, state))
    present = set(thread.members.filter(left=None).values_list("user_id", flat=True))
    push_on_commit(sorted(joined), shapes.thread_changed(thread, "new"))
    what = "emergency" if any(parse_entry(one.body).type == EntryType.BREAK_GLASS for one in entries) else "log"
    push_on_commit(sorted(present - joined), shapes.thread_changed(thread, what))
    emergencies.tell_readers(thread, state, timezone.now())
    push_on_commit(sorted(left), ThreadLost(thread=state.thread_id))
    if joined or left:
        transaction.on_commit(partial(members_changed.send_robust, Thread, patient_id=thread.patient_id))


def _payload(signed: SignedEntry) -> object:
    return parse_payload(parse_entry(signed.body))


def _row(thread: Thread, signed: SignedEntry) -> LogEntry:
    entry = parse_entry(signed.body)
    object_id = carried_id(entry, parse_payload(entry))
    return LogEntry(
        thread=thread,
        seq=entry.seq,
        type=entry.type,
        author=UUID(bytes=entry.author),
        body=signed.body,
        sig=signed.sig,
        hash=signed.hash,
        object_id=UUID(bytes=object_id) if object_id else None,
    )


def _project_members(thread: Thread, state: ThreadState) -> tuple[set[UUID], set[UUID]]:
    """Brings the members' rows to what the log says; returns who came and who went."""
    rows = {row.user_id: row for row in thread.members.all()}
    present = {UUID(bytes=user): member for user, member in state.members.items()}
    joined: set[UUID] = set()
    for user_id, member in present.items():
        row = rows.get(user_id)
        if row is None:
            row = Member(thread=thread, user_id=user_id, entered=member.since_seq)
        if user_id not in rows or row.left is not None:
            joined.add(user_id)
            row.entered, row.left, row.since = member.since_seq, None, timezone.now()
        row.role, row.fp = int(member.role), member.fp
        row.floor = member.history_from if member.history_from > 1 else 0
        row.save()
    left = {user_id for user_id, row in rows.items() if row.left is None and user_id not in present}
    thread.members.filter(user_id__in=left).update(left=state.seq)
    return joined, left


def _store_seals(
    thread: Thread, person: User, state: ThreadState, started: Sequence[EpochStart], seals: Sequence[SealIn]
) -> None:
    """Keeps the seals; an epoch that starts must be sealed to every recipient, or somebody is silently shut out."""
    for seal in seals:
        if not (1 <= seal.epoch <= len(state.epochs)) or not state.holds(seal.user, seal.epoch):
            raise Ct1Error("E_RECIPIENTS", "a seal for somebody whom the log does not give that epoch")
    given = {(seal.epoch, seal.user) for seal in seals}
    for start in started:
        for _, user, _ in start.recipients:
            if (start.epoch, user) not in given:
                raise Ct1Error("E_SEAL_MISSING", "the epoch is not sealed to each of its recipients")
    rows = [
        Seal(thread=thread, epoch=seal.epoch, user=UUID(bytes=seal.user), sealed_by=person, blob=seal.blob)
        for seal in seals
    ]
    Seal.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["thread", "epoch", "user", "sealed_by"],
        update_fields=["blob"],
    )
