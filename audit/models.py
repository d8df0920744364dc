"""The append-only ledger. It names people by id alone, so that erasing a name leaves every hash valid."""

from __future__ import annotations

from django.db import models

from audit.rules import content_of


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
    seal = models.BinaryField(max_length=32, default=b"")
    """A MAC over the leaf under a key that is not in the database: what did not come through the product lacks it."""

    class Meta:
        indexes = [models.Index(fields=["patient", "id"], name="ledger_of_a_patient")]

    def __str__(self) -> str:
        return f"{self.verb} #{self.pk}"

    def content(self) -> dict[str, object]:
        """What the leaf is the hash of."""
        return content_of(self, self.at)


class Place(models.Model):
    """An entry's place in the tree, given once, in one order, by one sequencer; append-only like the entries.

    `seal` binds the place to the entry under the ledger's key: two places that were exchanged no longer fit.
    """

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="place", db_constraint=False)
    leaf = models.BinaryField(max_length=32)
    seal = models.BinaryField(max_length=32)


class Node(models.Model):
    """The hash of a perfect subtree of 256 to the power of `level` leaves, so that a proof need not read them all."""

    level = models.PositiveSmallIntegerField()
    index = models.BigIntegerField()
    hash = models.BinaryField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["level", "index"], name="one_hash_a_subtree")]


class Tree(models.Model):
    """The one row that the sequencer locks: how many places are given, and the peaks of the tree over them."""

    size = models.BigIntegerField(default=0)
    peaks = models.JSONField(default=list)
    """Hashes of the perfect subtrees as hex, the widest first."""


class Checkpoint(models.Model):
    """A signed statement of the tree's size and root, in the form in which it is published."""

    size = models.BigIntegerField(unique=True)
    note = models.TextField()
    at = models.DateTimeField()


class Publication(models.Model):
    """One checkpoint on its way to one place outside; kept until it is there, and ever after as evidence."""

    checkpoint = models.ForeignKey(Checkpoint, on_delete=models.PROTECT, related_name="publications")
    place = models.CharField(max_length=300)
    done_at = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    next_try_at = models.DateTimeField()
    trouble = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["checkpoint", "place"], name="once_a_place")]
