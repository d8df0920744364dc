"""Asking somebody in, and the answers: an invitation is a question to the patient and opens nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import get_args
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from audit.actions import record
from consent.access import deciders_of
from crypto.log import ThreadState
from live.push import push_on_commit, push_to_user
from messaging.access import Seat, decide
from messaging.consents import consent_objects
from messaging.models import Invitation, Member, Thread
from messaging.owed import admitting, lacking
from messaging.replay import now_ms
from people import access as people_access
from people.models import Patient, User
from people.reading import current_fps
from wire.errors import Conflict, Invalid, TooMany
from wire.messaging import InvitationAsk, InvitationChanged, InvitationState, RequestNew

_STATES: dict[str, InvitationState] = {state: state for state in get_args(InvitationState)}
OPEN_LIMIT = 50
"""Open questions to one patient about one thread: more are a nuisance to the patient, not a consultation."""
A_DAY = 20
"""Questions of one person in one thread within a day, those that were taken back too: each rings at the patient's."""


def invite(seat: Seat, ask: InvitationAsk) -> Invitation:
    """Asks the patient to let a colleague in; the same id asked again is the same invitation."""
    known = Invitation.objects.filter(pk=UUID(bytes=ask.id)).select_related("invitee").first()
    if known is not None:
        if not _is_same(known, seat, ask):
            raise Conflict("This invitation id is used for something else.", re="id")
        return known
    invitee, fp = _invitee(ask)
    if Member.objects.filter(thread=seat.thread, user=invitee, left=None).exists() and _reads(seat, invitee):
        raise Conflict("This person is in the thread already.", re="invitee")
    if seat.thread.invitations.filter(state__in=Invitation.OPEN).count() >= OPEN_LIMIT:
        raise TooMany("There are too many open requests to this patient: wait for an answer.")
    since = timezone.now() - timedelta(days=1)
    if seat.thread.invitations.filter(inviter=seat.person, created_at__gt=since).count() >= A_DAY:
        raise TooMany("You have asked this patient often enough for today.")
    try:
        with transaction.atomic():
            return _insert(seat, ask, invitee, fp)
    except IntegrityError as error:
        raise Conflict("Somebody has asked for this person already.", re="invitee") from error


def refuse(person: User, invitation: Invitation) -> None:
    """The patient says no; what was refused stays refused, a new question needs a new invitation."""
    _close(person, invitation, Invitation.State.REFUSED, "invitation.refuse")


def take_back(person: User, invitation: Invitation) -> None:
    """The one who asked takes the question back."""
    _close(person, invitation, Invitation.State.WITHDRAWN, "invitation.withdraw")


def move_on(invitation: Invitation, state: Invitation.State) -> None:
    """Takes an open invitation to its next state inside the caller's transaction, and tells the two concerned."""
    moved = Invitation.objects.filter(pk=invitation.pk, state__in=Invitation.OPEN).exclude(state=state)
    if not moved.update(state=state):
        return
    invitation.state = state
    push_to_user(invitation.inviter_id, InvitationChanged(id=invitation.pk.bytes, state=state.value))
    push_to_user(invitation.invitee_id, InvitationChanged(id=invitation.pk.bytes, state=as_invitee_sees(state)))


def as_invitee_sees(state: str) -> InvitationState:
    """An invitee is not told who ended a question, the patient or the one who asked."""
    return "withdrawn" if state == Invitation.State.REFUSED else _STATES[state]


def settle_invitations(thread: Thread, state: ThreadState) -> None:
    """Takes the open invitations of a thread to where its log and the patient's consent are, inside a transaction."""
    waiting = list(thread.invitations.select_for_update().filter(state__in=Invitation.OPEN))
    if not waiting:
        return
    members = set(thread.members.filter(left=None).values_list("user_id", flat=True))
    at_ms = now_ms()
    objects = lacking(state, consent_objects(thread.patient_id), at_ms)
    for invitation in waiting:
        if invitation.invitee_id in members:
            move_on(invitation, Invitation.State.JOINED)
        elif admitting(state, objects, invitation, at_ms) is not None:
            move_on(invitation, Invitation.State.AGREED)
        else:
            move_on(invitation, Invitation.State.ASKED)


def open_requests(patient: Patient) -> list[Invitation]:
    """What waits for the patient's answer, the oldest first."""
    rows = Invitation.objects.filter(thread__patient=patient, state=Invitation.State.ASKED)
    return list(rows.select_related("thread__patient", "inviter", "invitee").order_by("created_at")[:200])


def _invitee(ask: InvitationAsk) -> tuple[User, bytes]:
    """A colleague with keys and a standing post in that role; the directory shows who has one."""
    user = User.objects.filter(pk=UUID(bytes=ask.invitee), is_active=True).first()
    fp = current_fps([user.pk]).get(user.pk) if user is not None else None
    roles = {post.role for post in people_access.posts(user)} if user is not None else set()
    if user is None or fp is None or ask.role not in roles:
        raise Invalid("There is no colleague with keys in that role.", re="invitee")
    return user, fp


def _reads(seat: Seat, invitee: User) -> bool:
    return decide(invitee, seat.thread, "thread.read").permit


def _insert(seat: Seat, ask: InvitationAsk, invitee: User, fp: bytes) -> Invitation:
    thread = seat.thread
    made = Invitation.objects.create(
        id=UUID(bytes=ask.id),
        thread=thread,
        inviter=seat.person,
        invitee=invitee,
        fp=fp,
        role=ask.role,
        actions=ask.actions,
        history=ask.history,
        history_from=ask.history_from,
        reason=ask.reason,
    )
    record(
        actor=seat.person.pk,
        verb="thread.invite",
        patient=thread.patient_id,
        object_kind="invitation",
        object_id=str(made.pk),
        reason=seat.decision.reason,
        basis=seat.decision.basis,
        detail={"invitee": str(invitee.pk)},
    )
    asked = RequestNew(patient=thread.patient_id.bytes, invitation=made.pk.bytes)
    for decider in deciders_of(thread.patient):
        push_to_user(decider, asked)
    push_on_commit([invitee.pk], InvitationChanged(id=made.pk.bytes, state="asked"))
    return made


def _close(person: User, invitation: Invitation, state: Invitation.State, verb: str) -> None:
    with transaction.atomic():
        held = Invitation.objects.select_for_update().get(pk=invitation.pk)
        if held.state == state:
            return
        if held.state not in Invitation.OPEN:
            raise Conflict("This request has been answered already.", re="state")
        move_on(held, state)
        record(
            actor=person.pk,
            verb=verb,
            patient=invitation.thread.patient_id,
            object_kind="invitation",
            object_id=str(invitation.pk),
        )


def _is_same(known: Invitation, seat: Seat, ask: InvitationAsk) -> bool:
    return (
        known.inviter_id == seat.person.pk
        and known.thread_id == seat.thread.pk
        and known.invitee_id.bytes == ask.invitee
        and (known.role, known.actions, known.history) == (ask.role, ask.actions, ask.history)
        and (known.history_from, known.reason) == (ask.history_from, ask.reason)
    )
