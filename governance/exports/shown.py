"""Exports as pages print them: who said what when, how many as bands, and what a person reads about their own."""

from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from governance.exports import datasets, rules
from governance.exports.models import Dataset, Exclusion, Export, ExportedPerson, ModelRun
from governance.lib.bands import band
from governance.lib.dates import date_format
from governance.people.models import Employment, Person
from governance.purposes import catalogue, words

COLOURS = {"asked": "warn", "advised": "warn", "waiting": "note", "packing": "note", "ready": "good", "expired": "", "refused": "bad", "failed": "bad"}  # fmt: skip


def moment(at: Any) -> str:
    return date_format(timezone.localtime(at), "j F Y, H:i") if at else ""


def day(at: Any) -> str:
    return date_format(at, "j F Y")


def pill(export: Export) -> dict[str, str]:
    return {"state": export.state, "word": export.get_state_display(), "colour": COLOURS[export.state]}


def row(export: Export) -> list[Any]:
    return [
        {"text": export.number, "url": reverse("exports:export", args=[export.pk])},
        {"text": export.programme.name, "note": export.programme.number},
        export.recipient.name, moment(export.asked_at), pill(export),
    ]  # fmt: skip


def taken_fields(fields: dict[str, list[str]]) -> list[str]:
    known = catalogue.signals()
    titles = {code: known[code].title(get_language() or "en") if code in known else code for code in fields}
    return [
        f"{titles[code]}: {', '.join(str(words.field(name)) for name in names)}"
        for code, names in fields.items()
    ]


def facts(export: Export) -> list[dict[str, Any]]:
    said = [
        {"label": _("Asked by"), "value": {"text": str(export.asked_by), "note": moment(export.asked_at)}},
        {"label": _("What for"), "value": export.why},
        {"label": _("Programme"), "value": f"{export.programme.number} {export.programme.name}"},
        {"label": _("Purpose"), "value": f"{export.programme.purpose.number} {export.programme.purpose.name}"},
        {"label": _("Period"), "value": _("%(since)s to %(until)s") % {"since": day(export.since), "until": day(export.until)}},
        {"label": _("What of each event"), "lines": taken_fields(export.fields)},
        {"label": _("Recipient"), "value": export.recipient.name},
        {"label": _("Recipient's key"), "value": {"digest": export.recipient.fingerprint, "label": _("Fingerprint of the recipient's key")}},
    ]  # fmt: skip
    if export.ended_because in rules.PUT_OFF:
        said.append({"label": _("Put off because"), "value": str(rules.PUT_OFF[export.ended_because])})
    elif export.ended_because:
        said.append({"label": _("Ended because"), "value": str(rules.ENDED[export.ended_because])})
    return said


def voices(export: Export) -> list[list[Any]]:
    """The three voices, whether they have spoken or not."""
    advice = (
        {"state": "done", "word": _("for it")}
        if export.favourable
        else {"state": "failed", "word": _("against it")}
    )
    waiting = {"state": "waiting"}
    agreed = {"state": "approved", "word": _("agreed")}
    return [
        [_("Data protection officer"), _voice(export.advised_by, export.advised_at), advice if export.advised_at else waiting, export.advice],
        [_("Owner of the programme"), _voice(export.owner_by, export.owner_at), agreed if export.owner_at else waiting, export.against_advice],
        [_("Second person (legal)"), _voice(export.second_by, export.second_at), agreed if export.second_at else waiting, ""],
    ]  # fmt: skip


def _voice(person: Person | None, at: Any) -> Any:
    return {"text": str(person), "note": moment(at)} if person else ""


def package(export: Export) -> list[dict[str, Any]]:
    """What is in it, without showing how many take part: a band, or no figure."""
    head = export.manifest or {}
    of = Employment.objects.current().filter(entity=export.entity_id).values("person").distinct().count()
    people = band(head.get("subjects", 0), of)
    return [
        {"label": _("Packed"), "value": {"text": moment(export.packed_at), "note": _("every consent was asked again then")}},
        {"label": _("People in it"), "value": people or _("no figure is shown: fewer than ten, or fewer than ten who are not")},
        {"label": _("Events"), "value": number_format(head.get("events", 0), force_grouping=True) if people else _("no figure is shown")},
        {"label": _("Segments and consents"), "value": {"digest": head.get("root", ""), "label": _("Head of the tree over the segments")}},
        {"label": _("Policy pack"), "value": {"text": head.get("policy", {}).get("version", ""), "note": head.get("policy", {}).get("sha256", "")[:16]}},
        {"label": _("Minimiser"), "value": {"digest": head.get("minimiser_sha256", ""), "label": _("Fingerprint of the minimiser")}},
        {"label": _("Package"), "value": {"digest": export.package_sha256, "label": _("Fingerprint of the package")}},
        {"label": _("Can be taken until"), "value": moment(export.expires_at)},
    ]  # fmt: skip


@dataclass
class Went:
    """One export as the person reads it in whom it was."""

    export: Export
    what: list[str]
    events: str
    datasets: list["InDataset"] = field(default_factory=list)


@dataclass
class InDataset:
    dataset: Dataset
    runs: list[ModelRun]
    exclusion: Exclusion | None
    says: list[str]


def went(person: Person) -> list[Went]:
    """Where content about this person went, newest first: only what was really let go."""
    rows = ExportedPerson.objects.filter(person=person, export__packed_at__isnull=False)
    rows = rows.select_related("export__recipient", "export__programme__purpose").order_by(
        "-export__packed_at"
    )
    found = []
    for mine in rows:
        signals = sorted(set(mine.segments.order_by().values_list("signal", flat=True)))
        fields = {code: mine.export.fields.get(code, []) for code in signals}
        known = mine.export.datasets.prefetch_related("runs")
        found.append(
            Went(
                mine.export, taken_fields(fields), number_format(mine.events, force_grouping=True),
                [_in_dataset(person, dataset) for dataset in known],
            )
        )  # fmt: skip
    return found


def _in_dataset(person: Person, dataset: Dataset) -> InDataset:
    exclusion = datasets.exclusion_of(person, dataset)
    return InDataset(dataset, list(dataset.runs.all()), exclusion, statement(exclusion) if exclusion else [])


def statement(exclusion: Exclusion) -> list[str]:
    """What could be taken out again and what could not, in sentences."""
    if exclusion.answered_at is None:
        return [
            _("It has to come out of this dataset by %(day)s. Who answers for it was told.")
            % {"day": day(exclusion.due_on)}
        ]
    out = _("It was taken out of the dataset on %(day)s.") if exclusion.removed_from_data else _("It could not be taken out of the dataset (answer of %(day)s).")  # fmt: skip
    says = [
        out % {"day": day(timezone.localtime(exclusion.answered_at))},
        f"{exclusion.get_models_done_display()}.",
    ]
    if exclusion.why_not:
        says.append(_("Why: %(why)s.") % {"why": exclusion.get_why_not_display()})
    return says


def exclusion_row(exclusion: Exclusion, today: Any) -> list[Any]:
    late = exclusion.answered_at is None and exclusion.due_on < today
    return [
        {"text": day(timezone.localtime(exclusion.raised_at)), "url": reverse("exports:exclusion", args=[exclusion.pk])},
        exclusion.dataset.number, str(exclusion.get_because_display()), number_format(len(exclusion.segments)), day(exclusion.due_on),
        {"state": "overdue"} if late else {"state": exclusion.state},
    ]  # fmt: skip
