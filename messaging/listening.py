"""What messaging hears: posts from sockets, questions at delivery, and consent that has moved."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from consent import access as consent_access
from consent import rehearsal
from consent.emergencies import reading as emergency_reading
from consent.signals import consent_moved, consent_told
from live import bus, registry
from live.push import announce, push_on_commit, push_to_user
from messaging import access, delivery, shapes, writer
from messaging.actions.invitations import settle_invitations
from messaging.emergencies import is_by_emergency, threads_of
from messaging.heads import heads
from messaging.models import Invitation, Member, Thread
from messaging.permits import permits
from messaging.places import places_of
from messaging.presence import connected, gone
from messaging.replay import state_of
from people import access as people_access
from people.models import User
from wire.base import b64, unb64
from wire.binary import Kind
from wire.messaging import MarksChanged, MessagePost, RequestNew, ThreadChanged, ThreadLost
from wire.urgency import UrgencyChanged

_MOVED = "consent.moved"


def connect() -> None:
    """Registers everything; called once, when the app is ready."""
    registry.handler(MessagePost)(writer.post)
    registry.binary(Kind.POST)(writer.post_binary)
    bus.hears(delivery.hear)
    registry.guard(ThreadChanged)(may_hear_of_thread)
    registry.guard(MarksChanged)(may_hear_of_thread)
    registry.guard(UrgencyChanged)(may_hear_of_thread)
    registry.guard(RequestNew)(may_hear_of_request)
    registry.heads(heads)
    registry.heads(connected)
    registry.closed(gone)
    emergency_reading.reaches(threads_of)
    people_access.shares_work(access.met_in_threads)
    consent_access.relates(access.is_related)
    rehearsal.places(places_of)
    registry.hears(_MOVED)(_hear_moved)
    consent_moved.connect(on_consent_moved, dispatch_uid="messaging.moved")
    consent_told.connect(on_consent_told, dispatch_uid="messaging.told")


def may_hear_of_thread(user_id: UUID, frame: ThreadChanged | MarksChanged | UrgencyChanged) -> bool:
    member = _member(user_id, b64(frame.thread))
    return member is not None and _reads(member)


def may_hear_of_request(user_id: UUID, frame: RequestNew) -> bool:
    asked = Invitation.objects.select_related("thread__patient").filter(pk=UUID(bytes=frame.invitation)).first()
    person = User.objects.filter(pk=user_id, is_active=True).first()
    return asked is not None and person is not None and access.may_answer(person, asked.thread)


def on_consent_moved(sender: object, *, patient_id: UUID, epoch: int, **_: object) -> None:
    """Voids what was decided, here and in every process that holds a member's socket: a delivery under way stops.

    Each of a member's sockets hears of it, since one alone may be behind a long delivery of its own.
    """
    permits.moved(patient_id, epoch)
    members = Member.objects.filter(thread__patient_id=patient_id, left=None).values_list("user_id", flat=True)
    announce(members.distinct(), _MOVED, {"patient": patient_id.hex, "epoch": epoch})


def _hear_moved(word: Mapping[str, int | str]) -> None:
    permits.moved(UUID(str(word["patient"])), int(word["epoch"]))


def on_consent_told(sender: object, *, patient_id: UUID, **_: object) -> None:
    """Tells each member what the patient's decision means for them, at once and before any log says so.

    The rights themselves need no telling: every door and every delivery asks consent again.
    """
    for thread in Thread.objects.filter(patient_id=patient_id).select_related("patient"):
        with transaction.atomic():
            settle_invitations(thread, state_of(thread))
            for member in access.standing_members(thread):
                if _reads(member):
                    push_on_commit([member.user_id], shapes.thread_changed(thread, "consent"))
                else:
                    push_to_user(member.user_id, ThreadLost(thread=unb64(thread.pk)))


def _member(user_id: UUID, thread_id: str) -> Member | None:
    rows = Member.objects.filter(user_id=user_id, thread_id=thread_id, left=None)
    return rows.select_related("thread__patient", "user__patient").first()


def _reads(member: Member, now: datetime | None = None) -> bool:
    decision = access.decide(member.user, member.thread, "thread.read", now)
    return decision.permit and not is_by_emergency(decision)
