"""Opt-out and objection register of one entity: what has to be honoured, by person number. Whoever only said no to a
question is not in it: a refusal needs no register, because off is the default."""

from typing import Any

from django.db.models import Q
from django.utils.dates import WEEKDAYS
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.consents.models import Objection, OptOut
from governance.people.models import Employment, Entity
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import period as periods
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame

LABELS = {
    "opt_outs": gettext_lazy("Opt-outs in force at some time of the period"), "of_people": gettext_lazy("Of them of one person"), "of_groups": gettext_lazy("Of them of a group"),
    "lifted": gettext_lazy("Of them lifted in the period"), "objections": gettext_lazy("Objections open at some time of the period"), "upheld": gettext_lazy("Of them upheld"),
    "not_upheld": gettext_lazy("Of them not upheld"), "undecided": gettext_lazy("Of them not decided yet"),
}  # fmt: skip


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if periods.in_scope(scope, entity) else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Everything in force at some time of the period. Raises LookupError without one."""
    period, entity = periods.of(report.scope["period"]), report.entity
    if period is None:
        raise LookupError("period")
    start, end = period.moments(entity.timezone)
    staff = Employment.objects.filter(entity=entity).values("person")
    ours = Q(purpose__entity=entity) | Q(purpose__isnull=True)
    about = (
        (Q(person__in=staff) & ours)
        | Q(entity=entity)
        | Q(site__entity=entity)
        | Q(unit__entity=entity)
        | (~Q(country="") & ours & Q(country__in=staff.values("country")))
    )
    outs = (
        OptOut.objects.filter(about, at__lt=end).filter(Q(lifted_at__isnull=True) | Q(lifted_at__gte=start))
        .select_related("person", "purpose", "site", "unit", "entity").order_by("at")
    )  # fmt: skip
    objections = (
        Objection.objects.filter(purpose__entity=entity, at__lt=end)
        .filter(Q(decided_at__isnull=True) | Q(decided_at__gte=start))
        .select_related("person", "purpose", "decided_by").order_by("at")
    )  # fmt: skip
    figures = sheets.Figures()
    outs, objections = list(outs), list(objections)
    asked = f"OptOut: at < {end.date()}, lifted_at is null or >= {start.date()}"
    figures.add("opt_outs", asked, len(outs))
    figures.add("of_people", f"{asked}; of one person", sum(row.person_id is not None for row in outs))
    figures.add("of_groups", f"{asked}; of a group", sum(row.person_id is None for row in outs))
    figures.add(
        "lifted",
        f"{asked}; lifted_at < {end.date()}",
        sum(bool(row.lifted_at and row.lifted_at < end) for row in outs),
    )
    asked = f"Objection: at < {end.date()}, decided_at is null or >= {start.date()}"
    figures.add("objections", asked, len(objections))
    figures.add("upheld", f"{asked}; upheld", sum(row.upheld is True for row in objections))
    figures.add("not_upheld", f"{asked}; not upheld", sum(row.upheld is False for row in objections))
    figures.add(
        "undecided", f"{asked}; decided_at is null", sum(row.decided_at is None for row in objections)
    )
    return {
        "period": period.plain, "figures": figures.rows,
        "opt_outs": [
            {
                "person_number": row.person.number if row.person else None, "population": _population(row), "purpose": row.purpose.number if row.purpose else None,
                "signal": row.signal, "title": say.signal_title(row.signal, report.language) if row.signal else "", "application": ", ".join(filter(None, [row.application, row.host])),
                "weekdays": row.weekdays, "from": row.from_time.isoformat("minutes") if row.from_time else None,
                "until": row.until_time.isoformat("minutes") if row.until_time else None, "at": row.at, "lifted_at": row.lifted_at,
            }
            for row in outs
        ],
        "objections": [
            {
                "person_number": row.person.number, "purpose": row.purpose.number, "at": row.at, "due_on": row.due_on, "decided_at": row.decided_at,
                "decided_by": row.decided_by.number if row.decided_by else None, "upheld": row.upheld,
            }
            for row in objections
        ],
        "laws": [say.provision(key, report.law_on) for key in ("gdpr.21-1", "dpdp.s6-4")],
    }  # fmt: skip


def _population(row: OptOut) -> str:
    return ", ".join(
        str(part)
        for part in (
            row.entity and row.entity.name,
            row.site and row.site.name,
            row.unit and row.unit.name,
            row.country,
        )
        if part
    )


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    outs = [
        [
            row["person_number"] or row["population"] or _("a person who was forgotten"), row["purpose"] or _("every purpose"),
            ", ".join(filter(None, [row["title"], row["application"]])) or _("everything"), _hours(row), frame.minute(row["at"]),
            frame.minute(row["lifted_at"]) if row["lifted_at"] else _("in force"),
        ]
        for row in content["opt_outs"]
    ]  # fmt: skip
    objections = [
        [
            row["person_number"] or _("a person who was forgotten"), row["purpose"], frame.minute(row["at"]), say.day(row["due_on"]),
            _decision(row, frame),
        ]
        for row in content["objections"]
    ]  # fmt: skip
    return {
        "head": {"subtitle": sheets.period_name(content["period"])},
        "intro": [
            _("Every opt-out and every objection that %(entity)s had to honour in this period, with its person number. Times are those of %(zone)s.")
            % {"entity": frame.controller["name"], "zone": frame.zone_name},
        ],
        "sections": [
            sheets.section(_("In figures"), figures=sheets.figures(content["figures"], LABELS)),
            sheets.section(_("Opt-outs"), tables=[sheets.table(
                _("In force at some time of the period"), [_("Person or group"), _("Purpose"), _("Of what"), _("At which hours"), _("Since"), _("Until")],
                outs, none=_("No opt-out was in force in this period."),
            )]),
            sheets.section(_("Objections"), tables=[sheets.table(
                _("Open at some time of the period"), [_("Person"), _("Purpose"), _("Received"), _("Answer due"), _("Decision")],
                objections, none=_("No objection was open in this period."),
            )]),
            sheets.limits(
                _("It is for those who honour and decide these no’s, and for nobody else: it may not be used to judge anybody."),
                _("Who only said no to a question is not in it. Off is the default, so a refusal needs no register."),
                _("Reasons that people gave are not repeated here. They stand with the objection for whoever decides it."),
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
            sheets.sources(content["figures"]),
        ],
    }  # fmt: skip


def _hours(row: dict[str, Any]) -> str:
    days = get_text_list([str(WEEKDAYS[day - 1]) for day in row["weekdays"]], _("and"))
    hours = f"{row['from']}–{row['until']}" if row["from"] and row["until"] else ""
    return ", ".join(filter(None, [days, hours])) or _("always")


def _decision(row: dict[str, Any], frame: Frame) -> str:
    if not row["decided_at"]:
        return _("open")
    said = _("upheld") if row["upheld"] else _("not upheld")
    by = _("by person %(number)s") % {"number": row["decided_by"]} if row["decided_by"] else ""
    return ", ".join(filter(None, [said, frame.minute(row["decided_at"]), by]))
