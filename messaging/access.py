"""The only ways from a thread's id to the thread; the same NotFound for absent and forbidden."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from audit.actions import record
from consent.access import decide_for, epoch_of
from consent.model import Reason
from consent.rules import Decision
from live.store import unavailable
from messaging.emergencies import is_by_emergency, member_in_emergency
from messaging.models import Invitation, Member, Thread
from messaging.permits import permits
from people.models import User
from wire.errors import NotFound


@dataclass(frozen=True)
class Seat:
    """A person's place in a thread: the membership by the log, and what consent says to `action` now."""

    person: User
    thread: Thread
    member: Member
    decision: Decision
    in_emergency: bool = False
    """No member by the log: somebody who reads for hours by a declared emergency, and does nothing else."""

    @property
    def stands(self) -> bool:
        """A member whom consent permits; anybody else is one who was."""
        return self.member.left is None and self.decision.permit


def decide(
    person: User, thread: Thread, action: str, now: datetime | None = None, *, epoch: int | None = None
) -> Decision:
    """What consent says to a person's action in a thread, for treatment.

    `epoch` is the patient's consent epoch if the caller has read it in this transaction; a decision that was just
    made under it and under this log stands. With `now`, nothing that was kept is used.
    Raises Unavailable where nothing can be decided.
    """
    at = epoch_of(thread.patient_id) if epoch is None else epoch
    kept = permits.find(person.pk, thread.pk, action, epoch=at, log_seq=thread.log_seq) if now is None else None
    if kept is not None:
        return kept
    decision = decide_for(
        person, action, thread.patient_id, thread_id=thread.pk, labels=tuple(thread.labels), now=now or timezone.now()
    )
    if decision.reason == Reason.PDP_UNAVAILABLE:
        # No word of the patient's: it is neither kept nor written into the ledger as a refusal.
        raise unavailable()
    if now is None and not is_by_emergency(decision):
        # An emergency ends at its hour: a permit that is kept would outlive it by seconds.
        permits.keep(
            person.pk, thread.pk, action, decision, patient=thread.patient_id, epoch=at, log_seq=thread.log_seq
        )
    return decision


def find_seat(person: User, thread_id: str, action: str = "thread.read", *, in_emergency: bool = False) -> Seat:
    """The place of a member, present or past; NotFound for everybody else, a pending invitee too.

    `in_emergency` says that this door opens to one who reads by a declared emergency as well.
    """
    # PostgreSQL takes no NUL in a text: there it would be an error of the server and no answer.
    if "\0" in thread_id:
        raise NotFound
    member = Member.objects.select_related("thread__patient").filter(thread_id=thread_id, user_id=person.pk).first()
    decision = decide(person, member.thread, action) if member is not None else None
    if member is not None and decision is not None and not is_by_emergency(decision):
        return Seat(person, member.thread, member, decision)
    if in_emergency and (seat := _emergency_seat(person, thread_id, action)):
        return seat
    if member is None or decision is None:
        raise NotFound
    # By consent, which is what this door asks about, nothing is permitted.
    refused = replace(decision, permit=False, reason=Reason.NO_CONSENT, obligations=())
    return Seat(person, member.thread, member, refused)


def _emergency_seat(person: User, thread_id: str, action: str) -> Seat | None:
    thread = Thread.objects.select_related("patient").filter(pk=thread_id).first()
    place = member_in_emergency(person, thread) if thread is not None else None
    if thread is None or place is None:
        return None
    decision = decide(person, thread, action)
    return Seat(person, thread, place, decision, in_emergency=True) if is_by_emergency(decision) else None


def access_thread(person: User, thread_id: str, action: str = "thread.read", *, in_emergency: bool = False) -> Seat:
    """The place of one who is a member by the log and whom consent permits `action` now.

    A member's refusal goes into the ledger; a stranger's knock at an id is not an event about the patient.
    """
    seat = find_seat(person, thread_id, action, in_emergency=in_emergency)
    if not seat.stands:
        record(
            actor=person.pk,
            verb=action,
            patient=seat.thread.patient_id,
            object_kind="thread",
            object_id=thread_id,
            outcome="deny",
            reason=seat.decision.reason if seat.member.left is None else "NO_RELATIONSHIP",
        )
        raise NotFound
    return seat


def access_to_ask(person: User, thread_id: str, invitee: bytes) -> Seat:
    """The place of one who may ask the patient to let somebody in.

    Who opened the thread may ask for themself before any permit: else a first conversation could never begin.
    """
    seat = find_seat(person, thread_id, "thread.invite")
    opened = seat.thread.created_by_id == person.pk and seat.member.left is None
    # A patient's no is an answer: whoever it keeps out does not ask for themself again and again.
    if opened and invitee == person.pk.bytes and seat.decision.reason != Reason.CONSENT_DENY:
        return seat
    return access_thread(person, thread_id, "thread.invite")


def standing_members(thread: Thread) -> list[Member]:
    """The members by the log, in the order they came."""
    return list(thread.members.filter(left=None).select_related("user__patient").order_by("entered", "pk"))


def readers(thread: Thread, now: datetime | None = None) -> list[tuple[Member, Decision]]:
    """Those who may read now: members by the log whom consent permits, with the decision."""
    asked = [(member, decide(member.user, thread, "thread.read", now)) for member in standing_members(thread)]
    return [(member, decision) for member, decision in asked if decision.permit]


def may_answer(person: User, thread: Thread) -> bool:
    """Whether this person decides who comes into a thread: the patient, or who may consent for the patient now.

    Asked of each thread, since what a minor confided is not shown to a parent, nor who was asked into it.
    """
    if thread.patient.account_id == person.pk:
        return True
    authority = decide_for(
        person, "consent.grant", thread.patient_id, thread_id=thread.pk, labels=tuple(thread.labels), category="consent"
    )
    if authority.reason == Reason.PDP_UNAVAILABLE:
        raise unavailable()
    return authority.permit and authority.reason == Reason.PROXY_ACCESS


def access_asked_invitation(person: User, invitation_id: UUID) -> Invitation:
    """An invitation that waits for this person's answer, as the patient or for the patient."""
    found = _invitation(Q(), invitation_id)
    if not may_answer(person, found.thread):
        raise NotFound
    return found


def access_sent_invitation(person: User, invitation_id: UUID) -> Invitation:
    """An invitation that this person made."""
    return _invitation(Q(inviter=person), invitation_id)


def _invitation(whose: Q, invitation_id: UUID) -> Invitation:
    found = Invitation.objects.select_related("thread__patient").filter(whose, pk=invitation_id).first()
    if found is None:
        raise NotFound
    return found


def is_related(user_id: UUID, patient_id: UUID, thread_id: str) -> bool:
    """Whether somebody is in this thread, or asked into it; in any of the patient's, where none is named."""
    which = Q(thread_id=thread_id) if thread_id else Q()
    members = Member.objects.filter(which, user_id=user_id, thread__patient_id=patient_id, left=None)
    asked = Invitation.objects.filter(
        which, invitee_id=user_id, thread__patient_id=patient_id, state__in=Invitation.OPEN
    )
    return members.exists() or asked.exists()


def met_in_threads(user_id: UUID) -> set[UUID]:
    """Everybody with whom a person shares or shared a thread: their keys verify what they signed there."""
    threads = Member.objects.filter(user_id=user_id).values("thread_id")
    return set(Member.objects.filter(thread_id__in=threads).values_list("user_id", flat=True))
