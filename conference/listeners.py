"""What conference hears: consent that changed, and the media plane."""

from __future__ import annotations

from uuid import UUID

from conference.actions.media import on_media_event
from conference.actions.recheck import recheck_patient, recheck_running_calls
from conference.plane import on_look_round
from conference.plane import on_media_event as hear_plane
from consent.signals import consent_changed


def _consent_changed(patient_id: UUID, **_: object) -> None:
    recheck_patient(patient_id)


def register() -> None:
    """Connect, once, when Django starts."""
    consent_changed.connect(_consent_changed, dispatch_uid="conference.recheck", weak=False)
    hear_plane(on_media_event)
    on_look_round(recheck_running_calls)
