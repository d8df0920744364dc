"""What messaging's pages show, gathered in a bounded number of queries a page."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from crypto.tables import ContentType
from messaging import access, shapes
from messaging.access import Seat, may_answer
from messaging.actions.invitations import as_invitee_sees, open_requests
from messaging.consents import consent_objects
from messaging.emergencies import in_emergency
from messaging.models import Invitation, Mark, Member, Message, Seal, Thread
from messaging.replay import people_named, signed_entries
from people.models import Affiliation, Patient, User
from people.reading import current_fps, people_keys
from people.shapes import millis
from wire import messaging as wire
from wire.base import b64, unb64
from wire.errors import Invalid

THREADS_PAGE, LOG_PAGE, INVITATIONS = 50, 500, 100
MOST_UNREAD = 1000
"""Counted so far and no further: the list is asked for with every message, however long somebody was away."""


def posts_of(users: Iterable[UUID]) -> dict[UUID, Affiliation]:
    """The standing post of each of these people who holds one, the first if there are several."""
    now = timezone.now()
    standing = Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))
    rows = Affiliation.objects.filter(standing, user__in=list(users)).select_related("organisation").order_by("-since")
    return {row.user_id: row for row in rows}


def threads(person: User, cursor: str) -> wire.ThreadPage:
    """One's threads, the latest activity first."""
    rows = Member.objects.filter(user=person).annotate(at=Coalesce("thread__last_at", "thread__created_at"))
    if cursor:
        at, last = _cursor(cursor)
        rows = rows.filter(Q(at__lt=at) | Q(at=at, thread_id__lt=last))
    shown = list(rows.select_related("thread__patient").order_by("-at", "-thread_id")[: THREADS_PAGE + 1])
    page = shown[:THREADS_PAGE]
    marks = _marks(person, [row.thread_id for row in page])
    more = len(shown) > THREADS_PAGE
    urgent = in_emergency({row.thread.patient_id for row in page}, timezone.now())
    return wire.ThreadPage(
        threads=[
            summary(_seat(person, row), marks.get(row.thread_id, 0), emergency=row.thread.patient_id in urgent)
            for row in page
        ],
        cursor=_as_cursor(page[-1]) if more else None,
    )


def thread(seat: Seat) -> wire.ThreadSummary:
    urgent = in_emergency({seat.thread.patient_id}, timezone.now())
    read = _marks(seat.person, [seat.thread.pk]).get(seat.thread.pk, 0)
    return summary(seat, read, emergency=bool(urgent))


def summary(seat: Seat, read: int, *, emergency: bool = False) -> wire.ThreadSummary:
    """A thread as its member sees it, or as one who was a member: nothing later than one's own last message."""
    row, last = seat.thread, None
    if not seat.stands:
        last = Message.objects.filter(thread=row, sender=seat.person).order_by("-seq").first()
    last_at = row.last_at if seat.stands else last and last.created_at
    return wire.ThreadSummary(
        id=unb64(row.pk),
        patient=row.patient_id.bytes,
        patient_name=row.patient.name,
        labels=row.labels,
        created_by=row.created_by_id.bytes,
        created_at=millis(row.created_at),
        head=row.head if seat.stands else last.seq if last else 0,
        log_seq=row.log_seq if seat.stands else 0,
        log_head=row.log_head if seat.stands else bytes(32),
        epoch=row.epoch if seat.stands else 0,
        last_at=millis(last_at) if last_at else None,
        read=read,
        unread=_unread(seat, read) if seat.stands else 0,
        standing=_standing(seat),
        closed=row.closed,
        members=members(row) if seat.stands else [],
        emergency=emergency and seat.stands,
    )


def _standing(seat: Seat) -> Literal["member", "waiting", "ended"]:
    """A thread without an epoch has never been readable to anybody but its patient: nothing has ended there."""
    if seat.stands:
        return "member"
    return "waiting" if seat.thread.epoch == 0 and seat.member.left is None else "ended"


def members(row: Thread) -> list[wire.ThreadMember]:
    """The members by the log, each with what consent says of their reading now."""
    standing = access.standing_members(row)
    held = posts_of(member.user_id for member in standing)
    return [
        shapes.thread_member(
            member,
            held[member.user_id].organisation if member.user_id in held else None,
            may_read=access.decide(member.user, row, "thread.read").permit,
        )
        for member in standing
    ]


