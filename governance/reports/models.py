"""A report: facts first, then pages made of them, then kept with its hash and its machine-readable twin."""

import uuid

from django.db import models
from django.db.models import Case, Q, Value, When
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.consents import offers
from governance.lib.appendonly import AppendOnly
from governance.people.models import Entity, Person
from governance.purposes.models import Notice
from governance.reports import rules, rules_schedule


class ReportQuerySet(models.QuerySet["Report"]):
    def waiting(self) -> "ReportQuerySet":
        """Reports that nobody is making: new, or left behind by a worker that died. Short ones first."""
        return self.filter(
            Q(state="waiting") | Q(state__in=("facts", "pages", "sealing"), lease_until__lt=Now())
        ).order_by(Case(When(kind__in=rules.FIRST, then=Value(0)), default=Value(1)), "asked_at")

    def short(self) -> "ReportQuerySet":
        return self.filter(kind__in=rules.FIRST)

    def unsealed(self) -> "ReportQuerySet":
        """Drawn and kept; the signer has not put the seal on them yet."""
        return self.filter(state="signing").order_by("asked_at")

    def pks(self) -> list[uuid.UUID]:
        return list(self.values_list("pk", flat=True))

    def visible_to(self, person: Person) -> "ReportQuerySet":
        """By role at the entity, but never what shows one person's decision; and what is about oneself."""
        return self.by_role(person) | self.filter(about=person)

    def by_role(self, person: Person) -> "ReportQuerySet":
        """Of the entities where a role shows reports; kinds that hold more, only where the role shows that too."""
        where = Q(entity_id__in=person.entities_where("reports.view")) & ~Q(kind__in=rules.PERSONAL)
        kind, key, value = rules.FOR_ITS_PERSON
        where &= ~Q(kind=kind, scope__contains={key: value})
        where &= ~Q(scope__has_key="own")
        for kind, needed in rules.NEEDS.items():
            where &= ~Q(kind=kind) | Q(entity_id__in=person.entities_where(needed))
        return self.filter(where)


class Report(models.Model):
    STATES = [
        ("waiting", _("Waiting")), ("facts", _("Reading the facts")), ("pages", _("Making the pages")),
        ("sealing", _("Sealing")), ("signing", _("Waiting for its seal")), ("ready", _("Ready")), ("failed", _("Failed")), ("cancelled", _("Cancelled")),
        ("expired", _("No longer kept")),
    ]  # fmt: skip
    ASSIGNABLE = {"reports.view": "view_report", "reports.download": "view_report"}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=20, unique=True)  # G-2026-000001
    kind = models.CharField(max_length=30)  # a file in reports/kinds/
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="reports")
    scope = models.JSONField(default=dict)  # ids that the kind reads: {"order": …}
    about = models.ForeignKey(
        Person, models.PROTECT, null=True, related_name="reports_about"
    )  # who may always get it
    language = models.CharField(max_length=12, default="en")
    law_on = models.DateField()
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=10, choices=STATES, default="waiting")
    progress = models.PositiveSmallIntegerField(default=0)  # 0 … 100
    step = models.CharField(max_length=120, blank=True)  # what is being done, in words
    fault = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    fence = models.PositiveBigIntegerField(default=0)
    facts = models.JSONField(null=True)
    facts_sha256 = models.CharField(max_length=64, blank=True)
    template_version = models.CharField(max_length=64, blank=True)
    drawn_by = models.JSONField(default=dict)  # {"program", "fonts", "libraries"}: see reports.editions
    pdf_sha256 = models.CharField(max_length=64, blank=True)
    pages = models.PositiveIntegerField(null=True)  # while it is drawn: so many until now
    pages_about = models.PositiveIntegerField(null=True)  # and about so many there will be
    # {"kid", "own", "at"}: which key sealed the PDF, whether it is self-made, when; {} for a report without a PDF
    seal = models.JSONField(default=dict)
    entry_id = models.BigIntegerField(null=True)  # of the log: "report.made"
    ready_at = models.DateTimeField(null=True)
    expired_at = models.DateTimeField(null=True)  # its files and facts are gone since
    objects = ReportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            # Facts, not the PDF: a machine without Pango makes reports too, as page and JSON.
            models.CheckConstraint(
                condition=~Q(state="ready") | ~Q(facts_sha256=""), name="a_ready_report_has_its_facts"
            )
        ]

    def __str__(self) -> str:
        return self.number

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        """It is about them, or it tells them: a notice whom it concerns, the works-council pack who speaks for the workers."""
        return self.about_id == person_id or (self.kind in rules.TELLS and self._tells(person_id))

    def _tells(self, person_id: uuid.UUID) -> bool:
        person = Person.objects.filter(pk=person_id).first()
        if person is None:
            return False
        if self.kind in rules.FOR_A_ROLE:
            return bool(person.holds(rules.FOR_A_ROLE[self.kind], self.entity_id))
        notice = Notice.objects.filter(pk=self.scope.get("notice")).first()
        return notice is not None and offers.concerns(notice, person)

    @property
    def only_for_its_person(self) -> bool:
        """No role opens it (see lib.access)."""
        return rules.is_for_its_person(self.kind, self.scope)

    def opens_for(self, person: Person) -> bool:
        """Beside what the views ask: whether the role also shows what this kind holds (rules.NEEDS)."""
        needed = rules.NEEDS.get(self.kind)
        return needed is None or self.belongs_to(person.pk) or person.holds(needed, self.entity_id)

    def recipients(self) -> list[Person]:
        """Who gets it by schedule and may open it today."""
        people = (
            Person.objects.filter(schedules__turns__report=self, is_active=True).distinct().order_by("pk")
        )
        return [p for p in people if p.holds("reports.view", self.entity_id) and self.opens_for(p)]

    @property
    def is_being_made(self) -> bool:
        return self.state in rules.BEING_MADE


