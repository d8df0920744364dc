"""The words by which consent is heard above: sent after commit, with `patient_id: UUID` and `epoch: int`.

Three, in this order, since what comes first must not wait for what takes long: what is remembered is void, whatever
runs is cut, and then people are told.
"""

from django.dispatch import Signal

consent_moved = Signal()
"""For what decisions rest on in memory: a receiver does next to nothing."""
consent_changed = Signal()
"""For what runs: calls and sessions ask again."""
consent_told = Signal()
"""For people's screens."""
