"""What was erased on one day: every order that was worked on, system by system, and what is left."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.lib import clock
from governance.people.models import Entity
from governance.reports import sheets
from governance.reports import words as say
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.reports.words import Frame
from governance.retention.models import ErasureOrder, Step

LABELS = {
    "orders": gettext_lazy("Orders that were worked on"), "done": gettext_lazy("Of these done, read back and found empty"),
    "found": gettext_lazy("Records found"), "erased": gettext_lazy("Records erased"), "left": gettext_lazy("Records still there when read back"),
}  # fmt: skip


def day_of(scope: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(scope.get("day", ""))
    except ValueError:
        return None


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A day that is not to come yet."""
    day = day_of(scope)
    whole = day is not None and set(scope) == {"day"} and day <= clock.law_date(entity.timezone)
    return Subject(entity.name) if whole else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError without a day."""
    day, entity = day_of(report.scope), report.entity
    if day is None:
        raise LookupError("day")
    start = datetime.combine(day, time(), ZoneInfo(entity.timezone))
    end = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(entity.timezone))
    there = (
        Q(began_at__gte=start, began_at__lt=end)
        | Q(erased_at__gte=start, erased_at__lt=end)
        | Q(verified_at__gte=start, verified_at__lt=end)
    )
    steps = list(
        Step.objects.filter(there, order__entity=entity)
        .select_related("order__purpose", "system")
        .order_by("order__number", "system__name", "chunk")
    )
    by_order: dict[Any, list[Step]] = defaultdict(list)
    for step in steps:
        by_order[step.order].append(step)
    figures = sheets.Figures()
    asked = f"Step: began, erased or verified on {day}"
    figures.add("orders", f"{asked}; different orders", len(by_order))
    figures.add(
        "done",
        f"{asked}; different orders whose done_at is on that day",
        sum(_on_day(o, start, end) for o in by_order),
    )
    figures.add("found", f"{asked}; sum of found_before", sum(s.found_before or 0 for s in steps))
    figures.add("erased", f"{asked}; sum of erased", sum(s.erased for s in steps))
    # What was read back belongs to the whole system of an order: counted once, not once a chunk.
    left = {(s.order_id, s.system_id): s.found_after or 0 for s in steps}
    figures.add("left", f"{asked}; sum of found_after, once per order and system", sum(left.values()))
    return {
        "day": day, "figures": figures.rows,
        "orders": [
            {
                "number": order.number, "purpose": order.purpose.number if order.purpose else None, "state": order.state, "done_at": order.done_at,
                "systems": len({s.system_id for s in rows}), "erased": sum(s.erased for s in rows),
                "left": sum(left[key] for key in {(s.order_id, s.system_id) for s in rows}),
            }
            for order, rows in by_order.items()
        ],
        "steps": [
            {
                "order": s.order.number, "system": s.system.name, "chunk": s.chunk, "state": s.state, "found": s.found_before, "erased": s.erased,
                "after": s.found_after, "fault": s.fault.split(":")[0], "at": s.verified_at or s.erased_at or s.began_at,
            }
            for s in steps
        ],
    }  # fmt: skip


def _on_day(order: ErasureOrder, start: datetime, end: datetime) -> bool:
    return order.done_at is not None and start <= order.done_at < end


def words(content: dict[str, Any], frame: Frame) -> dict[str, Any]:
    states, steps = dict(ErasureOrder.STATES), dict(Step.STATES)
    orders = [
        [
            row["number"], row["purpose"] or _("everything"), str(states.get(row["state"], row["state"])), say.number(row["systems"]) or "0",
            say.number(row["erased"]) or "0", say.number(row["left"]) or "0",
        ]
        for row in content["orders"]
    ]  # fmt: skip
    lines = [
        [
            row["order"], f"{row['system']}, {row['chunk']}", str(steps.get(row["state"], row["state"])), say.number(row["found"]) or "",
            say.number(row["erased"]) or "0", say.number(row["after"]) or "", frame.minute(row["at"]), row["fault"],
        ]
        for row in content["steps"]
    ]  # fmt: skip
    return {
        "head": {"subtitle": say.day(content["day"])},
        "intro": [
            _("Every erasure order of %(entity)s that a worker had in hand on %(day)s, by the clock of %(zone)s.")
            % {"entity": frame.controller["name"], "day": say.day(content["day"]), "zone": frame.zone_name},
        ],
        "sections": [
            sheets.section(_("In figures"), figures=sheets.figures(content["figures"], LABELS)),
            sheets.section(_("Orders"), tables=[sheets.table(
                _("Orders in hand"), [_("Order"), _("Purpose"), _("State now"), _("Systems"), _("Erased"), _("Left")], orders,
                none=_("No order was in hand on that day."), numbers=(3, 4, 5),
            )]),
            sheets.section(_("Steps"), tables=[sheets.table(
                _("System by system"), [_("Order"), _("System, part"), _("State"), _("Found"), _("Erased"), _("Read back"), _("When"), _("Fault")],
                lines, none=_("Nothing was begun."), numbers=(3, 4, 5),
            )]),
            sheets.limits(
                _("It shows the journal as it stood when the facts were read: a step that was begun on that day and went on later shows where it is now."),
                _("It is no certificate. What one order erased, and what it did not, stands on the certificate of that order."),
            ),
            sheets.sources(content["figures"]),
        ],
    }  # fmt: skip
