"""What is erased by hand, and its proof until a second person has looked."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.people.models import Person
from governance.purposes.models import DataSystem, Purpose


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
