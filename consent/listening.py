"""What consent hears: a care team that changed is a change of who may do what."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from consent import standing
from consent.actions.standing import entrust
from consent.epochs import raise_epoch
from consent.reminders import remind
from live import housekeeping
from people import access as people_access
from people import certify
from people.demo import DemoMember
from people.models import Organisation, User
from people.signals import care_team_changed, demonstration_seeded


def connect() -> None:
    """Registers everything; called once, when the app is ready."""
    care_team_changed.connect(on_care_team_changed, dispatch_uid="consent.care_team")
    demonstration_seeded.connect(on_demonstration_seeded, dispatch_uid="consent.demonstration")
    people_access.shares_work(standing.met_by_standing)
    certify.office_ends(standing.minority_ends)
    housekeeping.every(3600, "consent.reminders")(remind_now)


def remind_now() -> None:
    """Asks whoever is to be asked at this hour."""
    remind(timezone.now())


def on_care_team_changed(sender: object, *, patient_id: UUID, **_: object) -> None:
    """Raises the patient's epoch, so that no decision made under the old team is kept, and tells the apps above."""
    raise_epoch(patient_id)


def on_demonstration_seeded(sender: object, *, staff: tuple[DemoMember, ...], **_: object) -> None:
    """Entrusts the demonstration's staff with what the story needs of them."""
    for one in staff:
        for kind in one.duties:
            entrust(User.objects.get(email=one.email), Organisation.objects.get(name=one.organisation), kind, None)
