"""What consent hears: a care team that changed is a change of who may do what."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from django.db import transaction

from consent.models import ConsentEpoch
from consent.signals import consent_changed
from people.signals import care_team_changed


def connect() -> None:
    """Registers everything; called once, when the app is ready."""
    care_team_changed.connect(on_care_team_changed, dispatch_uid="consent.care_team")


@transaction.atomic
def on_care_team_changed(sender: object, *, patient_id: UUID, **_: object) -> None:
    """Raises the patient's epoch, so that no decision made under the old team is kept, and tells the apps above."""
    ConsentEpoch.objects.get_or_create(patient_id=patient_id)
    epoch = ConsentEpoch.objects.select_for_update().get(patient_id=patient_id)
    epoch.number += 1
    epoch.save()
    transaction.on_commit(partial(consent_changed.send_robust, ConsentEpoch, patient_id=patient_id, epoch=epoch.number))
