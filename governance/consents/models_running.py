"""Which programmes run for a purpose, as the floor above tells it, so that an event can say under which a word was given."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.purposes.models import Purpose


class RunningProgramme(models.Model):
    """One programme by its opaque id: its number, the fingerprint of its terms, and whether it runs now."""

    id = models.UUIDField(primary_key=True, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    number = models.CharField(max_length=12)
    terms_sha256 = models.CharField(max_length=64)
    runs = models.BooleanField(default=False)
    ended = models.BooleanField(
        default=False
    )  # for good: it says nothing any more about whom its purpose is about
    # Whom it may be about, of those who work there; an empty list does not narrow.
    sites = ArrayField(models.BigIntegerField(), default=list)
    units = ArrayField(models.BigIntegerField(), default=list)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    kinds = ArrayField(models.CharField(max_length=10), default=list)  # "own", "agency"

    class Meta:
        ordering = ["number"]
        indexes = [
            models.Index(fields=["purpose"], condition=models.Q(runs=True), name="running_for_a_purpose")
        ]
