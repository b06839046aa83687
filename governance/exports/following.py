"""A consent ends, or content is erased, after it went into a dataset: what has to come out of it, by when, told to whom.

No signal and no cursor: the rows say it. A stream that something was exported from and that is not open any more, and
segments that their person deleted, are compared with the exclusions there are; what is missing is raised.
"""

from collections import defaultdict
from datetime import datetime
from uuid import UUID

from django.db import transaction

from governance.audit import log
from governance.consents.models import Stream
from governance.exports import rules
from governance.exports.models import Dataset, Exclusion, ExportedSegment, OwnDeletion
from governance.lib import clock, locks
from governance.people import notify
from governance.people.models import Person


@transaction.atomic
def follow() -> int:
    """Every dataset knows what has to come out of it; how many exclusions are new. Runs in the worker."""
    if not locks.only_one("exports.follow"):
        return 0
    return _of_ended_consents() + _of_deletions()


def _of_ended_consents() -> int:
    ended = Stream.objects.filter(state__in=("closed", "destroyed"))
    rows = ExportedSegment.objects.filter(export__datasets__isnull=False, stream__in=ended.values("pk"))
    closed = dict(ended.filter(pk__in=rows.order_by().values("stream")).values_list("pk", "closed_at"))
    found: dict[tuple[UUID, UUID], list[tuple[UUID, datetime]]] = defaultdict(list)
    wanted = rows.order_by().values_list("export__datasets", "person_id", "segment", "stream")
    for dataset, about, segment, stream in wanted.distinct():
        found[dataset, about].append((segment, closed.get(stream) or clock.now()))
    return _raise(found, "ended")


def _of_deletions() -> int:
    made = 0
    for deletion in OwnDeletion.objects.select_for_update().filter(state="done", followed=False):
        rows = ExportedSegment.objects.filter(
            export__datasets__isnull=False,
            person__person_id=deletion.person_id,
            segment__in=deletion.segments,
        )
        found: dict[tuple[UUID, UUID], list[tuple[UUID, datetime]]] = defaultdict(list)
        for dataset, about, segment in rows.order_by().values_list(
            "export__datasets", "person_id", "segment"
        ):
            found[dataset, about].append((segment, deletion.until))
        made += _raise(found, "erased")
        # Was it ever handed out? Then a dataset of it may be registered later, and it is looked at again.
        handed_out = ExportedSegment.objects.filter(
            person__person_id=deletion.person_id, segment__in=deletion.segments
        )
        if not handed_out.exists():
            OwnDeletion.objects.filter(pk=deletion.pk).update(followed=True)
    return made


def _raise(found: dict[tuple[UUID, UUID], list[tuple[UUID, datetime]]], because: str) -> int:
    """One exclusion per dataset and person for the segments that no earlier one names."""
    if not found:
        return 0
    known: dict[tuple[UUID, UUID], set[UUID]] = defaultdict(set)
    of_these = Exclusion.objects.filter(dataset__in={dataset for dataset, _about in found})
    for dataset, about, segments in of_these.values_list("dataset", "about", "segments"):
        known[dataset, about] |= set(segments)
    datasets = Dataset.objects.select_related("holder", "entity").in_bulk(
        {dataset for dataset, _about in found}
    )
    told: dict[Person, set[Dataset]] = defaultdict(set)
    made = 0
    for (dataset_id, about), pairs in found.items():
        missing = sorted({segment for segment, _at in pairs} - known[dataset_id, about])
        if not missing:
            continue
        dataset = datasets[dataset_id]
        day = clock.law_date(dataset.entity.timezone)
        ended_at = min(at for segment, at in pairs if segment in set(missing))
        exclusion = Exclusion.objects.create(
            dataset=dataset,
            about_id=about,
            segments=missing,
            because=because,
            ended_at=ended_at,
            due_on=rules.due_on(day),
        )
        log.record("exclusion.raised", about=exclusion, dataset=dataset.pk, segments=len(missing))
        told[dataset.holder].add(dataset)
        made += 1
    for holder, some in told.items():
        for dataset in some:
            notify.tell(holder, "exclusion_raised", dataset=dataset.pk, number=dataset.number)
    return made


def listing(dataset: Dataset) -> dict[str, object]:
    """The list of exclusions as a training program reads it: names and segments as in the package, no person."""
    rows = list(dataset.exclusions.select_related("about", "dataset__export").order_by("raised_at"))
    return {
        "format": "sammati exclusions 1", "dataset": dataset.number, "export": dataset.export.number,
        "exclusions": [
            {
                "subject": row.about.subject, "segments": [str(pk) for pk in row.segments], "raised_at": row.raised_at.isoformat(),
                "due_on": row.due_on.isoformat(), "answered": row.answered_at is not None,
            }
            for row in rows
        ],
    }  # fmt: skip
