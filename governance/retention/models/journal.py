"""How far an order is in each system, the proofs that it was found empty, and what a restored backup is held against."""

import uuid

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.lib.appendonly import AppendOnly
from governance.purposes.models import DataSystem, Purpose
from governance.retention.models.orders import ErasureOrder


class Step(models.Model):
    """The journal: how far one chunk of one system is. pending → erasing → erased → verified."""

    STATES = [
        ("pending", _("Waiting")),
        ("erasing", _("Being erased")),
        ("erased", _("Erased")),
        ("verified", _("Read back, nothing found")),
    ]

    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="steps")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="+")
    chunk = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=STATES, default="pending")
    found_before = models.PositiveBigIntegerField(null=True)  # of the first attempt, never overwritten
    erased = models.PositiveBigIntegerField(default=0)
    kept = models.JSONField(default=list)
    method = models.CharField(max_length=200, blank=True)
    found_after = models.PositiveBigIntegerField(null=True)  # in the whole system, when it was last read back
    residue = models.JSONField(default=list)  # places, never values; of the whole system
    fault = models.CharField(max_length=200, blank=True)  # class of the last error
    began_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["system__name", "chunk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "system", "chunk"], name="one_journal_row_per_chunk")
        ]


class Lot(models.Model):
    """One system's part of a long order, while several workers carry it out under the same claim: who took it is done soon.

    Taken once under each claim. Whoever ends the last one settles the order; should a worker die, nobody does, the lease
    runs out, and the next claim begins with the journal as it stands.
    """

    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="lots")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="+")
    fence = models.PositiveBigIntegerField(default=0)  # of the claim under which it was taken; 0: not yet
    ended_at = models.DateTimeField(null=True)
    not_before = models.DateTimeField(null=True)  # it was left alone until then: its hours, its pace, a hold

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "system"], name="one_lot_per_system")]


class Proof(AppendOnly):
    """That one system was read back and found empty. Written once per order and system, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="proofs")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="proofs")
    found_before = models.PositiveBigIntegerField()  # of the first attempt
    erased = models.PositiveBigIntegerField()
    found_after = models.PositiveBigIntegerField()  # always 0 for what the order covers
    not_erased = models.JSONField(default=list)  # [{"what", "where", "why", "count", "until"}]
    looked_at = models.JSONField(default=list)
    connector = models.CharField(max_length=80)  # kind and version
    method = models.CharField(max_length=200)
    erased_at = models.DateTimeField()
    read_back_at = models.DateTimeField()
    digest = models.CharField(max_length=64)  # SHA-256 over the canonical content
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "system"], name="exactly_one_proof_per_system"),
            models.CheckConstraint(condition=Q(found_after=0), name="a_proof_says_nothing_was_found"),
        ]


class Tombstone(AppendOnly):
    """That something was erased in a system, so that a restored backup is erased again: keyed hashes, no names."""

    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="tombstones")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="tombstones")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    before = models.DateTimeField()
    kind = models.CharField(max_length=10)  # number, name, email: how the system knew the person
    digest = models.CharField(max_length=64, db_index=True)  # HMAC-SHA-256 with the portal's tombstone key
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "system", "kind"], name="one_tombstone_of_a_kind")
        ]
