"""Who was shown what a person chose, and the names behind numbers that two people opened."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from governance.lib.appendonly import AppendOnly
from governance.people.models import Person


class ChoiceRead(AppendOnly):
    """Somebody was shown what a person chose: the first time each day, for the person to see. Opaque ids and codes."""

    person_id = models.UUIDField()
    entity_id = models.UUIDField()
    reader_id = models.UUIDField()  # a person, or a program where `role` says so
    role = models.CharField(max_length=20, blank=True)
    how = models.CharField(
        max_length=20
    )  # the page or document: order, orders, objections, objection, optouts, …
    about_id = models.UUIDField(null=True)
    day = models.DateField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_id", "reader_id", "how", "about_id", "day"], nulls_distinct=False, name="one_read_a_day"
            )
        ]  # fmt: skip
        indexes = [models.Index(fields=["person_id", "-at"])]


class ReadingProgram(models.Model):
    """A program that may be told what people chose, as they find it on their own page. Its id is that of its key's row."""

    id = models.UUIDField(primary_key=True, editable=False)
    entity_id = models.UUIDField()
    name = models.CharField(max_length=100)
    operator = models.CharField(max_length=200, blank=True)  # the company that runs it; "": the entity itself


class NameOpening(models.Model):
    """The name behind a number, asked for by one and opened by another, for a matter, until a moment."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    matter = models.ForeignKey("retention.Matter", models.PROTECT, related_name="+")
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    second_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    agreed_at = models.DateTimeField(null=True)
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(second_by__isnull=False, agreed_at__isnull=False) & ~Q(second_by=F("asked_by")),
                name="an_open_name_has_two_who_opened_it",
            )
        ]  # fmt: skip

    @property
    def entity_id(self) -> uuid.UUID:
        return self.matter.entity_id
