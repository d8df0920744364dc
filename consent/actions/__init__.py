"""What changes consent: giving and withdrawing, who stands for whom, and words that were witnessed."""

from consent.actions.giving import give_directive, stored_signers, withdraw

__all__ = ["give_directive", "stored_signers", "withdraw"]
