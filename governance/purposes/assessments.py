"""The value assessment of a data item: why it is needed, what less would do, who decided, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import locks
from governance.people.models import Person
from governance.purposes import rules_papers, verdicts
from governance.purposes.activity import Item, load
from governance.purposes.models import Assessment, Purpose


def items(purpose: Purpose) -> dict[str, Item]:
    """The items that the register names for this purpose: of its open draft, over those of the version in force."""
    living = purpose.versions.exclude(state__in=("discarded", "superseded")).order_by("number")
    return {item.code: item for version in living for item in load(version.content).items}


@dataclass(frozen=True)
class Value:
    """What is decided about one item."""

    item: str
    why_needed: str
    what_less: str
    justified: bool
    until: date


@transaction.atomic
def assess(purpose: Purpose, value: Value, *, on: date, by: Person) -> Assessment:
    """This is what counts for the item from today; the assessment before it has ended. A no stops the item at once."""
    (made,) = assess_all(purpose, [value], on=on, by=by)
    return made


@transaction.atomic
def assess_all(purpose: Purpose, values: Sequence[Value], *, on: date, by: Person) -> list[Assessment]:
    """All of these count from today, or none; then the purpose is judged anew, once."""
    known = items(purpose)
    for value in values:
        rules_papers.check_assess(value.item, known, value.why_needed, value.what_less, value.until, on)
    locks.exclusively(locks.purpose(purpose.pk))
    purpose.assessments.filter(item__in=[v.item for v in values], ended_at__isnull=True).update(
        ended_at=Now()
    )
    made = []
    for value in values:
        assessment = Assessment.objects.create(
            purpose=purpose, item=value.item, why_needed=value.why_needed.strip(), what_less=value.what_less.strip(),
            justified=value.justified, decided_by=by, decided_on=on, until=value.until,
        )  # fmt: skip
        log.record(
            "item.assessed",
            by=by,
            about=purpose,
            item=value.item,
            justified=value.justified,
            until=value.until,
        )
        made.append(assessment)
    verdicts.settle(purpose, because="assessment", on=on, by=by)
    return made


@transaction.atomic
def end(assessment_id: UUID, *, on: date, by: Person) -> Assessment:
    """The item has no living assessment from the commit on: nothing more of it is recorded."""
    purpose_id = Assessment.objects.values_list("purpose_id", flat=True).get(pk=assessment_id)
    locks.exclusively(locks.purpose(purpose_id))
    assessment = Assessment.objects.select_for_update().get(pk=assessment_id)
    if assessment.ended_at is None:
        Assessment.objects.filter(pk=assessment_id).update(ended_at=Now())
        log.record("item.assessment_ended", by=by, about=assessment.purpose, item=assessment.item)
        verdicts.settle(assessment.purpose, because="assessment", on=on, by=by)
        assessment.refresh_from_db()
    return assessment
