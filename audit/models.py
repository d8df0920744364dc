"""The append-only ledger. It names people by id alone, so that erasing a name leaves every hash valid."""

from __future__ import annotations

from django.db import models


class Entry(models.Model):
    """One thing that was done, read, decided or refused. Database triggers refuse UPDATE, DELETE and TRUNCATE.

    `id` orders entries as they were written; a tree over the leaves gives them their proven place.
    """

    at = models.DateTimeField(db_index=True)
    actor = models.UUIDField(null=True)
    actor_org = models.UUIDField(null=True)
    patient = models.UUIDField(null=True)
    verb = models.CharField(max_length=64)
    object_kind = models.CharField(max_length=32, blank=True)
    object_id = models.CharField(max_length=64, blank=True)
    outcome = models.CharField(max_length=8)
    """`done`, `permit`, `deny` or `failed`."""
    reason = models.CharField(max_length=64, blank=True)
    basis = models.JSONField(default=list)
    """Ids of the directives relied on."""
    detail = models.JSONField(default=dict)
    """Codes and counts; never clinical text."""
    leaf = models.BinaryField(max_length=32)

    class Meta:
        indexes = [models.Index(fields=["patient", "id"], name="ledger_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.verb} #{self.pk}"

    def content(self) -> dict[str, object]:
        """What the leaf is the hash of."""
        return {
            "at": round(self.at.timestamp() * 1_000_000),
            "actor": self.actor.hex if self.actor else "",
            "actor_org": self.actor_org.hex if self.actor_org else "",
            "patient": self.patient.hex if self.patient else "",
            "verb": self.verb,
            "object_kind": self.object_kind,
            "object_id": self.object_id,
            "outcome": self.outcome,
            "reason": self.reason,
            "basis": list(self.basis),
            "detail": dict(self.detail),
        }
