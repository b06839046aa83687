"""What a period would make due, before it is saved."""

import uuid

from django.db import models
from django.db.models.functions import Now

from governance.people.models import Person
from governance.purposes.models import Purpose


class Simulation(models.Model):
    """What a period would make due, when and where, asked before it is saved: worked out by the eraser, who may look."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="simulations")
    law = models.CharField(max_length=8, blank=True)  # IN, EU or a country; "" for everybody
    period = models.CharField(max_length=8)  # P12M
    applies_from = models.DateField(null=True)
    on = models.DateField()
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    result = models.JSONField(null=True)  # see simulating.py: counts of people and rows, nobody by name
    ready_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]

    @property
    def part_of(self) -> Purpose:
        """Whoever may write the entry may try its periods."""
        return self.purpose
