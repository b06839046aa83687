"""Retention schedule of one entity, and how it was kept in a period: due, done, late, held, in conflict."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.lib import clock
from governance.people.models import Employment, Entity
from governance.purposes.models import RetentionRule
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds import due_next, register_words, steering_words
from governance.reports.kinds import period as periods
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame
from governance.retention import wording
from governance.retention.models import ErasureOrder

LATE = timedelta(days=30)  # our own measure: no law of the packs names a number of days for carrying out
HELD = ("held", "restricted_hold")
STANDINGS = {
    "raised": gettext_lazy("Orders raised in the period or open when it began"), "done": gettext_lazy("Done: read back and found empty"),
    "open": gettext_lazy("Still open at the end"), "late": gettext_lazy("Late: took or takes more than 30 days"),
    "held": gettext_lazy("Kept, for a legal claim or because a law asks"), "conflict": gettext_lazy("Two laws disagree"),
}  # fmt: skip

NEXT = {
    "records": gettext_lazy("Rows of records that fall due"), "due": gettext_lazy("Reviews, papers, assessments and contracts that fall due or are past"),
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
    end = min(end, clock.now())
    rules = RetentionRule.objects.living().filter(purpose__entity=entity).select_related("purpose")
    orders = list(
        ErasureOrder.objects.filter(entity=entity, created_at__lt=end)
        .filter(Q(done_at__isnull=True) | Q(done_at__gte=start)).select_related("purpose").order_by("created_at")
    )  # fmt: skip
    counts = _counted(orders, end)
    figures = sheets.Figures()
    asked = f"ErasureOrder: created_at < {end.date()}, done_at is null or >= {start.date()}"
    for code in STANDINGS:
        figures.add(code, f"{asked}; {code}", counts[code])
    today = clock.law_date(entity.timezone)
    staff = Employment.objects.current().filter(entity=entity).values("person").distinct().count()
    due, records = due_next.papers(entity, today), due_next.records(entity, today, staff)
    ahead = f"from {today} to {today + due_next.AHEAD}"
    figures.add(
        "due",
        f"Purpose.review_on, Evidence.expires_on, Assessment.until, Processor.contract_until, RetentionRule.applies_from: until {today + due_next.AHEAD}",
        len(due),
    )
    figures.add(
        "records",
        f"Stream.expires_on, ConsentRecord.expires_at, ErasureOrder.kept_until: {ahead}; months and purposes with ten people or more",
        len(records),
    )
    by_purpose: dict[str | None, list[ErasureOrder]] = {}
    for order in orders:
        by_purpose.setdefault(order.purpose.number if order.purpose else None, []).append(order)
    return {
        "period": period.plain, "counted_until": end,
        "schedule": [
            {
                "purpose": rule.purpose.number, "name": rule.purpose.name, "category": rule.category, "law": rule.jurisdiction, "minimum": rule.minimum,
                "maximum": rule.maximum, "start_event": rule.start_event, "action": rule.action, "source": rule.source, "applies_from": rule.applies_from,
            }
            for rule in rules.order_by("purpose__ordinal", "jurisdiction", "category")
        ],
        "figures": figures.rows,
        "by_purpose": [{"purpose": number, **_counted(rows, end)} for number, rows in sorted(by_purpose.items(), key=lambda item: item[0] or "")],
        "late": [
            {"number": o.number, "purpose": o.purpose.number if o.purpose else None, "because": wording.anybodys_code(o.because), "at": o.created_at, "state": o.state, "done_at": o.done_at}
            for o in orders if _is_late(o, end)
        ],
        "kept": [
            {"number": o.number, "purpose": o.purpose.number if o.purpose else None, "state": o.state, "until": o.kept_until}
            for o in orders if _standing(o, end) in ("held", "conflict")
        ],
        "due": due, "records": records,
        "laws": [say.provision(key, report.law_on) for key in ("dpdp.s8-7", "dpdp.r8-3", "gdpr.17")],
    }  # fmt: skip


def _standing(order: ErasureOrder, end: datetime) -> str:
    if order.done_at and order.done_at < end:
        return "done"
    return "held" if order.state in HELD else "conflict" if order.state == "retention_conflict" else "open"


def _is_late(order: ErasureOrder, end: datetime) -> bool:
    """What is kept for a reason is not late."""
    standing = _standing(order, end)
    over = order.done_at if standing == "done" else end
    return standing in ("done", "open") and over is not None and over - order.created_at > LATE


def _counted(orders: Iterable[ErasureOrder], end: datetime) -> dict[str, int]:
    rows = list(orders)
    found = Counter(_standing(order, end) for order in rows)
    return {
        "raised": len(rows), "done": found["done"], "open": found["open"], "late": sum(_is_late(order, end) for order in rows),
        "held": found["held"], "conflict": found["conflict"],
    }  # fmt: skip


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    states = dict(ErasureOrder.STATES)
    schedule = [
        [
            f"{row['purpose']} {row['name']}", row["category"], str(say.LAWS.get(row["law"], say.country(row["law"]))) if row["law"] else _("everybody"),
            _span(row), str(register_words.STARTS.get(row["start_event"], row["start_event"])), str(register_words.ACTIONS.get(row["action"], row["action"])),
            row["source"] or _("not recorded"),
        ]
        for row in content["schedule"]
    ]  # fmt: skip
    late = [
        [row["number"], row["purpose"] or _("everything"), str(wording.anybodys(row["because"])), frame.minute(row["at"]), frame.minute(row["done_at"]) or str(states.get(row["state"]))]
        for row in content["late"]
    ]  # fmt: skip
    kept = [
        [row["number"], row["purpose"] or _("everything"), str(states.get(row["state"], row["state"])), say.day(row["until"]) or _("no day is set")]
        for row in content["kept"]
    ]  # fmt: skip
    codes = list(STANDINGS)
    heads = {
        "raised": _("Orders"),
        "done": _("Done"),
        "open": _("Open"),
        "late": _("Late"),
        "held": _("Kept"),
        "conflict": _("In conflict"),
    }
    results = {row["code"]: row["result"] for row in content["figures"]}
    chart = sheets.bars(_("What became of the orders"), _("Standing"), _("Orders"), [
        (heads[code], results[code], say.number(results[code]) or "0") for code in ("done", "open", "late", "held", "conflict")
    ]) if results["raised"] else None  # fmt: skip
    per_purpose = [
        [row["purpose"] or _("everything"), *(say.number(row[code]) or "0" for code in codes)]
        for row in content["by_purpose"]
    ]
    return {
        "head": {"subtitle": sheets.period_name(content["period"])},
        "intro": [
            _("What %(entity)s keeps for how long and why, and how it was kept: counted until %(at)s.")
            % {"entity": frame.controller["name"], "at": frame.moment(content["counted_until"])},
        ],
        "sections": [
            sheets.section(_("How it was kept"), figures=sheets.figures(content["figures"], STANDINGS), bars=chart, tables=[
                sheets.table(_("By purpose"), [_("Purpose"), *heads.values()], per_purpose, none=_("No order was raised or open in this period."), numbers=range(1, 7)),
                sheets.table(_("Late orders"), [_("Order"), _("Purpose"), _("Because"), _("Raised"), _("Done, or state")], late, none=_("No order was late.")),
                sheets.table(_("Orders whose data are kept"), [_("Order"), _("Purpose"), _("State"), _("Kept until")], kept, none=_("Nothing was held back.")),
            ]),
            sheets.section(
                _("What falls due next"),
                text=[_("Within 92 days. A row of records is shown only where at least ten people stand behind it and at least ten do not.")],
                figures=sheets.figures(content["figures"], NEXT), tables=[steering_words.records_table(content["records"]), steering_words.due_table(content["due"])],
            ),
            sheets.section(_("The schedule"), new_page=True, tables=[sheets.table(
                _("Time limits of the register in force"), [_("Purpose"), _("Data"), _("Law"), _("Period"), _("Starts"), _("Then"), _("Source")],
                schedule, none=_("No time limit is recorded."),
            )]),
            sheets.limits(
                _("Late is our own measure: an order that took or takes more than 30 days. What a law or a claim asks to keep is not late."),
                _("It speaks of orders that were raised. Data in systems that are not connected are named in the certificate of each order."),
                _("The schedule is the one in force when the facts were read, not the one at the beginning of the period."),
            ),
            sheets.law(content["laws"], say.day(frame.law_on.isoformat())),
            sheets.sources(content["figures"]),
        ],
    }  # fmt: skip


def _span(row: dict[str, Any]) -> str:
    spans = (
        [_("at least %(period)s") % {"period": register_words.period(row["minimum"])}]
        if row["minimum"]
        else []
    )
    spans += (
        [_("at most %(period)s") % {"period": register_words.period(row["maximum"])}]
        if row["maximum"]
        else []
    )
    if row["applies_from"]:
        spans.append(_("applies from %(day)s") % {"day": say.day(row["applies_from"])})
    return ", ".join(spans) or _("not recorded")
