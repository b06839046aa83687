"""A person's exercise of a right: what was asked, by when it is due, and how it was answered."""

import uuid
from datetime import date

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.people.models import Entity, Person
from governance.retention.models import ErasureOrder


class Request(models.Model):
    RIGHTS = [
        ("access", _("See my data")), ("correction", _("Correct my data")), ("erasure", _("Erase my data")),
        ("objection", _("Object")), ("grievance", _("Complain")), ("nomination", _("Nominate somebody")),
    ]  # fmt: skip

    CHANNELS = [
        ("portal", _("In the portal")), ("letter", _("By letter")), ("email", _("By e-mail")), ("phone", _("By telephone")),
        ("in_person", _("In person")), ("guardian", _("By their guardian")), ("nominee", _("By their nominee")),
    ]  # fmt: skip
    EXTENSIONS = [("complex", _("The request is complex")), ("many", _("There are many requests"))]
    OUTCOMES = [
        ("granted", _("Done as asked")), ("partly", _("Done in part")), ("refused", _("Refused")),
        ("nothing", _("There was nothing to do")),
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
    channel = models.CharField(max_length=10, choices=CHANNELS, default="portal")
    logged_by = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="+"
    )  # who wrote it down, if not the person
    representation_id = models.UUIDField(null=True)  # by whose word, where somebody speaks for the person
    # `due_on` is the day that counts; once it was extended, this is the day it was before.
    first_due_on = models.DateField(null=True)
    extended_because = models.CharField(max_length=10, choices=EXTENSIONS, blank=True)
    extended_at = models.DateTimeField(null=True)
    # Reasonable doubt who asks: the clock stands still until the person has shown it.
    identity_asked_at = models.DateTimeField(null=True)
    identity_shown_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=OUTCOMES, blank=True)
    orders = models.ManyToManyField(ErasureOrder, related_name="requests")

    class Meta:
        ordering = ["due_on"]

    @property
    def extended_to(self) -> date | None:
        return self.due_on if self.first_due_on else None

    @property
    def stands_still(self) -> bool:
        return (
            self.identity_asked_at is not None and self.identity_shown_at is None and self.answered_at is None
        )

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class Nominee(models.Model):
    """Who may exercise the person's rights after death or incapacity (DPDP s.14), once the office has seen papers of both."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="nominees")
    name = models.CharField(max_length=200)
    contact = models.CharField(max_length=200)
    named_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    representation_id = models.UUIDField(
        null=True
    )  # by which they speak for the person: two of the office verify it

    class Meta:
        ordering = ["named_at"]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id
