"""What people tells the apps above."""

from django.dispatch import Signal

care_team_changed = Signal()
"""Sent with `patient_id: UUID` when somebody joined or left a care team or the record got its account.

In the transaction of the change itself: whoever remembers decisions must forget them with the commit, not after it.
"""

demonstration_seeded = Signal()
"""Sent with `staff: tuple[DemoMember, ...]` when everybody of the demonstration has an account and keys."""
