"""The register: what is done with personal data, why, on which ground, with what, for how long, and what people are told."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.lib.canonical import digest
from governance.people.models import Entity, Person
from governance.purposes import catalogue


class DataSystem(models.Model):
    """A system in which personal data of a purpose lies; how it is reached is a Connection, one floor up."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="systems")
    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    holds = models.TextField()  # what lies there, in words
    country = models.CharField(max_length=2)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PurposeQuerySet(models.QuerySet["Purpose"]):
    def visible_to(self, person: Person) -> "PurposeQuerySet":
        """Scope by entity column first; guardian assignments are the exceptions."""
        assigned = PurposeUserObjectPermission.objects.filter(user=person).values("content_object_id")
        return self.filter(Q(entity_id__in=person.entities_where("purposes.view")) | Q(pk__in=assigned))

    def asked_of(self, person: Person) -> "PurposeQuerySet":
        """The purposes on consent that may concern this person: running at an entity where they work."""
        job = person.employment
        if job is None:
            return self.none()
        return self.filter(state="active", entity_id=job.entity_id, asks_consent=True)


class Purpose(models.Model):
    """A row of the register: one activity and its purpose."""

    STATES = [
        ("draft", _("Draft")), ("in_review", _("In review")), ("approved", _("Approved")), ("active", _("Active")),
        ("paused", _("Paused")), ("retired", _("Retired")),
    ]  # fmt: skip
    ASSIGNABLE = {"purposes.view": "view_purpose", "purposes.edit": "change_purpose"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=12, unique=True)  # P-0001
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="purposes")
    name = models.CharField(max_length=200)
    description = models.TextField()
    uses = models.TextField(blank=True)  # DPDP r.3(b)(ii): the service provided or use enabled
    people_concerned = models.TextField()
    data_items = models.JSONField(default=list)  # itemised, for purposes without signals: ["name", …]
    jurisdictions = ArrayField(models.CharField(max_length=8), default=list)  # IN, EU
    grounds = models.JSONField(default=dict)  # {"IN": "s.6", "EU": "6(1)(a)"}
    asks_consent = models.BooleanField(default=False)
    trains_ai = models.BooleanField(default=False)
    recipients = models.JSONField(
        default=list
    )  # [{"name": …, "kind": internal|processor|external, "country": …, "contract": …}]
    transfers = models.TextField(blank=True)
    security = models.TextField(blank=True)
    source = models.CharField(max_length=200, blank=True)
    automated_decisions = models.TextField(blank=True)
    assessment = models.TextField(blank=True)  # DPIA: reference and date
    works_council = models.TextField(blank=True)
    owner = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=12, choices=STATES, default="draft")
    version = models.PositiveIntegerField(default=1)
    systems = models.ManyToManyField(DataSystem, related_name="purposes", blank=True)
    review_on = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    objects = PurposeQuerySet.as_manager()

    class Meta:
        ordering = ["number"]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def published_notice(self) -> "Notice | None":
        return self.notices.filter(published_at__isnull=False).order_by("-version").first()


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


class RetentionRule(models.Model):
    """How long one category of a purpose's data stays, by whose law, and what happens then."""

    ACTIONS = [("erase", _("Erase")), ("anonymise", _("Anonymise")), ("restrict", _("Restrict, then erase"))]
    STARTS = [
        ("collected", _("collected")), ("consent_ended", _("consent ended")), ("purpose_ended", _("purpose ended")),
        ("employment_ended", _("employment ended")), ("last_activity", _("last activity")),
    ]  # fmt: skip

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="retention_rules")
    category = models.CharField(max_length=200)
    jurisdiction = models.CharField(max_length=8)  # IN, EU or a country
    start_event = models.CharField(max_length=20, choices=STARTS, default="collected")
    minimum = models.CharField(max_length=8, blank=True)  # ISO 8601: a legal floor
    maximum = models.CharField(max_length=8, blank=True)  # a ceiling
    action = models.CharField(max_length=12, choices=ACTIONS, default="erase")
    source = models.CharField(max_length=300)
    applies_from = models.DateField(null=True)

    class Meta:
        ordering = ["jurisdiction", "category"]


class Notice(models.Model):
    """One version of what people are told about a purpose. A published version is never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="notices")
    version = models.PositiveIntegerField()
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="one_notice_per_version")]
        ordering = ["purpose", "-version"]

    def __str__(self) -> str:
        return f"{self.purpose.number} notice {self.version}"

    @property
    def entity_id(self) -> uuid.UUID:
        return self.purpose.entity_id

    def text_for(self, language: str) -> "NoticeText | None":
        """The text in this language, or the English one, or none; the caller says which language was shown."""
        by_language = {text.language: text for text in self.texts.all()}
        return by_language.get(language) or by_language.get(language.split("-")[0]) or by_language.get("en")


class NoticeText(models.Model):
    """The exact words in one language. `elements` maps what the laws ask for (see catalogue.ELEMENTS) to text."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="texts")
    language = models.CharField(max_length=12)  # BCP 47
    title = models.CharField(max_length=300)
    elements = models.JSONField()  # {"purpose": "…", "data": "…", …}
    reviewed_by = models.CharField(max_length=200, blank=True)
    reviewed_on = models.DateField(null=True)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "language"], name="one_text_per_language")]
        ordering = ["language"]

    def compute_hash(self) -> str:
        return digest({"language": self.language, "title": self.title, "elements": self.elements})

    def save(self, *args: object, **kwargs: object) -> None:
        self.sha256 = self.compute_hash()
        super().save(*args, **kwargs)

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """(code, heading in the text's own language, text), in the order of the catalogue."""
        return [
            (code, catalogue.heading(code, self.language), self.elements[code])
            for code in catalogue.ELEMENTS
            if self.elements.get(code)
        ]

    @property
    def is_rtl(self) -> bool:
        return self.language.split("-")[0] in {"ur", "ks", "sd"} and not self.language.endswith("-Deva")
