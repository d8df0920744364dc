"""Where a patient's messages are seen, for a rehearsal of consent: each thread, who is in it, and who is asked."""

from __future__ import annotations

from uuid import UUID

from consent.rehearsal import Place
from messaging.models import Invitation, Member, Thread


def places_of(patient_id: UUID) -> list[Place]:
    """Every thread of a patient, oldest first, in three queries."""
    threads = list(Thread.objects.filter(patient_id=patient_id).order_by("created_at", "pk"))
    members: dict[str, set[UUID]] = {thread.pk: set() for thread in threads}
    asked: dict[str, set[UUID]] = {thread.pk: set() for thread in threads}
    for thread, user in Member.objects.filter(thread__in=threads, left=None).values_list("thread_id", "user_id"):
        members[thread].add(user)
    waiting = Invitation.objects.filter(thread__in=threads, state__in=Invitation.OPEN)
    for thread, user in waiting.values_list("thread_id", "invitee_id"):
        asked[thread].add(user)
    return [
        Place(one.pk, tuple(one.labels), frozenset(members[one.pk]), frozenset(asked[one.pk] - members[one.pk]))
        for one in threads
    ]
