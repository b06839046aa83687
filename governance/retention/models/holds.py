"""What is kept because of a legal matter, whatever else would erase it."""

import uuid
from collections.abc import Collection

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from governance.people.models import Entity, Person
from governance.purposes.models import DataSystem, Purpose


class Matter(models.Model):
    """A legal matter that holds may serve. Its title is seen by legal alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # M-0001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="matters")
    title = models.CharField(max_length=200)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)


# What over() says, of a hold h, for a statement that reads it with all the rest: a person p, a purpose u (NULL: everything).
OVER = """h.system_id IS NULL AND h.released_at IS NULL AND (h.lapses_at IS NULL OR h.lapses_at > statement_timestamp())
    AND (h.person_id = p.id OR h.person_id IS NULL) AND (u.id IS NULL OR h.purpose_id = u.id OR h.purpose_id IS NULL)"""


class HoldQuerySet(models.QuerySet["Hold"]):
    def in_force(self) -> "HoldQuerySet":
        """From the first lawyer's word on; without a second one it lapses after some days."""
        return self.filter(Q(lapses_at__isnull=True) | Q(lapses_at__gt=Now()), released_at__isnull=True)

    def over(self, person_id: uuid.UUID, purpose_id: uuid.UUID | None) -> "HoldQuerySet":
        """Holds that cover this person on this purpose; an order for everything is covered by any of the person's."""
        about = Q(person_id=person_id) | Q(person__isnull=True)
        if purpose_id is not None:
            about &= Q(purpose_id=purpose_id) | Q(purpose__isnull=True)
        return self.in_force().filter(about, system__isnull=True)

    def over_any(self, people: Collection[uuid.UUID], purpose_id: uuid.UUID | None) -> "HoldQuerySet":
        """Holds that cover one of these people on this purpose: their person, or None for everybody."""
        about = Q(person_id__in=people) | Q(person__isnull=True)
        if purpose_id is not None:
            about &= Q(purpose_id=purpose_id) | Q(purpose__isnull=True)
        return self.in_force().filter(about, system__isnull=True)

    def in_system(
        self, system_id: uuid.UUID, person_id: uuid.UUID, purpose_id: uuid.UUID | None
    ) -> "HoldQuerySet":
        """Holds that keep this system's part of an order, while the other systems' parts go on."""
        about = Q(person_id=person_id) | Q(person__isnull=True)
        if purpose_id is not None:
            about &= Q(purpose_id=purpose_id) | Q(purpose__isnull=True)
        return self.in_force().filter(about, system_id=system_id)


class Hold(models.Model):
    """Keep, because of a matter: of one person, of one purpose, in one system, or what these have in common."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    matter = models.ForeignKey(Matter, models.PROTECT, related_name="holds")
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="legal_holds")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="legal_holds")
    system = models.ForeignKey(DataSystem, models.PROTECT, null=True, related_name="legal_holds")
    # A direction under DPDP Rules r.23(2): the person concerned is shown nothing of it.
    silent = models.BooleanField(default=False)
    agreed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")  # the second lawyer
    lapses_at = models.DateTimeField(null=True)  # until a second lawyer has agreed
    lapsed_at = models.DateTimeField(null=True)
    placed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(db_default=Now())
    released_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    second_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField(null=True)
    objects = HoldQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False) | Q(purpose__isnull=False) | Q(system__isnull=False),
                name="a_hold_names_what_it_holds",
            ),
            models.CheckConstraint(
                condition=Q(agreed_by__isnull=True) | ~Q(agreed_by=F("placed_by")),
                name="two_lawyers_place_a_hold",
            ),
            models.CheckConstraint(
                condition=Q(released_at__isnull=True)
                | (
                    Q(released_by__isnull=False) & Q(second_by__isnull=False) & ~Q(released_by=F("second_by"))
                ),
                name="a_release_needs_two_lawyers",
            ),
        ]

    @property
    def entity_id(self) -> uuid.UUID:
        return self.matter.entity_id
