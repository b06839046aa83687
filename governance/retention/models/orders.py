"""The orders to erase: what, until when, because of what, and how far it is."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.lib.connectors import Scope
from governance.people.models import Entity, Person
from governance.purposes.models import Purpose, RetentionRule
from governance.retention.models.holds import Hold
from governance.retention.rules import CAUSES

# A person's own word is carried out before what the calendar brings.
TURN = Case(
    *(When(because=because, then=Value(turn)) for because, turn in CAUSES.items()),
    default=Value(max(CAUSES.values())),
    output_field=models.IntegerField(),
)


class OrderQuerySet(models.QuerySet["ErasureOrder"]):
    def waiting(self) -> "OrderQuerySet":
        """Orders that a worker may claim now: due, and not under somebody's living lease."""
        return self.filter(
            Q(state__in=("waiting", "erasing", "partly")),
            Q(paused_at__isnull=True),
            Q(approval_wanted_at__isnull=True) | Q(second_by__isnull=False),
            Q(notice_hours=0) | Q(notice_delivered_at__isnull=False),
            Q(try_after__lte=Now()),
            Q(lease_until__isnull=True) | Q(lease_until__lt=Now()),
        ).order_by(TURN, "try_after")

    def pks(self) -> list[uuid.UUID]:
        return list(self.values_list("pk", flat=True))

    def to_approve(self) -> "OrderQuerySet":
        """Wait for two people, the first of whom may have agreed already."""
        return self.filter(
            state__in=("waiting", "partly"), approval_wanted_at__isnull=False, second_by__isnull=True
        )

    def to_look_at(self) -> "OrderQuerySet":
        """Somebody asked what exactly would be erased, and was not told yet."""
        return self.filter(
            Q(looked_at__isnull=True) | Q(looked_at__lt=F("look_asked_at")), look_asked_at__isnull=False
        )

    def visible_to(self, person: Person) -> "OrderQuerySet":
        return self.filter(entity_id__in=person.entities_where("retention.view_orders"))


class ErasureOrder(models.Model):
    """Erase this person's data of this purpose, collected until `before`, because of that."""

    STATES = [
        ("waiting", _("Waiting")), ("held", _("Held")), ("erasing", _("Being erased")), ("partly", _("Partly done")),
        ("needs_attention", _("Needs attention")), ("restricted_hold", _("Kept locked away")),
        ("retention_conflict", _("Two laws disagree")), ("done", _("Done")), ("merged", _("Part of another order")),
        ("called_off", _("Called off")),
    ]  # fmt: skip
    ENDED = ("done", "merged", "called_off")
    ACTIONS = [("erase", _("Erase")), ("anonymise", _("Anonymise"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # E-2026-000001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="orders")
    person = models.ForeignKey(Person, models.PROTECT, related_name="orders")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="orders")
    streams = ArrayField(models.UUIDField(), default=list)
    before = models.DateTimeField()
    because = models.CharField(max_length=64)  # code of the event: consent.withdrawn, rule.due, …
    because_id = models.UUIDField()  # the event itself; the same event orders once
    jurisdictions = ArrayField(models.CharField(max_length=8), default=list)  # whose law covers the person
    law_on = models.DateField()  # the law of this day was applied
    processed_until = (
        models.DateField()
    )  # the last day on which data of the scope was processed: legal floors count from it
    state = models.CharField(max_length=20, choices=STATES, default="waiting")
    reasons = models.JSONField(
        default=list
    )  # sentences with their citations: why held, restricted or in conflict
    kept_until = models.DateField(null=True)
    not_searched = models.JSONField(
        default=list
    )  # [{"system": id, "why": code}]: registered for the purpose, not connected
    created_at = models.DateTimeField(db_default=Now())
    try_after = models.DateTimeField(db_default=Now())
    attempts = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)  # of the claim in force; an older one settles nothing
    done_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    paused_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    # Two people agree before much is erased that nobody concerned has asked for; until then nothing is begun.
    approval_wanted_at = models.DateTimeField(null=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    second_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    look_asked_at = models.DateTimeField(
        null=True
    )  # a dry run: what would go, from where; nothing is changed
    looked_at = models.DateTimeField(null=True)
    looked = models.JSONField(
        default=list
    )  # [{"system": id, "state", "parts": [{"part", "count"}]}]: places, never values
    action = models.CharField(max_length=10, choices=ACTIONS, default="erase")
    rule = models.ForeignKey(RetentionRule, models.PROTECT, null=True, related_name="+")  # that made it due
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, related_name="merged")
    # Where a law wants the person told first, nothing is begun until so many hours after the notice was delivered.
    notice_hours = models.PositiveSmallIntegerField(default=0)
    notice_id = models.BigIntegerField(null=True)  # the Message
    notice_delivered_at = models.DateTimeField(null=True)
    objects = OrderQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["because_id", "person", "purpose"], name="an_event_orders_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=False) | ~Q(state="done"), name="done_has_its_moment"
            ),
            models.CheckConstraint(
                condition=Q(second_by__isnull=True)
                | (Q(approved_by__isnull=False) & ~Q(approved_by=F("second_by"))),
                name="an_approval_needs_two_people",
            ),
        ]
        indexes = [models.Index(fields=["state", "try_after"]), models.Index(fields=["person", "purpose"])]

    def __str__(self) -> str:
        return self.number

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id

    def scope(self) -> Scope:
        """What the connectors are given; the identifiers are read from the person's row at the moment of asking."""
        names = {"number": self.person.number, "name": self.person.name, "email": self.person.email}
        return Scope(
            person=self.person_id, purpose=self.purpose_id, streams=tuple(self.streams), before=self.before,
            identifiers={key: value for key, value in names.items() if value}, anonymise=self.action == "anonymise",
        )  # fmt: skip

    def shown_state(self) -> str:
        """What the person concerned may be told: a direction that nothing be told (DPDP Rules r.23(2)) shows as waiting."""
        if self.state != "held":
            return self.state
        told = Hold.objects.over(self.person_id, self.purpose_id).filter(silent=False)
        return "held" if told.exists() else "waiting"
