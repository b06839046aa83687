"""Request log of one entity and period, with the clock of each request. No words of anybody: those stand with the request."""

from collections import Counter
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.lib import clock
from governance.people.models import Entity
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import period as periods
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame
from governance.rights.models import Request

LABELS = {
    "received": gettext_lazy("Received in the period, or open when it began"), "in_time": gettext_lazy("Answered in time"),
    "late": gettext_lazy("Answered late"), "open": gettext_lazy("Open, and not due yet"), "overdue": gettext_lazy("Open and overdue"),
}  # fmt: skip
STANDINGS = {
    "in_time": gettext_lazy("in time"), "late": gettext_lazy("late"), "open": gettext_lazy("open"), "overdue": gettext_lazy("overdue"),
}  # fmt: skip


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    return Subject(entity.name) if periods.in_scope(scope, entity) else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError without a period."""
    period, entity = periods.of(report.scope["period"]), report.entity
    if period is None:
        raise LookupError("period")
    start, end = period.moments(entity.timezone)
    today = clock.law_date(entity.timezone)
    rows = (
        Request.objects.filter(entity=entity, received_at__lt=end).filter(Q(answered_at__isnull=True) | Q(answered_at__gte=start))
        .select_related("person", "answered_by").order_by("received_at")
    )  # fmt: skip
    told = [_request(row, today, entity.timezone) for row in rows]
    figures = sheets.Figures()
    asked = f"Request: received_at < {end.date()}, answered_at is null or >= {start.date()}"
    figures.add("received", asked, len(told))
    for code in STANDINGS:
        figures.add(code, f"{asked}; {code} on {today}", sum(row["standing"] == code for row in told))
    laws = ("gdpr.12-3", "gdpr.15", "dpdp.s11", "dpdp.s12", "dpdp.s13", "dpdp.r14-3")
    return {
        "period": period.plain,
        "on": today,
        "figures": figures.rows,
        "requests": told,
        "laws": [say.provision(key, report.law_on) for key in laws],
    }


def _request(row: Request, today: Any, zone: str) -> dict[str, Any]:
    here = ZoneInfo(zone)
    answered = row.answered_at.astimezone(here).date() if row.answered_at else None
    over = (answered or today) > row.due_on
    return {
        "number": row.number, "person_number": row.person.number, "right": row.right, "law": row.law, "received_at": row.received_at, "due_on": row.due_on,
        "answered_at": row.answered_at, "answered_by": row.answered_by.number if row.answered_by else None,
        "days": (answered - row.received_at.astimezone(here).date()).days if answered else None,
        "standing": ("late" if over else "in_time") if answered else ("overdue" if over else "open"),
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    rights = dict(Request.RIGHTS)
    rows = [
        [
            row["number"], row["person_number"] or _("a person who was forgotten"), str(rights.get(row["right"], row["right"])), row["law"] or _("answered voluntarily"),
            frame.minute(row["received_at"]), say.day(row["due_on"]),
            f"{frame.minute(row['answered_at'])}, " + _("by person %(number)s") % {"number": row["answered_by"]} if row["answered_by"] else frame.minute(row["answered_at"]) or _("not answered yet"),
            str(STANDINGS[row["standing"]]),
        ]
        for row in content["requests"]
    ]  # fmt: skip
    return {
        "head": {"subtitle": sheets.period_name(content["period"])},
        "intro": [
            _("Every request that people made of %(entity)s in this period, or that was open when it began, with its clock. Times are those of %(zone)s.")
            % {"entity": frame.controller["name"], "zone": frame.zone_name},
        ],
        "sections": [
            sheets.section(
                _("In figures"), figures=sheets.figures(content["figures"], LABELS),
                bars=sheets.bars(_("How the clocks were kept"), _("Standing"), _("Requests"), _standings(content)) if rows else None,
            ),
            sheets.section(_("Requests"), tables=[sheets.table(
                _("Oldest first"), [_("Request"), _("Person"), _("Right"), _("Law"), _("Received"), _("Due"), _("Answered"), _("Clock")],
                rows, none=_("Nobody asked for anything in this period."),
            )]),
            sheets.limits(
                _("What people wrote and what they were answered is not repeated here."),
                _("A request that came by another way than this portal is in it only if somebody entered it."),
                _("Whether a request is late is judged as of %(day)s.") % {"day": say.day(content["on"])},
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
            sheets.sources(content["figures"]),
        ],
    }  # fmt: skip


def _standings(content: dict[str, Any]) -> list[tuple[str, int, str]]:
    counts = Counter(row["standing"] for row in content["requests"])
    return [(str(word), counts[code], say.number(counts[code]) or "0") for code, word in STANDINGS.items()]
