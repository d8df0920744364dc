"""What scheduling hears: consent that has moved, relationships that ended, and questions at delivery."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from consent.signals import consent_changed
from live import registry
from messaging.signals import members_changed
from people.models import User
from scheduling.access import access_session
from scheduling.actions.sessions import recheck_patient
from scheduling.models import Participant
from wire.errors import NotFound
from wire.scheduling import SessionChanged, SessionLost


def _recheck(sender: object, *, patient_id: UUID, **_: object) -> None:
    recheck_patient(patient_id)


def may_hear_of_session(user_id: UUID, frame: SessionChanged) -> bool:
    """Asked at the moment of delivery: somebody on the list whom consent covers."""
    person = User.objects.filter(pk=user_id, is_active=True).first()
    if person is None:
        return False
    try:
        access_session(person, UUID(bytes=frame.session), timezone.now())
    except NotFound:
        return False
    return True


def may_hear_of_loss(user_id: UUID, frame: SessionLost) -> bool:
    """Asked at the moment of delivery: somebody who was on the list and is not any more."""
    places = Participant.objects.filter(session_id=UUID(bytes=frame.session), user_id=user_id)
    return places.filter(state=Participant.State.WITHDRAWN).exists()


def register() -> None:
    """Connect, once, when Django starts."""
    consent_changed.connect(_recheck, dispatch_uid="scheduling.consent", weak=False)
    members_changed.connect(_recheck, dispatch_uid="scheduling.members", weak=False)
    registry.guard(SessionChanged)(may_hear_of_session)
    registry.guard(SessionLost)(may_hear_of_loss)
