"""What people tells the apps above."""

from django.dispatch import Signal

care_team_changed = Signal()
"""Sent on commit with `patient_id: UUID` when somebody joined or left a care team."""
