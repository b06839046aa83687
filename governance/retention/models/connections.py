"""How a system is reached, and the map of where data lie in it."""

from django.db import models
from django.db.models import Q

from governance.people.models import Person
from governance.purposes.models import DataSystem, Purpose


class Connection(models.Model):
    """How a system is reached. Credentials never stand here: `options` names the environment variables that hold them."""

    system = models.OneToOneField(DataSystem, models.PROTECT, related_name="connection")
    kind = models.CharField(max_length=20)  # a key of settings.SAMMATI_CONNECTORS
    options = models.JSONField(default=dict)
    # When work may be done there, by the entity's clock; across midnight where it ends before it begins. null: always.
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)
    per_hour = models.PositiveIntegerField(null=True)  # parts begun there in an hour, at most
    # After so many days a backup of the system is overwritten at the latest. 0: there are none; null: nobody has said.
    backup_days = models.PositiveIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_time__isnull=True, until_time__isnull=True)
                | Q(from_time__isnull=False, until_time__isnull=False),
                name="a_window_has_two_ends",
            )
        ]


class DataMap(models.Model):
    """Where in a system a person's data of a purpose lies, how the person is found, and what is done with it.

    `spec` is read by the connector; its shape stands in the connector's docstring.
    """

    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="maps")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="maps")
    spec = models.JSONField(default=dict)
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    proposal_asked_at = models.DateTimeField(null=True)
    proposed_at = models.DateTimeField(null=True)
    proposal = models.JSONField(
        default=dict
    )  # {"spec"} or {"fault"}: names of tables and columns, never a value

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["system", "purpose"], name="one_map_per_purpose", nulls_distinct=False
            )
        ]
