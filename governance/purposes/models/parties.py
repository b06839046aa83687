"""Who processes for us, and for whom we process: the processor register."""

import uuid
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from governance.people.models import Entity


class Processor(models.Model):
    """Somebody who processes on an entity's behalf, under a contract (GDPR Art. 28; DPDP s.8(2), r.6(1)(f))."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="processors")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=300, blank=True)
    country = models.CharField(max_length=2)
    contract = models.CharField(max_length=200, blank=True)  # its reference
    contract_from = models.DateField(null=True, blank=True)
    contract_until = models.DateField(null=True, blank=True)
    clauses = ArrayField(models.CharField(max_length=40), default=list, blank=True)  # lists.toml: clause
    subprocessors = models.JSONField(default=list, blank=True)  # [{"name", "country", "agreed_on"}]
    tool = models.CharField(max_length=20, blank=True)  # lists.toml: tool
    assessed_on = models.DateField(null=True, blank=True)  # transfer impact assessment
    security_note = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def under_contract(self, on: date) -> bool:
        return (
            bool(self.contract)
            and self.contract_from is not None
            and self.contract_from <= on
            and (self.contract_until is None or on < self.contract_until)
        )


class Mandate(models.Model):
    """One controller for whom an entity of the group processes: a row of the record of Art. 30(2)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="mandates")  # the processor
    number = models.CharField(max_length=12, unique=True)  # M-0001
    controller_name = models.CharField(max_length=200)
    controller_contact = models.CharField(max_length=300)
    controller_country = models.CharField(max_length=2)
    representative = models.CharField(max_length=300, blank=True)
    dpo = models.CharField(max_length=300, blank=True)
    categories = models.TextField()  # of processing carried out for this controller
    subprocessors = models.JSONField(default=list, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)  # to which data go
    safeguards = models.TextField(blank=True)  # Art. 46, or 49(1) second subparagraph
    security = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    security_note = models.TextField(blank=True)
    contract = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.controller_name}"
