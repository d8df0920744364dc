"""Consent changed, or time passed: everybody in the patient's rooms is asked about again, and the cut comes first."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from conference.access import ask_consent
from conference.actions.door import give_up_the_silent
from conference.actions.media import reconcile
from conference.actions.rooms import close_room
from conference.actions.steps import admission_of, announce, dismiss, lock_room, now, part, record
from conference.models import Admission, Room
from conference.plane import plane
from conference.rules import INSIDE, OVERTIME, PRESENT, Event, Refusal, State, transition
from consent.model import Reason
from live.store import unavailable


def _standing() -> QuerySet[Admission]:
    """Everybody to whom a change matters, those with media first: their packets are flowing."""
    states = [s.value for s in (*INSIDE, State.KNOCKING, State.INVITED, State.WAITING_CONSENT)]
    rooms = Admission.objects.exclude(room__phase=Room.Phase.CLOSED).filter(state__in=states)
    return rooms.select_related("room__patient", "room__thread", "user").order_by("-device")


def recheck_patient(patient_id: UUID) -> None:
    """Put out, at once, whoever this patient's consent no longer covers; open the way for whom it covers again."""
    _recheck(_standing().filter(room__patient_id=patient_id))


def recheck_running_calls() -> None:
    """As recheck_patient for every call that runs: a directive may end by the clock, and then nobody signals it.

    Calls whose time is over are closed, whoever fell silent at the door has left, and the roster is compared with the
    forwarder.
    """
    covered = _recheck(_standing().filter(state__in=[state.value for state in INSIDE]))
    for room_id, users in covered.items():
        plane().confirm(room_id.bytes, users)
    give_up_the_silent()
    over = Room.objects.exclude(phase=Room.Phase.CLOSED).filter(ends_at__lt=now() - OVERTIME - timedelta(minutes=1))
    for room_id in over.values_list("pk", flat=True):
        close_room(room_id)
    for room_id in Admission.objects.filter(call__gt=0).values_list("room_id", flat=True).distinct():
        reconcile(room_id)


def _recheck(admissions: QuerySet[Admission]) -> dict[UUID, list[bytes]]:
    """Asks about each; returns, by room, the people inside whom consent covers."""
    covered: dict[UUID, list[bytes]] = {}
    for admission in admissions:
        decision = ask_consent(admission.user, admission.room)
        if decision.permit and State(admission.state) in INSIDE:
            covered.setdefault(admission.room_id, []).append(admission.user_id.bytes)
        if not decision.permit:
            if State(admission.state) in INSIDE:
                # Before any row is written: a database that is slow or locked must not keep media flowing.
                plane().cut(admission.room_id.bytes, admission.user_id.bytes)
            if decision.reason == Reason.PDP_UNAVAILABLE:
                # Nothing was withdrawn, and it could not be written down either; the person may come back.
                raise unavailable()
            _withdraw(admission)
        elif State(admission.state) == State.WAITING_CONSENT or list(decision.basis) != admission.basis:
            _permit(admission, list(decision.basis))
    return covered


def _withdraw(found: Admission) -> None:
    with transaction.atomic():
        room = lock_room(found.room_id)
        admission = admission_of(room, found.user_id)
        was = State(admission.state)
        device = admission.device or admission.knocked_from
        after = transition(was, Event.WITHDRAW)
        if isinstance(after, Refusal) or after == was:
            return
        admission.enter(after, now(), "consent_withdrawn")
        admission.basis = []
        if was in INSIDE:
            part(admission, "consent_withdrawn")
        admission.save()
        if was in PRESENT:
            record(admission, "room.remove", reason="consent_withdrawn")
            dismiss(room, admission, device, "consent_withdrawn")
        announce(room)


def _permit(found: Admission, basis: list[str]) -> None:
    with transaction.atomic():
        room = lock_room(found.room_id)
        admission = admission_of(room, found.user_id)
        after = transition(State(admission.state), Event.PERMIT)
        if not isinstance(after, Refusal):
            admission.enter(after, now())
        if admission.state == State.INVITED and admission.basis == []:
            # Nobody is inside yet: the basis is written when they knock.
            basis = []
        if isinstance(after, Refusal) and admission.basis == basis:
            return
        admission.basis = basis
        admission.save()
        announce(room)
