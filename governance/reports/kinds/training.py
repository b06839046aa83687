"""AI-training provenance of one entity: what was trained with what, on whose yes, and what came out again when it ended.

How many people stand behind a dataset is a band; that one of them withdrew shows nowhere (rule of ten).
"""

from collections import defaultdict
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.exports import manifest, rules
from governance.exports.models import Dataset, Exclusion, Export, ExportedPerson
from governance.lib import clock
from governance.lib.bands import band
from governance.people.models import Employment, Entity
from governance.purposes.words import field
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame

LABELS = {
    "packages": gettext_lazy("Packages that left the vault"), "datasets": gettext_lazy("Datasets made of them"),
    "runs": gettext_lazy("Trainings that used a dataset"), "recipients": gettext_lazy("Recipients"),
    "people": gettext_lazy("People whose recordings are in a dataset"), "ended": gettext_lazy("Of them, people whose consent ended or content was deleted afterwards"),
    "answered": gettext_lazy("Of these, people for whom the holder of the dataset has answered"), "overdue": gettext_lazy("Exclusions past their day without an answer"),
}  # fmt: skip
ANSWERS = {
    "removed": gettext_lazy("taken out of the data"),
    "stays": gettext_lazy("not taken out of the data"),
    **{f"models_{code}": words for code, words in rules.MODELS_DONE},
}


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if not scope else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    entity, today = report.entity, clock.law_date(report.entity.timezone)
    exports = list(
        Export.objects.to_open().filter(entity=entity, packed_at__isnull=False).order_by("packed_at")
    )
    datasets = list(
        Dataset.objects.to_open().filter(entity=entity).prefetch_related("runs").order_by("number")
    )
    people = _people(exports)
    exclusions = list(Exclusion.objects.filter(dataset__in=datasets).select_related("about", "dataset"))
    staff = Employment.objects.current().filter(entity=entity).values("person").distinct().count()
    made_of = {dataset.export_id for dataset in datasets}
    inside = set().union(*(people[pk] for pk in made_of)) if made_of else set()
    ended = {row.about.person_id for row in exclusions}
    done = ended - {row.about.person_id for row in exclusions if row.answered_at is None}
    overdue = any(row.answered_at is None and row.due_on < today for row in exclusions)
    asked = f"entity = {entity.code}"
    figures = sheets.Figures()
    figures.add("packages", f"Export: {asked}, packed_at is not null", len(exports))
    figures.add("datasets", f"Dataset: {asked}", len(datasets))
    figures.add("runs", f"ModelRun: dataset.{asked}", sum(len(dataset.runs.all()) for dataset in datasets))
    figures.add(
        "recipients",
        f"Export: {asked}, packed_at is not null; different recipients",
        len({row.recipient_id for row in exports}),
    )
    figures.add(
        "people",
        f"ExportedPerson: export has a dataset, {asked}; different people, as a band of those employed now",
        band(len(inside), staff),
    )
    figures.add(
        "ended",
        f"Exclusion: dataset.{asked}; different people, as a band of those in a dataset",
        band(len(ended), len(inside)),
    )
    figures.add(
        "answered",
        f"Exclusion: dataset.{asked}, each answered; different people, as a band of those in a dataset",
        band(len(done), len(inside)),
    )
    figures.add(
        "overdue",
        f"Exclusion: dataset.{asked}, answered_at is null, due_on < {today}; whether there is any",
        "some" if overdue else "none",
    )
    return {
        "figures": figures.rows, "days": rules.OUT_BY,
        "exports": [_export(row, people[row.pk], staff) for row in exports],
        "datasets": [_dataset(row, people[row.export_id], [one for one in exclusions if one.dataset_id == row.pk], staff) for row in datasets],
        "recipients": [
            {"name": row.name, "key": row.fingerprint, "confirmed_at": row.confirmed_at, "ended_at": row.ended_at}
            for row in sorted({export.recipient for export in exports}, key=lambda one: (one.name, one.fingerprint))
        ],
        "laws": [say.provision(key, report.law_on) for key in ("gdpr.7-3", "gdpr.17", "dpdp.s6-4", "dpdp.s6-6", "dpdp.s8-7")],
    }  # fmt: skip


