"""What messaging tells the apps above."""

from django.dispatch import Signal

members_changed = Signal()
"""Sent on commit with `patient_id: UUID` when somebody joined or left a thread by its log."""
