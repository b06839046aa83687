"""Purposes, their versions, and what machines read of the version in force: signals, retention rules, systems."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast, Now, Substr
from django.utils.functional import cached_property
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.people.models import Entity, Person, Unit
from governance.purposes import catalogue
from governance.purposes.activity import Activity, load


@dataclass(frozen=True)
class Called:
    """The name of a purpose, and the language (BCP 47) in which it stands."""

    text: str
    language: str


class DataSystemQuerySet(models.QuerySet["DataSystem"]):
    def living(self) -> "DataSystemQuerySet":
        return self.filter(retired_at__isnull=True)


class DataSystem(models.Model):
    """A system in which personal data of a purpose lies; how it is reached is a Connection, one floor up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="systems")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    holds = models.TextField()  # what lies there, in words
    country = models.CharField(max_length=2)  # where it stands
    kind = models.CharField(max_length=20, default="other")  # lists.toml: system_kind
    owner = models.ForeignKey(Person, models.PROTECT, null=True, blank=True, related_name="+")
    categories = ArrayField(models.CharField(max_length=8), default=list, blank=True)  # KD, PAY, …
    parts = ArrayField(models.CharField(max_length=300), default=list, blank=True)  # tables, columns or paths
    retired_at = models.DateTimeField(null=True)
    retired_because = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    objects = DataSystemQuerySet.as_manager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PurposeQuerySet(models.QuerySet["Purpose"]):
    def visible_to(self, person: Person) -> "PurposeQuerySet":
        """Scope by the entity and department columns first, then one's own; guardian assignments are the exceptions."""
        if person.sees_no_content:
            return self.none()
        seen = Q(pk__in=PurposeUserObjectPermission.objects.filter(user=person).values("content_object_id"))
        if entities := person.entities_where("purposes.view"):
            seen |= Q(entity_id__in=entities)
        if units := person.units_where("purposes.view"):
            seen |= Q(unit_id__in=units)
        entities, units = person.theirs_where("purposes.view")
        if entities or units:
            seen |= Q(Q(entity_id__in=entities) | Q(unit_id__in=units), owner=person)
        return self.filter(seen)

    def to_open(self) -> "PurposeQuerySet":
        """With what every page of a purpose prints of it."""
        return self.select_related("entity", "unit", "owner", "approved_by")

    def asked_of(self, person: Person) -> "PurposeQuerySet":
        """The purposes on consent that may concern this person: running at an entity where they work."""
        job = person.employment
        if job is None:
            return self.none()
        return self.filter(state="active", entity_id=job.entity_id, asks_consent=True)


