"""What must go: connections and their maps, holds, orders, the journal of carrying them out, and the proofs."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.lib.appendonly import AppendOnly
from governance.lib.connectors import Scope
from governance.people.models import Entity, Person
from governance.purposes.models import DataSystem, Purpose, RetentionRule
from governance.retention.rules import CAUSES


class Connection(models.Model):
    """How a system is reached. Credentials never stand here: `options` names the environment variables that hold them."""

    system = models.OneToOneField(DataSystem, models.PROTECT, related_name="connection")
    kind = models.CharField(max_length=20)  # a key of settings.SAMMATI_CONNECTORS
    options = models.JSONField(default=dict)
    # When work may be done there, by the entity's clock; across midnight where it ends before it begins. null: always.
    from_time = models.TimeField(null=True)
    until_time = models.TimeField(null=True)
    per_hour = models.PositiveIntegerField(null=True)  # parts begun there in an hour, at most

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


class Matter(models.Model):
    """A legal matter that holds may serve. Its title is seen by legal alone."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # M-0001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="matters")
    title = models.CharField(max_length=200)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)


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


class Step(models.Model):
    """The journal: how far one chunk of one system is. pending → erasing → erased → verified."""

    STATES = [
        ("pending", _("Waiting")),
        ("erasing", _("Being erased")),
        ("erased", _("Erased")),
        ("verified", _("Read back, nothing found")),
    ]

    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="steps")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="+")
    chunk = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=STATES, default="pending")
    found_before = models.PositiveBigIntegerField(null=True)  # of the first attempt, never overwritten
    erased = models.PositiveBigIntegerField(default=0)
    kept = models.JSONField(default=list)
    method = models.CharField(max_length=200, blank=True)
    found_after = models.PositiveBigIntegerField(null=True)  # in the whole system, when it was last read back
    residue = models.JSONField(default=list)  # places, never values; of the whole system
    fault = models.CharField(max_length=200, blank=True)  # class of the last error
    began_at = models.DateTimeField(null=True)
    erased_at = models.DateTimeField(null=True)
    verified_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["system__name", "chunk"]
        constraints = [
            models.UniqueConstraint(fields=["order", "system", "chunk"], name="one_journal_row_per_chunk")
        ]


class Proof(AppendOnly):
    """That one system was read back and found empty. Written once per order and system, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="proofs")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="proofs")
    found_before = models.PositiveBigIntegerField()  # of the first attempt
    erased = models.PositiveBigIntegerField()
    found_after = models.PositiveBigIntegerField()  # always 0 for what the order covers
    not_erased = models.JSONField(default=list)  # [{"what", "where", "why", "count", "until"}]
    looked_at = models.JSONField(default=list)
    connector = models.CharField(max_length=80)  # kind and version
    method = models.CharField(max_length=200)
    erased_at = models.DateTimeField()
    read_back_at = models.DateTimeField()
    digest = models.CharField(max_length=64)  # SHA-256 over the canonical content
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "system"], name="exactly_one_proof_per_system"),
            models.CheckConstraint(condition=Q(found_after=0), name="a_proof_says_nothing_was_found"),
        ]


class Tombstone(AppendOnly):
    """That something was erased in a system, so that a restored backup is erased again: keyed hashes, no names."""

    order = models.ForeignKey(ErasureOrder, models.PROTECT, related_name="tombstones")
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="tombstones")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    before = models.DateTimeField()
    kind = models.CharField(max_length=10)  # number, name, email: how the system knew the person
    digest = models.CharField(max_length=64, db_index=True)  # HMAC-SHA-256 with the portal's tombstone key
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "system", "kind"], name="one_tombstone_of_a_kind")
        ]


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


class ManualTask(models.Model):
    """Erase by hand what no program reaches: a named person does it and files a proof, a second person looks.

    No free text and no file name: both would carry names into a table that outlives the person.
    """

    SENT_BACK = [
        ("other_system", _("It does not show this system.")),
        ("other_scope", _("It shows another person, purpose or day.")),
        ("still_there", _("It still shows the data.")),
        ("not_readable", _("It cannot be read.")),
    ]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(DataSystem, models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, null=True, related_name="+")
    before = models.DateTimeField()
    owner = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    found = models.PositiveIntegerField(null=True)  # how much there was, as the one says who erased it
    file_type = models.CharField(max_length=100, blank=True)
    file_size = models.PositiveIntegerField(null=True)
    file_sha256 = models.CharField(max_length=64, blank=True)
    filed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    filed_at = models.DateTimeField(null=True)
    sent_back = models.CharField(max_length=20, choices=SENT_BACK, blank=True)
    second_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    accepted_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["system", "person", "purpose", "before"],
                name="one_task_per_scope",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True)
                | (Q(filed_by__isnull=False) & Q(second_by__isnull=False) & ~Q(filed_by=F("second_by"))),
                name="a_second_person_looked",
            ),
        ]

    @property
    def entity_id(self) -> uuid.UUID:
        return self.system.entity_id

    @property
    def state(self) -> str:
        if self.accepted_at:
            return "done"
        return "waiting_for_check" if self.filed_at else "waiting"

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        """The task is its owner's; what it is about is another person's."""
        return self.owner_id == person_id


class ManualEvidence(models.Model):
    """The bytes of a proof until a second person has looked; then its hash stays, and they go."""

    task = models.OneToOneField(ManualTask, models.CASCADE, primary_key=True, related_name="evidence")
    content = models.BinaryField()


from governance.retention.models_read import ChoiceRead, NameOpening, ReadingProgram  # noqa: E402, F401 - tables of this app too