def log(seat: Seat, after: int) -> wire.LogPage:
    """The signed log after a seq."""
    rows = list(seat.thread.entries.filter(seq__gt=after).order_by("seq")[:LOG_PAGE])
    return wire.LogPage(
        entries=[wire.SignedLogEntry(body=row.body, sig=row.sig) for row in rows],
        first=rows[0].seq if rows else max(0, after + 1),
        seq=seat.thread.log_seq,
        head=seat.thread.log_head,
    )


def seals(seat: Seat) -> wire.ThreadSeals:
    """One's own seals of the epochs that one's history reaches."""
    rows = Seal.objects.filter(thread=seat.thread, user=seat.person.pk, epoch__gte=seat.member.floor)
    return wire.ThreadSeals(
        seals=[wire.SealOut(epoch=row.epoch, blob=row.blob) for row in rows.order_by("epoch", "pk")]
    )


def keys(seat: Seat) -> wire.ThreadKeys:
    """The keys of everybody whom the log names, and of members past and present."""
    named = people_named(signed_entries(seat.thread.pk))
    named |= set(Member.objects.filter(thread=seat.thread).values_list("user_id", flat=True))
    return wire.ThreadKeys(people=people_keys(named).people)


def readers(seat: Seat) -> wire.ThreadReaders:
    """Who can read now, by whose leave, since when and until when."""
    found = access.readers(seat.thread)
    held = posts_of(member.user_id for member, _ in found)
    given = {b64(one.object_id): one.directive for one in consent_objects(seat.thread.patient_id)}
    return wire.ThreadReaders(
        readers=[
            shapes.thread_reader(
                member,
                held[member.user_id].organisation if member.user_id in held else None,
                [directive for key in decision.basis if (directive := given.get(key)) is not None],
            )
            for member, decision in found
        ]
    )


def invitations(person: User) -> wire.Invitations:
    """Those that one has received and those that one has sent."""
    received = Invitation.objects.filter(invitee=person).order_by("-created_at")[:INVITATIONS]
    sent = Invitation.objects.filter(inviter=person).select_related("invitee").order_by("-created_at")[:INVITATIONS]
    held = posts_of(row.invitee_id for row in sent)
    return wire.Invitations(
        received=[shapes.invitation_received(row, as_invitee_sees(row.state)) for row in received],
        sent=[shapes.invitation_sent(row, held.get(row.invitee_id)) for row in sent],
    )


def requests(person: User, patient: Patient) -> wire.AdmissionRequests:
    """What waits for this person's answer, as the patient or for the patient, with the keys to check before signing."""
    rows = [row for row in open_requests(patient) if may_answer(person, row.thread)]
    fps = current_fps({row.invitee_id for row in rows})
    people = {person.user: person for person in people_keys({row.invitee_id for row in rows}).people}
    held = posts_of({row.invitee_id for row in rows} | {row.inviter_id for row in rows})
    return wire.AdmissionRequests(
        requests=[
            shapes.admission_request(
                row,
                fps[row.invitee_id],
                people[row.invitee_id.bytes],
                asked_by=held.get(row.inviter_id),
                invited=held.get(row.invitee_id),
            )
            for row in rows
            if row.invitee_id in fps
        ]
    )


def _seat(person: User, member: Member) -> Seat:
    return Seat(person, member.thread, member, access.decide(person, member.thread, "thread.read"))


def _marks(person: User, thread_ids: list[str]) -> dict[str, int]:
    """One's read marks by thread."""
    return dict(Mark.objects.filter(thread__in=thread_ids, user=person).values_list("thread_id", "read"))


def _unread(seat: Seat, read: int) -> int:
    """What others wrote after one's read mark within one's history, told from the log; MOST_UNREAD at most."""
    if read >= seat.thread.head:
        return 0
    later = Message.objects.filter(thread=seat.thread, seq__gt=read, epoch__gte=seat.member.floor)
    shown = later.filter(Q(aside=None) | Q(aside=ContentType.CARD)).exclude(sender=seat.person)
    return shown.order_by("seq")[:MOST_UNREAD].count()


def _as_cursor(row: Member) -> str:
    at = row.thread.last_at or row.thread.created_at
    return b64(json.dumps([at.isoformat(), row.thread_id]).encode())


def _cursor(text: str) -> tuple[datetime, str]:
    try:
        at, last = json.loads(unb64(text))
        moment = datetime.fromisoformat(at)
    except (ValueError, TypeError) as error:
        raise Invalid("The cursor is not one that was given out.", re="cursor") from error
    if moment.tzinfo is None or not isinstance(last, str):
        raise Invalid("The cursor is not one that was given out.", re="cursor")
    return moment.astimezone(UTC), last
