"""What left the vault, for whom, by whose word; and what became of it when a consent ended afterwards. No content here:
a package is sealed to its recipient, and what a person looks at is sealed to a key that only their browser has."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.capture.models import Programme
from governance.exports import rules
from governance.people.models import Entity, Person
from governance.purposes.models import Purpose


class Recipient(models.Model):
    """Who may open packages: a name and a public key, which a second person compared with the recipient's own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    public_key = models.BinaryField()  # X25519, 32 bytes
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the key
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(db_default=Now())
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(registered_by=F("confirmed_by")), name="nobody_confirms_their_own_key"),
            models.UniqueConstraint(
                fields=["entity", "fingerprint"], condition=Q(ended_at__isnull=True), name="one_recipient_of_a_key"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    @property
    def is_usable(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None


class ExportQuerySet(models.QuerySet["Export"]):
    def to_open(self) -> "ExportQuerySet":
        return self.select_related("programme__purpose__entity", "entity", "recipient", "asked_by")

    def visible_to(self, person: Person) -> "ExportQuerySet":
        return self.filter(entity_id__in=person.entities_where("exports.view"))

    def packable(self) -> "ExportQuerySet":
        """Those that the exporter may claim now: agreed to, and not under somebody's living lease."""
        free = Q(lease_until__isnull=True) | Q(lease_until__lt=Now())
        return self.filter(free, state__in=("waiting", "packing"))


class Export(models.Model):
    """One request to take content out of the vault: who, why, of what, from when to when, for whom; and who agreed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # X-2026-000001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="+")
    programme = models.ForeignKey(Programme, models.PROTECT, related_name="exports")
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="exports")
    why = models.TextField()
    fields = (
        models.JSONField()
    )  # {signal: [field, …]}: what of each event goes out; time and application always
    since = models.DateField()
    until = models.DateField()  # both days included, in UTC, by when it was admitted
    state = models.CharField(max_length=10, choices=rules.STATES, default="asked")
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    advice = models.TextField(blank=True)
    favourable = models.BooleanField(null=True)
    advised_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    advised_at = models.DateTimeField(null=True)
    owner_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    owner_at = models.DateTimeField(null=True)
    against_advice = models.TextField(blank=True)  # the owner's reasons, where the advice was against it
    second_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    pack_before = models.DateTimeField(
        null=True
    )  # an agreement that nobody carried out in time is none any more
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_because = models.CharField(
        max_length=40, blank=True
    )  # a code of rules.ENDED, or of rules.PUT_OFF while it waits
    packed_at = models.DateTimeField(null=True)  # every consent was asked again at this moment
    expires_at = models.DateTimeField(null=True)  # then the package is deleted
    manifest = models.JSONField(null=True)  # its head; the segments stand in ExportedSegment
    package_sha256 = models.CharField(max_length=64, blank=True)
    package_size = models.PositiveBigIntegerField(default=0)
    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="an_export_has_a_period"),
            models.CheckConstraint(
                condition=~Q(asked_by=F("advised_by")) & ~Q(asked_by=F("owner_by")) & ~Q(asked_by=F("second_by"))
                & ~Q(advised_by=F("owner_by")) & ~Q(advised_by=F("second_by")) & ~Q(owner_by=F("second_by")),
                name="nobody_speaks_twice_about_an_export",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("waiting", "packing", "ready"))
                | Q(advised_by__isnull=False, owner_by__isnull=False, second_by__isnull=False, pack_before__isnull=False),
                name="an_export_has_its_three_voices",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return self.number


class ExportedPerson(models.Model):
    """That something about one person is in one export, under which name they stand in it. Only they see this row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    export = models.ForeignKey(Export, models.PROTECT, related_name="people")
    person = models.ForeignKey(Person, models.PROTECT, related_name="exported")
    subject = models.CharField(max_length=32)  # random, another in every export
    events = models.PositiveBigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "person"], name="one_name_per_export_and_person")
        ]

    only_for_its_person = True

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class ExportedSegment(models.Model):
    """One line of a manifest: which sealed segment, under which consent event, with which fingerprint."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="segments")
    person = models.ForeignKey(ExportedPerson, models.PROTECT, related_name="segments")
    position = models.PositiveIntegerField()
    segment = models.UUIDField()
    stream = models.UUIDField()
    consent_event = models.UUIDField()
    notice_version = models.PositiveIntegerField(null=True)
    signal = models.SlugField(max_length=40)
    events = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)  # over the lines of the package
    leaf = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["export", "position"], name="one_line_per_position")]
        indexes = [models.Index(fields=["stream"]), models.Index(fields=["segment"])]


class PackagePart(models.Model):
    """A piece of a sealed package, in order; gone when the link has expired."""

    export = models.ForeignKey(Export, models.PROTECT, related_name="parts")
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["export", "position"], name="one_part_per_position")]


class Download(models.Model):
    """That somebody took a package, a manifest or a list of exclusions."""

    WHAT = [("package", _("Package")), ("manifest", _("Manifest")), ("exclusions", _("List of exclusions"))]

    export = models.ForeignKey(Export, models.PROTECT, related_name="downloads")
    what = models.CharField(max_length=10, choices=WHAT)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-at"]


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def to_open(self) -> "DatasetQuerySet":
        return self.select_related("export__programme__purpose", "entity", "holder")


class Dataset(models.Model):
    """What a recipient made of one export, and who answers for it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # D-2026-000001
    export = models.ForeignKey(Export, models.PROTECT, related_name="datasets")
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="+")
    name = models.CharField(max_length=200)
    holder = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(db_default=Now())
    objects = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["-registered_at"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        """Its holder answers for it, whatever their role is."""
        return self.holder_id == person_id


class ModelRun(models.Model):
    """One training that used one dataset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="runs")
    name = models.CharField(max_length=200)
    version = models.CharField(max_length=100)
    trained_at = models.DateTimeField()
    registered_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-trained_at"]


class Exclusion(models.Model):
    """Consent ended, or content was deleted, after it had gone into a dataset: it has to come out, by a day, and what
    cannot come out is said to the person."""

    BECAUSE = [("ended", _("the consent ended")), ("erased", _("it was erased"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    dataset = models.ForeignKey(Dataset, models.PROTECT, related_name="exclusions")
    about = models.ForeignKey(ExportedPerson, models.PROTECT, related_name="exclusions")
    segments = ArrayField(models.UUIDField())
    because = models.CharField(max_length=10, choices=BECAUSE)
    ended_at = models.DateTimeField()
    raised_at = models.DateTimeField(db_default=Now())
    due_on = models.DateField()
    acknowledged_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    acknowledged_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    removed_from_data = models.BooleanField(null=True)
    models_done = models.CharField(max_length=12, choices=rules.MODELS_DONE, blank=True)
    why_not = models.CharField(max_length=12, choices=rules.WHY_NOT, blank=True)

    class Meta:
        ordering = ["due_on"]
        indexes = [
            models.Index(fields=["due_on"], condition=Q(answered_at__isnull=True), name="exclusions_open")
        ]

    @property
    def state(self) -> str:
        if self.answered_at:
            return "done"
        return "running" if self.acknowledged_at else "waiting"

    @property
    def part_of(self) -> Dataset:
        return self.dataset

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        """The notice is its dataset's holder's."""
        return self.dataset.holder_id == person_id


class OwnView(models.Model):
    """A person looks at their own content: sealed to a key that only their browser has, for ten minutes."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    public_key = models.BinaryField()
    asked_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    events = models.PositiveIntegerField(null=True)
    sealed = models.BinaryField(null=True)

    class Meta:
        ordering = ["-asked_at"]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class OwnDeletion(models.Model):
    """A person deletes what was recorded about them since a moment, and goes on saying yes. Rows go; keys stay."""

    STATES = [
        ("waiting", _("Waiting")), ("held", _("Held")), ("restricted_hold", _("Restricted, kept by law")),
        ("retention_conflict", _("Retention conflict")), ("done", _("Done")),
    ]  # fmt: skip
    SPANS = [("hour", _("the last hour")), ("day", _("the last 24 hours")), ("everything", _("everything"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, models.PROTECT, related_name="+")
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="+")
    span = models.CharField(max_length=10, choices=SPANS)
    since = models.DateTimeField(null=True)  # null: from the beginning
    until = models.DateTimeField()
    state = models.CharField(max_length=20, choices=STATES, default="waiting")
    reasons = models.JSONField(default=list)
    kept_until = models.DateField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    segments = ArrayField(models.UUIDField(), default=list)
    events = models.PositiveBigIntegerField(default=0)
    found_after = models.PositiveBigIntegerField(null=True)
    read_back_at = models.DateTimeField(null=True)
    followed = models.BooleanField(db_default=False)  # whether datasets were looked through for it

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="done") | Q(found_after=0, read_back_at__isnull=False), name="deleted_means_read_back"
            )
        ]  # fmt: skip

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id
