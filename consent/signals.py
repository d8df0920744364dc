"""The one word by which consent is heard above: sent after commit, with `patient_id: UUID` and `epoch: int`."""

from django.dispatch import Signal

consent_changed = Signal()