class ReportFile(models.Model):
    """The bytes of a ready report: the PDF, and the JSON twin with the same facts."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="files")
    kind = models.CharField(max_length=4)  # pdf, json
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["report", "kind"], name="one_file_of_a_kind")]


class Edition(AppendOnly):
    """An archive of what draws reports, by its digest: our program, or our fonts. See reports.editions."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    content = models.BinaryField()
    kept_at = models.DateTimeField(db_default=Now())


class ScheduleQuerySet(models.QuerySet["Schedule"]):
    def in_force(self) -> "ScheduleQuerySet":
        return self.filter(ended_at__isnull=True)

    def pks(self) -> list[uuid.UUID]:
        return list(self.values_list("pk", flat=True))


class ParcelQuerySet(models.QuerySet["Parcel"]):
    def unsigned(self) -> "ParcelQuerySet":
        return self.filter(signed_at__isnull=True).order_by("asked_at")

    def pks(self) -> list[uuid.UUID]:
        return list(self.values_list("pk", flat=True))


class Schedule(models.Model):
    """A report that is made again and again, and who gets it. `by` answers for it: it is asked for with their rights."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=30)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="schedules")
    scope = models.JSONField(default=dict)  # ids that the kind reads; the period is filled in at every turn
    language = models.CharField(max_length=12, default="en")
    every = models.CharField(max_length=10, choices=list(rules_schedule.EVERY.items()))
    recipients = models.ManyToManyField(Person, related_name="schedules")
    next_on = models.DateField()  # first day of a period: then the one before it is due
    fault = models.CharField(max_length=64, blank=True)  # code of the refusal that it stands still for
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(db_default=Now())
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    objects = ScheduleQuerySet.as_manager()

    class Meta:
        ordering = ["entity__code", "kind", "made_at"]


class Turn(models.Model):
    """One period of a schedule, and the report that was asked for it: once, whatever happens."""

    schedule = models.ForeignKey(Schedule, models.PROTECT, related_name="turns")
    period = models.CharField(max_length=10)  # 2026-11, 2026-Q4, 2026
    report = models.ForeignKey(Report, models.PROTECT, related_name="turns")
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["schedule", "period"], name="one_report_of_a_period")]


class Parcel(models.Model):
    """Several reports that one person takes away at once: a ZIP whose manifest the signer signs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    reports = models.JSONField(default=list)  # ids, as text
    manifest = models.JSONField(null=True)  # every file with its digest; null until the signer was there
    jws = models.TextField(blank=True)
    kid = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(db_default=Now())
    signed_at = models.DateTimeField(null=True)
    objects = ParcelQuerySet.as_manager()

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.by_id == person_id


class ReportUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Report, models.CASCADE)


class ReportGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Report, models.CASCADE)