def _people(exports: list[Export]) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = defaultdict(set)
    for export, person in ExportedPerson.objects.filter(export__in=exports).values_list("export", "person"):
        found[export].add(person)
    return found


def _export(row: Export, people: set[UUID], staff: int) -> dict[str, Any]:
    """Of the manifest its head without its counts: they are exact, and small ones show people."""
    head = row.manifest or {}
    return {
        "number": row.number, "programme": row.programme.number, "programme_name": row.programme.name, "purpose": row.programme.purpose.number,
        "purpose_name": row.programme.purpose.name, "purpose_version": head.get("purpose_version"), "notices": head.get("notices", []),
        "recipient": row.recipient.name, "why": row.why, "fields": row.fields, "since": row.since, "until": row.until, "packed_at": row.packed_at,
        "people": band(len(people), staff), "policy": head.get("policy", {}), "minimiser_sha256": head.get("minimiser_sha256", ""),
        "root": head.get("root", ""), "package_sha256": row.package_sha256, "intact": manifest.is_intact(row),
    }  # fmt: skip


def _dataset(row: Dataset, people: set[UUID], exclusions: list[Exclusion], staff: int) -> dict[str, Any]:
    of = len(people)

    def so_many(some: list[Exclusion]) -> str:
        return band(len({one.about_id for one in some}), of)

    answered = [one for one in exclusions if one.answered_at]
    answers = {
        "removed": so_many([one for one in answered if one.removed_from_data]),
        "stays": so_many([one for one in answered if not one.removed_from_data]),
        **{f"models_{code}": so_many([one for one in answered if one.models_done == code]) for code, _words in rules.MODELS_DONE},
    }  # fmt: skip
    return {
        "number": row.number, "name": row.name, "export": row.export.number, "registered_at": row.registered_at, "holder_number": row.holder.number,
        "people": band(of, staff), "ended": so_many(exclusions), "answered": so_many(answered),
        "in_time": so_many([one for one in answered if one.answered_at and one.answered_at.date() <= one.due_on]),
        "answers": {code: text for code, text in answers.items() if text},
        "runs": [{"name": run.name, "version": run.version, "trained_at": run.trained_at} for run in row.runs.all()],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    exports, datasets = content["exports"], content["datasets"]
    overdue = {"some": _("there are some"), "none": _("none")}
    told = [
        row | {"result": overdue[row["result"]]} if row["code"] == "overdue" else row
        for row in content["figures"]
    ]
    return {
        "head": {"subtitle": frame.controller["name"]},
        "intro": [
            _("Which recordings of %(entity)s were used to train models: the datasets, the trainings, the programmes and consents that they rest on, and what came out again when a consent ended.")
            % {"entity": frame.controller["name"]},
        ],
        "sections": [
            sheets.section(_("In figures"), figures=sheets.figures(told, LABELS)),
            sheets.section(_("Datasets and trainings"), tables=[
                sheets.table(
                    _("Datasets"), [_("Dataset"), _("Made of"), _("Registered"), _("Who answers for it"), _("People in it")],
                    [
                        [f"{row['number']} {row['name']}", row["export"], frame.minute(row["registered_at"]), _("person %(number)s") % {"number": row["holder_number"]}, row["people"] or _("not shown")]
                        for row in datasets
                    ],
                    none=_("No dataset was registered."),
                ),
                sheets.table(
                    _("Trainings"), [_("Model"), _("Version"), _("Trained"), _("With")],
                    [[run["name"], run["version"], frame.minute(run["trained_at"]), row["number"]] for row in datasets for run in row["runs"]],
                    none=_("No training was registered."),
                ),
            ]),
            sheets.section(_("Programmes and consents relied on"),
                text=[_("Each yes was asked again twice when the package was made. Who had said no by then is in no package.")] if exports else [],
                tables=[
                    sheets.table(
                        _("What each package rests on"), [_("Package"), _("Programme"), _("Purpose"), _("Versions of the notice"), _("Recorded"), _("People in it")],
                        [
                            [
                                row["number"], f"{row['programme']} {row['programme_name']}", _purpose(row), ", ".join(map(str, row["notices"])) or _("none: rests on no consent"),
                                f"{say.day(row['since'])} – {say.day(row['until'])}", row["people"] or _("not shown"),
                            ]
                            for row in exports
                        ],
                        none=_("No package has left the vault."),
                    ),
                    sheets.table(
                        _("What was handed out of each event"), [_("Package"), _("Recipient"), _("Signals and fields"), _("What for")],
                        [[row["number"], row["recipient"], _fields(row["fields"], frame), row["why"]] for row in exports],
                    ),
                ]),
            sheets.section(_("Recipients"), tables=[sheets.table(
                _("Who can open packages"), [_("Recipient"), _("Key compared by a second person"), _("Ended"), _("SHA-256 of the key")],
                [[row["name"], frame.minute(row["confirmed_at"]), frame.minute(row["ended_at"]) or _("in force"), row["key"]] for row in content["recipients"]],
                none=_("Nobody has received a package."),
            )]),
            sheets.section(_("After a consent ended"),
                text=[
                    _("When a consent ends or content is deleted, the holder of each dataset is told what has to come out, and has %(days)s days to do it and to answer. The answer goes to the person.") % {"days": content["days"]},
                ],
                tables=[
                    sheets.table(
                        _("People of whom something had to come out"), [_("Dataset"), _("People"), _("Answered"), _("Answered in time")],
                        [[row["number"], *(row[code] or _("not shown") for code in ("ended", "answered", "in_time"))] for row in datasets],
                        none=_("There is no dataset, so nothing had to come out."),
                    ),
                    sheets.table(
                        _("What the holders answered"), [_("Dataset"), _("Answer"), _("People")],
                        [[row["number"], str(ANSWERS[code]), text] for row in datasets for code, text in row["answers"].items()],
                        none=_("No answer was given for ten people or more.") if datasets else "",
                    ),
                ]),
            sheets.section(_("Rules and minimiser in force when it was packed"), tables=[sheets.table(
                _("Versions"), [_("Package"), _("Rules"), _("SHA-256 of the rules"), _("SHA-256 of the minimiser")],
                [[row["number"], f"{row['policy'].get('pack', '')} {row['policy'].get('version', '')}".strip(), row["policy"].get("sha256", ""), row["minimiser_sha256"]] for row in exports],
                none=_("No package has left the vault."),
            )]),
            sheets.section(_("Manifests"), tables=[sheets.table(
                _("Checked when the facts were read"), [_("Package"), _("Packed"), _("Its lines lead to the head"), _("Head of the tree"), _("SHA-256 of the package")],
                [[row["number"], frame.minute(row["packed_at"]), _("yes") if row["intact"] else _("no"), row["root"], row["package_sha256"]] for row in exports],
                none=_("No package has left the vault."),
            )]),
            sheets.limits(
                _("How many people stand behind something is shown only as a band of ten, and only where at least ten people stand behind it and at least ten do not. “Not shown” is not zero."),
                _("It says what holders of datasets registered and answered. What a recipient did without saying so stands nowhere here."),
                _("What formed the weights of a model cannot be found in them again. Where a holder says so, the person concerned was told."),
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
            sheets.sources(told),
        ],
    }  # fmt: skip


def _purpose(row: dict[str, Any]) -> str:
    name = f"{row['purpose']} {row['purpose_name']}"
    version = row["purpose_version"]
    return _("%(purpose)s, version %(version)s") % {"purpose": name, "version": version} if version else name


def _fields(fields: dict[str, list[str]], frame: Frame) -> str:
    from_catalogue = [
        f"{say.signal_title(code, frame.language)}: {'; '.join(map(field, names)) or _('time and application only')}"
        for code, names in sorted(fields.items())
    ]
    return ". ".join(from_catalogue)
