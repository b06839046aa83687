"""Dossier of one capture programme: assessment, what the minimiser leaves of each signal with a sample, evidence, stops, excess."""

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.audit.models import Entry
from governance.capture import bands, excess_shown, stops
from governance.capture.code_words import CODES
from governance.capture.models import Excess, Programme, Signature, TurnedAway
from governance.people.models import Entity, Person
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import capturing, register_facts, register_words
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame

# What happened to a programme, by the codes of the log; stops stand in a table of their own.
HAPPENED = {
    "planned": gettext_lazy("planned"), "terms_set": gettext_lazy("its terms were changed"), "act_filed": gettext_lazy("an act of the representation was filed"),
    "assessed": gettext_lazy("handed in for approval"), "approved": gettext_lazy("approved"), "draft": gettext_lazy("back to draft"),
    "running": gettext_lazy("started"), "ended": gettext_lazy("ended"),
}  # fmt: skip


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    programme = _programme(scope)
    return (
        Subject(programme.number)
        if programme and set(scope) == {"programme"} and programme.entity_id == entity.pk
        else None
    )


def settled(scope: dict[str, str]) -> bool:
    return True


def _programme(scope: dict[str, str]) -> Programme | None:
    return (
        Programme.objects.select_related("purpose__entity", "owner")
        .filter(pk=id_in(scope, "programme"))
        .first()
    )


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError when the programme is gone."""
    programme = _programme(report.scope)
    if programme is None:
        raise LookupError("programme")
    codes = [f"programme.{code}" for code in (*HAPPENED, "signed")]
    entries = list(Entry.objects.filter(about_id=programme.pk, code__in=codes).order_by("id"))
    people = {
        person.pk: person.number
        for person in Person.objects.filter(pk__in={entry.by_id for entry in entries})
    }
    activity = next(
        row
        for row in register_facts.of(programme.entity, report.law_on, report.language)
        if row["id"] == programme.purpose_id
    )
    turned, excess = Counter[str](), Counter[tuple[str, str]]()
    for turned_row in TurnedAway.objects.filter(programme=programme):
        turned[turned_row.code] += turned_row.count
    for row in Excess.objects.filter(programme=programme):
        excess[row.signal, row.field] += row.events
    band = bands.of(programme)
    return {
        "programme": {
            "number": programme.number, "name": programme.name, "state": programme.state,
            "starts_on": programme.starts_on, "owner_number": programme.owner.number if programme.owner else None,
            "stopped_because": programme.stopped_because,
        },
        "purpose": activity,
        "bounds": capturing.bounds(programme), "samples": capturing.samples(programme, report.language), "stops": capturing.stood_still(programme),
        "steps": [
            {
                "at": entry.at, "code": entry.code.removeprefix("programme."), "by": people.get(entry.by_id), "entry": entry.pk,
                "part": entry.facts.get("part", ""), "in_favour": bool(entry.facts.get("in_favour", True)),
            }
            for entry in entries
        ],
        "band": {"week": band.week, "text": band.text, "not_permitted": band.not_permitted} if band else None,
        # One code stands for every no of a person. It is counted per week in tenfold steps above, and nowhere else.
        "turned_away": [{"code": code, "count": count} for code, count in sorted(turned.items()) if code != "not_permitted"],
        "excess": [{"signal": signal, "field": field, "events": n} for (signal, field), n in sorted(excess.items())],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    programme, states = content["programme"], dict(Programme.STATES)
    purpose = register_words.of(content["purpose"], frame)
    fields = [[row["name"], row["kept"], row["left_out"], row["why"]] for row in purpose["signals"]]
    steps = [
        [
            frame.minute(row["at"]),
            _step(row),
            _("person %(number)s") % {"number": row["by"]} if row["by"] else _("the portal itself"),
            str(row["entry"]),
        ]
        for row in content["steps"]
    ]
    band = content["band"]
    turned = [
        {"label": str(CODES.get(row["code"], row["code"])), "value": row["count"], "words": say.number(row["count"]) or "0"}
        for row in sorted(content["turned_away"], key=lambda row: -row["count"])
    ]  # fmt: skip
    return {
        "head": {"subtitle": f"{programme['number']} {programme['name']}"},
        "intro": [_("What this programme records, why, on which papers, what is left of each signal, and when it ran and stopped.")],
        "sections": [
            sheets.section(_("The programme"), facts=[
                sheets.fact(_("Programme"), f"{programme['number']} {programme['name']}"), sheets.fact(_("Purpose"), f"{purpose['number']} {purpose['name']}"),
                sheets.fact(_("State"), str(states.get(programme["state"], programme["state"])), stops.because(programme["stopped_because"])),
                sheets.fact(_("Begins"), say.day(programme["starts_on"]) or _("no day is set")), *capturing.bounds_facts(content["bounds"]),
                sheets.fact(_("Programme owner"), _("person %(number)s") % {"number": programme["owner_number"]} if programme["owner_number"] else None),
                sheets.fact(_("Verdict of the rules"), *purpose["verdict"]),
            ]),
            sheets.section(_("Assessment"), facts=[sheets.fact(_("Impact assessment"), *purpose["assessment"]), sheets.fact(_("Worker representatives"), *purpose["consultation"])], tables=[
                sheets.table(
                    _("Necessity of each item"), [_("Item"), _("Decision"), _("Until"), _("Why it is needed"), _("What less would do")],
                    [[row["item"], row["decision"], row["until"], row["why"], row["less"]] for row in purpose["assessments"]], none=_("No item was assessed."),
                ),
            ]),
            sheets.section(_("Minimisation"), text=[_("A client may send more than is declared. Everything else is dropped before it is kept. The same made-up event shows it for each signal.")],
                tables=[
                    *capturing.sample_tables(content["samples"], frame),
                    sheets.table(_("Fields"), [_("Signal"), _("Kept"), _("Left out"), _("Why it is needed")], fields),
                    sheets.table(_("Never recorded"), [_("Signal"), _("Why")], [[row["name"], row["reason"]] for row in purpose["never"]]),
                ]),
            sheets.section(_("Evidence"), tables=[sheets.table(
                _("Papers on file"), [_("Kind"), _("Reference"), _("Signed"), _("Until"), _("Outcome"), _("SHA-256")],
                [[row["kind"], row["reference"], row["signed"], row["until"], row["outcome"], row["digest"]] for row in purpose["evidence"]],
                none=_("No paper is on file."),
            )]),
            sheets.section(_("When it ran and stopped"), tables=[
                capturing.stops_table(content["stops"], frame),
                sheets.table(_("How it was decided, as the log has it"), [_("When"), _("What"), _("By"), _("Entry of the log")], steps, none=_("It never ran.")),
            ]),
            sheets.section(_("Taking part, and what was turned away"), facts=[
                sheets.fact(_("People taking part, week from %(day)s") % {"day": say.day(band["week"])} if band else _("People taking part"), (band["text"] or sheets.few()) if band else _("not counted yet")),
                sheets.fact(_("Events turned away because of a choice"), (band["not_permitted"] or sheets.few()) if band else _("not counted yet")),
            ],
                text=[] if turned else [_("Nothing was turned away for another reason.")],
                bars={"caption": _("Turned away for other reasons"), "note": "", "name": _("Reason"), "unit": _("Events"), "top": turned[0]["value"] or 1, "bars": turned} if turned else None,
                tables=[
                    sheets.table(_("Sent without being declared, and dropped"), [_("Signal"), _("Field"), _("Events")], [[excess_shown.signal_name(row["signal"], frame.language), excess_shown.field_name(row["field"]), say.number(row["events"]) or "0"] for row in content["excess"]], none=_("Nothing was sent that is not declared."), numbers=[2]),
                ]),
            sheets.limits(
                _("It holds no recording and no person: who takes part is shown as a band of ten, counted once a week."),
                _("The sample is made up. It shows what the program does, not what anybody did."),
            ),
        ],
    }  # fmt: skip


def _step(row: dict[str, Any]) -> str:
    if row["code"] == "signed":
        part = str(dict(Signature.PARTS).get(row["part"], row["part"]))
        said = _("signed: %(part)s") if row["in_favour"] else _("signed against: %(part)s")
        return said % {"part": part}
    return str(HAPPENED[row["code"]])
