"""What went wrong, since when we know it, and which clocks run from that moment."""

import uuid

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.capture.models import Programme
from governance.people.models import Entity, Person


class Incident(models.Model):
    STATES = [("open", _("Open")), ("closed", _("Closed"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # I-2026-000001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="incidents")
    programme = models.ForeignKey(Programme, models.PROTECT, null=True, related_name="incidents")
    what = models.TextField()
    aware_at = models.DateTimeField()  # every clock starts here
    opened_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=8, choices=STATES, default="open")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-aware_at"]


class Probe(models.Model):
    """One run of the exposure self-test: what was tried as whom, and whether it was refused."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())
    tried = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    findings = models.JSONField(default=list)  # [{"what": place, "as": role}], never a value
    # What the run covered: addresses, roles, and of their pairs how many were tried. 0 in runs of earlier versions.
    addresses = models.PositiveIntegerField(default=0)
    roles = models.PositiveSmallIntegerField(default=0)
    covered = models.PositiveIntegerField(default=0)


class Relaunch(models.Model):
    """The way back for a programme that an incident stopped: a line per control, three signatures, then it runs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    incident = models.OneToOneField(Incident, models.PROTECT, related_name="relaunch")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="relaunches")
    opened_at = models.DateTimeField(db_default=Now())
    asked_at = models.DateTimeField(null=True)  # somebody wants the machine's controls checked now
    checked_at = models.DateTimeField(null=True)
    results = models.JSONField(default=dict)  # control → {"ok": bool, "found": [words]}
    done_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-opened_at"]


class RelaunchSignature(models.Model):
    PARTS = [("dpo", _("Data protection officer")), ("owner", _("Owner")), ("security", _("Security"))]

    id = models.BigAutoField(primary_key=True)
    relaunch = models.ForeignKey(Relaunch, models.PROTECT, related_name="signatures")
    part = models.CharField(max_length=10, choices=PARTS)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["relaunch", "part"], name="one_relaunch_signature_per_part"),
            models.UniqueConstraint(fields=["relaunch", "person"], name="nobody_signs_a_relaunch_twice"),
        ]
