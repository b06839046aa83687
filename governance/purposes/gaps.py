"""Read what stands beside an entry of the register, so that completeness can be asked; few queries, few columns."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef

from governance.people.models import Entity
from governance.purposes import completeness
from governance.purposes.activity import Activity
from governance.purposes.completeness import Missing
from governance.purposes.entry import Beside, Contract
from governance.purposes.models import Assessment, Evidence, Notice, Processor, Purpose


def find(
    purpose: Purpose, activity: Activity, on: date, *, processors: Iterable[Processor] | None = None
) -> list[Missing]:
    """What this entry lacks, if it said this. One query, and one for processors that are not given."""
    return completeness.missing(activity, beside(purpose, activity, on, processors=processors), on=on)


def columns(found: list[Missing]) -> dict[str, Any]:
    """What the purpose's own row keeps, for lists."""
    rows = [{"code": gap.code, "field": gap.field, "law": gap.law} for gap in found]
    return {"missing": rows, "missing_count": len(rows)}


def refresh(purpose: Purpose, on: date, activity: Activity | None = None) -> None:
    """The list shows what the entry lacks now; called wherever something beside the activity has changed."""
    if activity is None:
        version = purpose.shown_version()
        if version is None:
            return
        activity = version.activity
    found = columns(find(purpose, activity, on))
    Purpose.objects.filter(pk=purpose.pk).update(**found)
    purpose.missing, purpose.missing_count = found["missing"], found["missing_count"]


def beside(
    purpose: Purpose, activity: Activity, on: date, *, processors: Iterable[Processor] | None = None
) -> Beside:
    of_it = {"purpose": OuterRef("pk")}
    row = (
        Purpose.objects.filter(pk=purpose.pk)
        .annotate(
            told=Exists(Notice.objects.filter(**of_it, published_at__isnull=False)),
            papers=ArraySubquery(Evidence.objects.counting(on).filter(**of_it).order_by().values("kind")),
            assessed=ArraySubquery(Assessment.objects.living(on).filter(**of_it).order_by().values("item")),
        )
        .values("told", "papers", "assessed", "owner_id", "review_on")
        .get()
    )
    if processors is None:
        codes = {r.processor for r in activity.recipients if r.processor}
        processors = Processor.objects.filter(code__in=codes) if codes else ()
    return Beside(
        **_of_controller(purpose.entity),
        owner=row["owner_id"] is not None,
        review=row["review_on"] is not None,
        notice=row["told"],
        evidence=frozenset(row["papers"]),
        assessed=frozenset(row["assessed"]),
        processors={processor.code: contract(processor, on) for processor in processors},
    )


def beside_new(
    entity: Entity, on: date, *, owner: bool, review: bool, processors: Iterable[Processor] = ()
) -> Beside:
    """What stands beside an entry that has just been entered: nothing but its controller and its processors. No query."""
    return Beside(
        **_of_controller(entity), owner=owner, review=review, notice=False, evidence=frozenset(), assessed=frozenset(),
        processors={processor.code: contract(processor, on) for processor in processors},
    )  # fmt: skip


def _of_controller(entity: Entity) -> dict[str, Any]:
    return {
        "country": entity.country,
        "controller": bool(entity.address and entity.contact_name and entity.contact_email),
        "representative": bool(entity.eu_representative.strip()),
        "dpo": bool(entity.dpo_name and entity.dpo_email),
    }


def contract(processor: Processor, on: date) -> Contract:
    """A contract that has ended, or has not begun, is none."""
    return Contract(
        processor.country, processor.under_contract(on), frozenset(processor.clauses), processor.tool
    )
