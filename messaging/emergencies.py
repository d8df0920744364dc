"""The seat of a clinician in an emergency: the log, the seals, the keys and the messages from a floor on; no word more.

The seat is by the declaration on the server; the keys are by the BREAK_GLASS entry, which the clinician appends and a
member who is online answers (docs/protocol.md 4.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from django.utils import timezone

from consent.dossier import rules_of
from consent.emergencies.reading import declared
from consent.emergencies.rules import CLOCK_SLACK, State, state_of
from consent.model import Reason
from consent.models import EmergencyAccess
from consent.rules import Decision
from crypto.emergency import EmergencyReader, parse_emergency
from crypto.entries import Signed, parse_entry, parse_payload
from crypto.errors import Ct1Error
from crypto.log import SignedEntry, ThreadState
from crypto.tables import EntryType, GenesisFlag
from live.push import push_on_commit
from messaging import replay
from messaging.models import Member, Thread
from messaging.presence import how_many_connected
from people.models import User
from people.shapes import millis
from wire import emergency as wire
from wire.base import unb64

Keys = Literal["declared", "waiting", "given", "impossible"]


def standing_row(user: User, patient_id: UUID, now: datetime) -> EmergencyAccess | None:
    """The declaration of this person that stands now, the newest of several."""
    rows = EmergencyAccess.objects.filter(user=user, patient_id=patient_id, ended_at=None, reviewed_at=None)
    standing = [row for row in rows.order_by("-declared_at") if row.stands(now)]
    return next(iter(standing), None)


def in_emergency(patients: Iterable[UUID], now: datetime) -> set[UUID]:
    """Those of these patients whose messages an open emergency reaches; one query."""
    rows = EmergencyAccess.objects.filter(
        patient__in=set(patients), ended_at=None, reviewed_at=None, declared_at__lte=now, expires_at__gt=now
    )
    return {row.patient_id for row in rows.only("patient_id", "categories") if "message" in row.categories}


def is_by_emergency(decision: Decision) -> bool:
    return decision.reason is Reason.BREAK_GLASS


def is_flagged(state: ThreadState) -> bool:
    """Whether the thread was made so that an emergency may open it."""
    return bool(state.policy.flags & GenesisFlag.BREAK_GLASS)


def _reader(state: ThreadState, row: EmergencyAccess) -> EmergencyReader | None:
    mine = (one for one in state.emergencies if one.declaration.declaration_id == row.pk.bytes)
    return next(mine, None)


def floor_of(state: ThreadState, row: EmergencyAccess) -> int:
    """The first epoch that may be handed out: nothing before the log tells of the emergency.

    The log says 30 days back; the patient's organisation may say less, and then the server hands out less.
    """
    reader = _reader(state, row)
    if reader is None:
        return len(state.epochs) + 1
    days = timedelta(days=rules_of(row.patient.organisation_id).emergency_history_days)
    return max(reader.history_from, state.first_epoch_since(millis(row.declared_at - days)))


def member_in_emergency(person: User, thread: Thread) -> Member | None:
    """A place at the table that no row keeps, for as long as the declaration stands; None without one."""
    row = standing_row(person, thread.patient_id, timezone.now())
    if row is None:
        return None
    state = replay.state_of(thread)
    if not is_flagged(state):
        return None
    held = person.affiliations.filter(organisation_id=row.organisation_id, until=None).first()
    fp = person.key_bundles.order_by("-gen").values_list("fp", flat=True).first()
    return Member(
        thread=thread,
        user=person,
        role=held.role if held else 0,
        fp=fp or b"",
        floor=floor_of(state, row),
        entered=state.seq,
    )


def check_declarations(person: User, thread: Thread, entries: Sequence[SignedEntry], *, in_emergency: bool) -> None:
    """Raises E_SCOPE for a BREAK_GLASS entry that no standing declaration of its author is behind.

    In an emergency nothing else is appended: whoever reads so writes nothing, not even another's withdrawal.
    """
    parsed = [parse_entry(one.body) for one in entries]
    opening = [one for one in parsed if one.type == EntryType.BREAK_GLASS]
    if in_emergency and len(opening) != len(parsed):
        raise Ct1Error("E_SCOPE", "in an emergency one reads")
    for entry in opening:
        payload = parse_payload(entry)
        row = standing_row(person, thread.patient_id, timezone.now())
        said = parse_emergency(payload.body) if isinstance(payload, Signed) else None
        if row is None or said is None or said.declaration_id != row.pk.bytes:
            raise Ct1Error("E_SCOPE", "nothing was declared")
        if said.exp > millis(row.expires_at + CLOCK_SLACK):
            raise Ct1Error("E_GRANT_TIME", "it would outlast what was declared")


def tell_readers(thread: Thread, state: ThreadState, now: datetime) -> None:
    """Tells those who wait for keys that the log has moved; call inside the transaction that moved it."""
    for one in state.emergency_readers(millis(now)):
        frame = wire.EmergencyChanged(id=one.declaration.declaration_id, patient=state.patient_ref)
        push_on_commit([UUID(bytes=one.user)], frame)


def threads_of(row: EmergencyAccess, now: datetime) -> list[wire.EmergencyThread]:
    """The threads that a declaration reaches and how their content is had; none where it is not about messages."""
    if "message" not in row.categories:
        return []
    stage = state_of(declared(row), now)
    threads = Thread.objects.filter(patient_id=row.patient_id).select_related("patient").order_by("created_at", "pk")
    return [_thread_out(thread, row, stage) for thread in threads if _reaches(thread, row, stage)]


def _reaches(thread: Thread, row: EmergencyAccess, stage: State) -> bool:
    """What the decision lets be read; of one that is over, what its log tells of."""
    from messaging.access import decide  # here, because access asks this module for seats

    if stage == "open":
        return is_by_emergency(decide(row.user, thread, "thread.read"))
    return stage == "waiting_for_cosigner" or _reader(replay.state_of(thread), row) is not None


def _thread_out(thread: Thread, row: EmergencyAccess, stage: State) -> wire.EmergencyThread:
    state = replay.state_of(thread)
    members = [UUID(bytes=user) for user in state.effective(replay.now_ms())]
    signed = next((one for one in row.cosignatures if one["thread"] == thread.pk), None)
    return wire.EmergencyThread(
        thread=unb64(thread.pk),
        flagged=is_flagged(state),
        members=len(members),
        members_online=how_many_connected(members) if stage == "open" else 0,
        keys=_keys(state, row),
        cosigned=wire.EmergencySignature.model_validate(signed) if signed else None,
    )


def _keys(state: ThreadState, row: EmergencyAccess) -> Keys:
    if not is_flagged(state):
        return "impossible"
    reader = _reader(state, row)
    if reader is None:
        return "declared"
    first = min(reader.history_from, len(state.epochs))
    given = any(state.holds(reader.user, number) for number in range(max(1, first), len(state.epochs) + 1))
    return "given" if given else "waiting"
