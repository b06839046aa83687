"""What a purpose rests on besides its own words: value assessments, evidence, overrides, and what the rules said."""

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.people.models import Person
from governance.purposes.models.register import Purpose


class OfPurpose(models.Model):
    """A paper of one purpose: seen and written by whoever sees and writes the purpose."""

    class Meta:
        abstract = True

    @property
    def part_of(self) -> Purpose:
        return self.purpose  # type: ignore[attr-defined]

    @property
    def entity_id(self) -> uuid.UUID:
        return self.purpose.entity_id  # type: ignore[attr-defined]


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def living(self, on: date) -> "AssessmentQuerySet":
        return self.filter(ended_at__isnull=True, justified=True, decided_on__lte=on, until__gt=on)


class Assessment(OfPurpose):
    """The value assessment of one data item: why it is needed, what less would do, who decided, until when."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="assessments")
    item = models.SlugField(max_length=40)  # code of the data item
    why_needed = models.TextField()
    what_less = models.TextField()  # what less would do, and why it does not
    justified = models.BooleanField()
    decided_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    decided_on = models.DateField()
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)  # replaced by a newer one
    created_at = models.DateTimeField(db_default=Now())
    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["item", "-decided_on"]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "item"], condition=Q(ended_at__isnull=True), name="one_living_assessment"),
            models.CheckConstraint(condition=Q(until__gt=F("decided_on")), name="an_assessment_ends_later"),
        ]  # fmt: skip


class EvidenceQuerySet(models.QuerySet["Evidence"]):
    def counting(self, on: date) -> "EvidenceQuerySet":
        return self.filter(
            Q(expires_on__isnull=True) | Q(expires_on__gt=on), withdrawn_at__isnull=True, outcome="approved", signed_on__lte=on
        )  # fmt: skip


class Evidence(OfPurpose):
    """A signed paper on file: a HOLD points to one, not to a ticked box. Never edited; withdrawn when it was wrong."""

    OUTCOMES = [("approved", _("Approved")), ("refused", _("Refused"))]

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="evidence")
    kind = models.SlugField(max_length=40)  # packs/policy/pack.toml: evidence
    reference = models.CharField(max_length=200, blank=True)
    signer = models.CharField(max_length=200)  # as it stands on the paper
    signed_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=OUTCOMES, default="approved")
    file_name = models.CharField(max_length=200)
    file_type = models.CharField(max_length=100)
    file_size = models.PositiveIntegerField()
    file_sha256 = models.CharField(max_length=64)
    filed_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    filed_at = models.DateTimeField(db_default=Now())
    withdrawn_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_because = models.TextField(blank=True)
    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "-signed_on"]


class EvidenceFile(models.Model):
    """The bytes of a paper, apart from its row, so that lists stay light."""

    evidence = models.OneToOneField(Evidence, models.CASCADE, primary_key=True, related_name="file")
    content = models.BinaryField()


class Override(OfPurpose):
    """One locked default relaxed for one purpose: the DPO advises in writing, then the accountable owner decides.

    Art. 38(6): who advises does not decide. Both names and both texts stay on the page and in the PDF.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="overrides")
    rule_id = models.CharField(max_length=20)
    signal = models.SlugField(max_length=40, blank=True)  # one item; empty: all of the purpose
    asked_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    advice = models.TextField(blank=True)
    advised_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    advised_on = models.DateField(null=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    decided_on = models.DateField(null=True)
    relaxed = models.BooleanField(null=True)  # what the owner decided; None: not yet
    until = models.DateField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["rule_id", "asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["purpose", "rule_id", "signal"], condition=Q(ended_at__isnull=True), name="one_living_override"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("advised_by")), name="who_advises_does_not_decide"
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(advised_by__isnull=False), name="advice_comes_first"
            ),
        ]  # fmt: skip


class Evaluation(models.Model):
    """What the rules said of a purpose on a day, with the version of the pack that was asked. Written once."""

    id = models.BigAutoField(primary_key=True)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="evaluations")
    version = models.PositiveIntegerField()
    because = models.CharField(
        max_length=20
    )  # approved, activated, daily, evidence, override, assessment, pack, asked
    on = models.DateField()
    outcome = models.CharField(max_length=16)
    by_law = models.JSONField()  # {"IN": "OPT_IN", "EU": "HOLD"}
    result = models.JSONField()  # Evaluation.as_dict()
    facts_sha256 = models.CharField(max_length=64)
    pack_version = models.CharField(max_length=40)
    pack_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["purpose", "-at"]
        indexes = [models.Index(fields=["purpose", "-at"]), models.Index(fields=["at"])]
