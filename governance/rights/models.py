"""A person's exercise of a right: what was asked, by when it is due, and how it was answered."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity, Person


class Request(models.Model):
    RIGHTS = [
        ("access", _("See my data")), ("correction", _("Correct my data")), ("erasure", _("Erase my data")),
        ("objection", _("Object")), ("grievance", _("Complain")), ("nomination", _("Nominate somebody")),
    ]  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # Q-2026-000001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="requests")
    person = models.ForeignKey(Person, models.PROTECT, related_name="requests")
    right = models.CharField(max_length=12, choices=RIGHTS)
    words = models.TextField(blank=True)
    law = models.CharField(max_length=120)  # with article, as of the day it came in
    received_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answer = models.TextField(blank=True)

    class Meta:
        ordering = ["due_on"]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class Nominee(models.Model):
    """Who may exercise the person's rights after death or incapacity (DPDP s.14)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="nominees")
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=200)
    named_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id
