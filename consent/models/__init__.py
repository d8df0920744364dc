"""The rows of consent: what was said, who stands where, and the emergencies that were declared."""

from consent.models.emergency import EmergencyAccess
from consent.models.said import ConsentEpoch, Directive, Revocation, Witnessing
from consent.models.standing import Authority, CapacityAssertion, Duty, EmergencyRefusal, Profile, SafeguardingBlock

__all__ = [
    "Authority",
    "CapacityAssertion",
    "ConsentEpoch",
    "Directive",
    "Duty",
    "EmergencyAccess",
    "EmergencyRefusal",
    "Profile",
    "Revocation",
    "SafeguardingBlock",
    "Witnessing",
]