class Purpose(models.Model):
    """A row of the register: one activity and its purpose.

    What it says stands in its versions (activity.py). The columns here are what lists, the gate and the sweep read: a
    projection of the version in force, or of the first draft where none is in force yet (in_force.py writes them).
    """

    STATES = [
        ("draft", _("Draft")), ("in_review", _("In review")), ("approved", _("Approved")), ("active", _("Active")),
        ("paused", _("Paused")), ("retired", _("Retired")),
    ]  # fmt: skip
    ASSIGNABLE = {"purposes.view": ("view_purpose", "change_purpose"), "purposes.edit": ("change_purpose",)}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=12, unique=True)  # P-0001
    # P-10000 comes after P-9999, which it does not as text:
    ordinal = models.GeneratedField(
        expression=Cast(Substr("number", 3), models.IntegerField()),
        output_field=models.IntegerField(),
        db_persist=True,
    )
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="purposes")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="purposes"
    )  # a department
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="purposes_owned")
    state = models.CharField(max_length=12, choices=STATES, default="draft")
    version = models.PositiveIntegerField(default=0)  # the one in force; 0: none yet
    asks_from_notice = models.PositiveIntegerField(default=0)  # consents to older notices count no more
    review_on = models.DateField(null=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    paused_because = models.CharField(max_length=300, blank=True)
    systems = models.ManyToManyField(DataSystem, related_name="purposes", blank=True)
    # Projected from the activity:
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    uses = models.TextField(blank=True)
    kind = models.CharField(max_length=20, default="other")
    function = models.CharField(max_length=40, blank=True)
    people_codes = ArrayField(models.CharField(max_length=40), default=list)
    countries = ArrayField(models.CharField(max_length=2), default=list)
    jurisdictions = ArrayField(models.CharField(max_length=8), default=list)  # IN, EU
    basis_eu = models.CharField(max_length=2, blank=True)
    ground_in = models.CharField(max_length=4, blank=True)
    asks_consent = models.BooleanField(default=False)
    trains_ai = models.BooleanField(default=False)
    item_count = models.PositiveIntegerField(default=0)
    processor_codes = ArrayField(models.CharField(max_length=40), default=list)
    recipient_countries = ArrayField(models.CharField(max_length=2), default=list)
    longest = models.CharField(
        max_length=8, blank=True
    )  # the longest period of retention; "" when one has no end
    # What completeness.py and evaluating.py found, so that a list asks nobody:
    missing = models.JSONField(default=list)  # [{"field", "law"}]
    missing_count = models.PositiveIntegerField(default=0)
    verdict = models.CharField(max_length=16, blank=True)
    verdict_on = models.DateField(null=True)
    verdict_next = models.JSONField(default=list)  # [{"on", "outcome"}]
    # Where two laws disagree on how long it is kept: [{"category", "sources", "rows"}]
    retention_conflicts = models.JSONField(default=list)
    search = SearchVectorField(null=True)
    objects = PurposeQuerySet.as_manager()

    class Meta:
        ordering = ["ordinal"]
        indexes = [
            models.Index(fields=["ordinal"]), models.Index(fields=["entity", "ordinal"]), models.Index(fields=["unit", "ordinal"]),
            models.Index(fields=["owner", "ordinal"]), models.Index(fields=["entity", "state", "ordinal"]),
            models.Index(fields=["review_on", "ordinal"]), GinIndex(fields=["search"]),
            models.Index(fields=["entity", "ordinal"], condition=~Q(retention_conflicts=[]), name="where_two_laws_disagree"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def kept_by(self, person_id: uuid.UUID) -> bool:
        """Whether this person answers for it: what a programme owner may do, they may do over their own."""
        return self.owner_id == person_id

    def published_notice(self) -> Any:
        """The newest Notice that people are shown, or None."""
        return self.notices.filter(published_at__isnull=False).order_by("-version").first()

    def told_name(self, language: str) -> tuple[str, str]:
        """(name, its language) as the people concerned are told it: the notice's title, or the register's own words."""
        notice = self.published_notice()
        text = notice.text_for(language) if notice is not None else None
        return (text.title, text.language) if text is not None else (self.name, "en")

    @cached_property
    def called(self) -> Called:
        """As the notice calls it, in the language of whoever reads; where there is none, as the register does (English).

        For a person's own pages: there a purpose has one name, that under which it is put before them.
        """
        return Called(*self.told_name(get_language() or "en"))

    def shown_version(self) -> "PurposeVersion | None":
        """The version in force, or the newest where none is in force yet."""
        versions = self.versions.exclude(state="discarded").order_by("-number")
        return versions.filter(state="in_force").first() or versions.first()


class PurposeVersion(models.Model):
    """All that the register says of one purpose, from a day to a day. What was approved is never edited."""

    STATES = [
        ("draft", _("Draft")), ("in_review", _("In review")), ("approved", _("Approved")), ("in_force", _("In force")),
        ("superseded", _("Replaced")), ("discarded", _("Given up")),
    ]  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    content = models.JSONField()  # an Activity (activity.py)
    sha256 = models.CharField(max_length=64)
    state = models.CharField(max_length=12, choices=STATES, default="draft")
    revision = models.PositiveIntegerField(default=1)  # two people editing at once: the second is told
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    editors = ArrayField(
        models.UUIDField(), default=list
    )  # everybody who wrote in it: none of them approves it
    submitted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    submitted_at = models.DateTimeField(null=True)
    sent_back_because = models.TextField(blank=True)
    approved_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    approved_at = models.DateTimeField(null=True)
    approval_note = models.TextField(blank=True)
    in_force_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    material = models.JSONField(default=list)  # [{"field", "why", "cite"}] against the version before it
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["purpose", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "number"], name="one_version_of_a_number"),
            models.UniqueConstraint(fields=["purpose"], condition=Q(state="in_force"), name="one_version_in_force"),
            models.UniqueConstraint(
                fields=["purpose"], condition=Q(state__in=("draft", "in_review", "approved")), name="one_open_version"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("author")), name="nobody_approves_their_own"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("draft", "in_review", "discarded")) | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approved_has_its_approver",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["in_force_at", "ended_at"])]

    def __str__(self) -> str:
        return f"{self.purpose.number} v{self.number}"

    @property
    def activity(self) -> Activity:
        return load(self.content)

    @property
    def part_of(self) -> Purpose:
        return self.purpose

    @property
    def entity_id(self) -> uuid.UUID:
        return self.purpose.entity_id


class PurposeUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Purpose, models.CASCADE)


class PurposeGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Purpose, models.CASCADE)


class Signal(models.Model):
    """One kind of signal that a purpose declares, in its minimised form: what is not declared is refused for everybody."""

    purpose = models.ForeignKey(Purpose, models.CASCADE, related_name="signals")
    code = models.SlugField(max_length=40)  # ui_event; as in the catalogue
    fields = ArrayField(
        models.CharField(max_length=40)
    )  # what is kept of an event, besides time, action and application
    why = models.TextField()  # value assessment: why it is needed
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "code"]
        constraints = [models.UniqueConstraint(fields=["purpose", "code"], name="a_signal_is_declared_once")]

    def __str__(self) -> str:
        return self.code

    @property
    def entry(self) -> catalogue.SignalKind:
        return catalogue.signals()[self.code]

    @property
    def title(self) -> str:
        return self.entry.title(get_language() or "en")


class RetentionRuleQuerySet(models.QuerySet["RetentionRule"]):
    def living(self) -> "RetentionRuleQuerySet":
        return self.filter(ended_at__isnull=True)


class RetentionRule(models.Model):
    """How long one category of a purpose's data stays, by whose law, and what happens then."""

    ACTIONS = [("erase", _("Erase")), ("anonymise", _("Anonymise")), ("restrict", _("Restrict, then erase"))]
    STARTS = [
        ("collected", _("collected")), ("consent_ended", _("consent ended")), ("purpose_ended", _("purpose ended")),
        ("employment_ended", _("employment ended")), ("last_activity", _("last activity")), ("year_ended", _("end of the year")),
        ("decided", _("decision")), ("closed", _("case closed")), ("contract_ended", _("contract ended")), ("fixed_date", _("a fixed day")),
    ]  # fmt: skip
    # Nothing that Sammati sees tells when these begin: what they say is a duty of people, and is shown as such.
    NOT_ENFORCED = frozenset({"last_activity", "decided", "closed", "contract_ended"})

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="retention_rules")
    category = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=8, blank=True)  # IN, EU or a country
    start_event = models.CharField(max_length=20, choices=STARTS, default="collected")
    minimum = models.CharField(max_length=8, blank=True)  # ISO 8601: a legal floor
    maximum = models.CharField(max_length=8, blank=True)  # a ceiling
    action = models.CharField(max_length=12, choices=ACTIONS, default="erase")
    source = models.CharField(max_length=300, blank=True)
    applies_from = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)  # a later version of the register does not say so any more
    objects = RetentionRuleQuerySet.as_manager()

    @property
    def is_enforced(self) -> bool:
        """Does it come due by itself? A rule without an end, or counted from what nobody tells Sammati, does not."""
        return bool(self.maximum) and self.start_event not in self.NOT_ENFORCED

    class Meta:
        ordering = ["jurisdiction", "category"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "category", "jurisdiction", "start_event"], condition=Q(ended_at__isnull=True),
                name="one_living_rule_of_a_category",
            )
        ]  # fmt: skip
