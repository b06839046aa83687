"""What a recipient made of an export: datasets, the models trained with them, and what has to come out again."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.exports import rules
from governance.exports.models import Dataset, Exclusion, Export, ModelRun
from governance.lib import clock, numbers
from governance.lib.refusals import Refused
from governance.people import notify
from governance.people.models import Person
from governance.purposes.models import Purpose


@transaction.atomic
def register(export: Export, name: str, *, holder: Person, by: Person) -> Dataset:
    """A dataset made from a package stands there with who answers for it; later withdrawals reach its holder."""
    if not by.holds("exports.ask", export.entity_id):
        raise Refused(rules._("Only an exporter of this entity registers datasets."), code="not_an_exporter")
    if export.packed_at is None:
        raise Refused(rules._("Nothing was packed: there can be no dataset of it."), code="not_packed")
    dataset = Dataset.objects.create(
        number=numbers.take("D", clock.law_date(export.entity.timezone).year), export=export, entity=export.entity,
        name=name.strip(), holder=holder, registered_by=by,
    )  # fmt: skip
    log.record("dataset.registered", by=by, about=dataset, export=export.pk, holder=holder.pk)
    notify.tell(holder, "dataset_held", dataset=dataset.pk, number=dataset.number)
    return dataset


@transaction.atomic
def train(dataset: Dataset, name: str, version: str, *, trained_at: datetime, by: Person) -> ModelRun:
    """A training that used this dataset stands there. Its holder or an exporter says so."""
    if not (by.pk == dataset.holder_id or by.holds("exports.ask", dataset.entity_id)):
        raise Refused(
            rules._("Who holds the dataset registers what was trained with it."), code="not_the_holder"
        )
    if trained_at > clock.now():
        raise Refused(rules._("This training lies in the future."), code="in_future")
    run = ModelRun.objects.create(
        dataset=dataset, name=name.strip(), version=version.strip(), trained_at=trained_at, registered_by=by
    )
    log.record("model_run.registered", by=by, about=run, dataset=dataset.pk)
    return run


@transaction.atomic
def acknowledge(exclusion_id: UUID, *, by: Person) -> Exclusion:
    """The holder has read what has to come out."""
    exclusion = _locked(exclusion_id)
    if exclusion.dataset.holder_id != by.pk:
        raise Refused(rules._("Who holds the dataset answers this."), code="not_the_holder")
    if exclusion.acknowledged_at is None:
        Exclusion.objects.filter(pk=exclusion.pk).update(acknowledged_by=by, acknowledged_at=Now())
        log.record("exclusion.acknowledged", by=by, about=exclusion)
    return Exclusion.objects.get(pk=exclusion.pk)


@transaction.atomic
def answer(
    exclusion_id: UUID, *, removed: bool, models_done: str, why_not: str = "", by: Person
) -> Exclusion:
    """What came out and what could not stands there, and the person is told. Raises Refused."""
    exclusion = _locked(exclusion_id)
    runs = exclusion.dataset.runs.count()
    rules.check_answer(
        exclusion.dataset.holder_id == by.pk,
        exclusion.answered_at is not None,
        removed,
        models_done,
        why_not,
        runs,
    )
    stays = not removed or models_done == "not_possible"
    Exclusion.objects.filter(pk=exclusion.pk).update(
        removed_from_data=removed, models_done=models_done, why_not=why_not if stays else "", answered_by=by, answered_at=Now(),
    )  # fmt: skip
    if exclusion.acknowledged_at is None:
        Exclusion.objects.filter(pk=exclusion.pk).update(acknowledged_by=by, acknowledged_at=Now())
    log.record("exclusion.answered", by=by, about=exclusion, removed=removed, models=models_done)
    code = "exclusion_not_whole" if stays else "exclusion_done"
    person = Person.objects.get(pk=exclusion.about.person_id)
    if person.forgotten_at is None:
        notify.tell(person, code, number=exclusion.dataset.export.number)
    return Exclusion.objects.get(pk=exclusion.pk)


def _locked(exclusion_id: UUID) -> Exclusion:
    rows = Exclusion.objects.select_for_update(of=("self",)).select_related("dataset__export", "about")
    return rows.get(pk=exclusion_id)


def trained_before(person: Person, ended_at: datetime, purpose: Purpose | None = None) -> list[ModelRun]:
    """Models that were trained with something about this person before `ended_at`: for certificates and statements.

    Each run has `dataset.export`; what became of it stands in `exclusion_of`.
    """
    runs = ModelRun.objects.filter(dataset__export__people__person=person, trained_at__lte=ended_at)
    if purpose is not None:
        runs = runs.filter(dataset__export__programme__purpose=purpose)
    return list(runs.select_related("dataset__export__recipient").distinct().order_by("trained_at"))


def exclusion_of(person: Person, dataset: Dataset) -> Exclusion | None:
    """The newest word on taking this person's content out of this dataset."""
    return Exclusion.objects.filter(dataset=dataset, about__person=person).order_by("-raised_at").first()
