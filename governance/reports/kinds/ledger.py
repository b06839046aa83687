"""Consent ledger of one purpose and period: bands of people under the rule of ten, week by week, and the words they were shown."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.capture import bands
from governance.consents import rules
from governance.consents.models import ConsentEvent
from governance.lib import clock
from governance.lib.bands import band
from governance.people.models import Employment, Entity
from governance.purposes.models import Notice, Purpose
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import period as periods
from governance.reports.kinds.subject import Subject, id_in
from governance.reports.models import Report
from governance.reports.words import Frame

SAID = {
    "on": gettext_lazy("People who had something switched on at the end"),
    "given": gettext_lazy("People who switched something on"),
    "refused": gettext_lazy("People who refused something"),
    "withdrawn": gettext_lazy("People who withdrew something"),
    "expired": gettext_lazy("People of whom a consent ended by time"),
}
COUNTED = {
    "given": ("given", "renewed"),
    "refused": ("refused",),
    "withdrawn": ("withdrawn",),
    "expired": ("expired",),
}


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A purpose of this entity, and a period that has begun."""
    purpose = _purpose(scope)
    period = periods.in_scope(scope, entity, beside=frozenset({"purpose"}))
    return Subject(purpose.number) if purpose and period and purpose.entity_id == entity.pk else None


def settled(scope: dict[str, str]) -> bool:
    return True


def _purpose(scope: dict[str, str]) -> Purpose | None:
    return Purpose.objects.filter(pk=id_in(scope, "purpose")).first()


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError when the purpose is gone. A running period is counted up to the last Monday: a withdrawal
    overnight must not show."""
    purpose, period = _purpose(report.scope), periods.of(report.scope["period"])
    if purpose is None or period is None:
        raise LookupError("purpose")
    zone = ZoneInfo(report.entity.timezone)
    start, end = period.moments(report.entity.timezone)
    last_monday = datetime.combine(bands.monday(clock.law_date(report.entity.timezone)), time(), zone)
    until = min(end, last_monday)
    of = Employment.objects.current().filter(entity=report.entity).values("person").distinct().count()
    events = list(
        ConsentEvent.objects.filter(purpose=purpose, at__lt=until)
        .order_by("at").values_list("at", "person", "signal", "status")
    )  # fmt: skip
    figures = sheets.Figures()
    asked = f"ConsentEvent: purpose = {purpose.number}, at >= {start.date()}, at < {until.date()}"
    standing = band(len(_on(events, until)), of) if until > start else ""
    figures.add("on", f"ConsentEvent: purpose = {purpose.number}, at < {until.date()}; newest by person and signal is given or renewed; people, as a band", standing)  # fmt: skip
    for code, statuses in COUNTED.items():
        people = {person for at, person, _signal, status in events if at >= start and status in statuses}
        figures.add(
            code, f"{asked}, status in ({', '.join(statuses)}); people, as a band", band(len(people), of)
        )
    return {
        "purpose": {"number": purpose.number, "name": purpose.name, "version": purpose.version},
        "period": period.plain, "counted_until": (until.date() - timedelta(days=1)) if until > start else None,
        "figures": figures.rows,
        "weeks": [
            {"monday": monday, "on": band(len(_on(events, datetime.combine(monday + timedelta(days=7), time(), zone))), of)}
            for monday in _mondays(period, until.date())
        ],
        "notices": [
            {
                "version": notice.version, "published_at": notice.published_at, "superseded": notice.published_at < start,
                "texts": [{"language": text.language, "sha256": text.sha256} for text in notice.texts.all()],
            }
            for notice in _notices(purpose, start, end)
        ],
        "laws": [say.provision(key, report.law_on) for key in ("gdpr.7-3", "dpdp.s6")],
    }  # fmt: skip


def _on(events: list[Any], before: datetime) -> set[Any]:
    """Who had anything switched on then, by their newest word on each signal."""
    newest: dict[tuple[Any, str], str] = {}
    for at, person, signal, status in events:
        if at < before:
            newest[person, signal] = status
    found = defaultdict(set)
    for (person, _signal), status in newest.items():
        found[status in rules.ENABLING].add(person)
    return found[True]


def _mondays(period: periods.Period, until: date) -> list[date]:
    """Of the weeks that lie in the period and are over."""
    first = period.first + timedelta(days=-period.first.weekday() % 7)
    count = max(0, (min(until, period.last + timedelta(days=1)) - first).days // 7)
    return [first + timedelta(weeks=i) for i in range(count)]


def _notices(purpose: Purpose, start: datetime, end: datetime) -> list[Notice]:
    """Those published in the period, and the one that was in force when it began."""
    rows = (
        Notice.objects.filter(purpose=purpose, published_at__lt=end)
        .prefetch_related("texts")
        .order_by("published_at")
    )
    found = list(rows)
    earlier = [notice for notice in found if notice.published_at < start]
    return earlier[-1:] + [notice for notice in found if notice.published_at >= start]


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    purpose, period = content["purpose"], sheets.period_name(content["period"])
    until = say.day(content["counted_until"])
    weeks = [
        {"label": say.day(row["monday"]), "value": _low(row["on"]), "words": row["on"] or "–"}
        for row in content["weeks"]
    ]
    top = max((bar["value"] for bar in weeks), default=0)
    return {
        "head": {"subtitle": f"{purpose['number']} {purpose['name']}, {period}"},
        "intro": [
            _("How many people at %(entity)s said what on this purpose, on which words, and when.") % {"entity": frame.controller["name"]},
            _("Counted until the end of %(day)s, a Sunday or the last day of the period.") % {"day": until} if until
            else _("The first week of this period is not over yet, so nothing is counted."),
        ],
        "sections": [
            sheets.section(_("In figures"), figures=sheets.figures(content["figures"], SAID)),
            sheets.section(
                _("Week by week"),
                text=[] if top else [_("In no week of this period are there enough people on both sides for a figure.")],
                bars={"caption": _("People with something switched on at the end of the week"), "name": _("Week from"), "unit": _("People"), "top": top, "bars": weeks} if top else None,
            ),
            sheets.section(
                _("The words they were shown"),
                tables=[sheets.table(
                    _("Notices in force in this period"), [_("Version"), _("Published"), _("Language"), _("SHA-256 of the words")],
                    [
                        [str(notice["version"]), frame.minute(notice["published_at"]), say.language_name(text["language"]), text["sha256"]]
                        for notice in content["notices"] for text in notice["texts"]
                    ],
                    none=_("No notice was in force in this period, so nobody could consent."),
                )],
            ),
            sheets.limits(
                _("A figure is shown only as a band of ten, and only where at least ten people stand behind it and at least ten do not. Where one is missing, it is not zero: it is not shown."),
                _("No single decision stands in it. What one person decided is on that person’s receipts, which nobody else gets."),
                _("Periods are whole months, quarters or years, so that two of these documents laid over each other show nobody either."),
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
            sheets.sources(content["figures"]),
        ],
    }  # fmt: skip


def _low(text: str) -> int:
    return int(text.split("–")[0]) if text else 0
