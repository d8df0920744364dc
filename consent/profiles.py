"""The four kinds of organisation whose consent rules an organisation starts from; afterwards its own row counts.

Defaults, not law: what an organisation may allow is its lawyers' word (docs/consent.md has where each comes from).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Default = Literal["deny", "implied-direct-care", "team-unlabelled"]
"""What holds where no directive speaks: nothing; reading of unlabelled things for treatment; or whatever a role may do
with unlabelled things, for the patient's standing care team."""


@dataclass(frozen=True)
class ProfileRules:
    """An organisation's rules; days and hours are upper bounds, ages are in whole years."""

    default: Default
    longest_days: int = 366
    review_days: int = 90
    emergency_hours: int = 4
    emergency_history_days: int = 30
    majority_age: int = 18
    own_consent_age: int = 18
    contentless_notices: bool = False


TEMPLATES: dict[str, ProfileRules] = {
    "multidisciplinary": ProfileRules("deny"),
    "payer_provider": ProfileRules("team-unlabelled"),
    "nhs_locality": ProfileRules("implied-direct-care", own_consent_age=16),
    "community": ProfileRules("deny", contentless_notices=True),
}
"""A centre of many departments, an integrated payer and provider, an NHS locality, a community mental-health centre."""
TITLES = {
    "multidisciplinary": "Multidisciplinary centre",
    "payer_provider": "Payer and provider in one",
    "nhs_locality": "NHS locality",
    "community": "Community mental-health centre",
}
FALLBACK = "multidisciplinary"
"""For an organisation that has chosen none: the strictest."""
