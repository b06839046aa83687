"""Steering pack: the quarter of one entity on six pages, each a chart and its table. Behind every count of people stand ten."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from statistics import median
from typing import Any

from django.db.models import Q

from governance.capture import codes, stops
from governance.capture.models import Band, Excess, Programme, TurnedAway
from governance.incidents.models import Incident
from governance.lib import clock
from governance.lib.bands import band
from governance.people.models import Employment, Entity
from governance.purposes.models import Purpose, RetentionRule
from governance.reports import sheets
from governance.reports.kinds import due_next, steering_words
from governance.reports.kinds import period as periods
from governance.reports.kinds.period import Period
from governance.reports.kinds.subject import Subject
from governance.reports.models import Report
from governance.retention.models import ErasureOrder
from governance.rights.models import Request

words = steering_words.words
ROWS = {
    "programmes": 5,
    "turned": 4,
    "stops": 3,
    "incidents": 4,
    "gaps": 5,
    "due": 4,
    "records": 2,
}  # a page is a page
HELD = ("held", "restricted_hold", "retention_conflict")
WITHIN = {"day": 1, "week": 7, "month": 30}  # days from the order to its last proof; beyond: "later"


def subject(scope: dict[str, str], entity: Entity) -> Subject | None:
    """A quarter that has begun."""
    period = periods.in_scope(scope, entity)
    return Subject(entity.name) if period and "Q" in period.code else None


def settled(scope: dict[str, str]) -> bool:
    return True


def facts(report: Report) -> dict[str, Any]:
    """Raises LookupError without a period."""
    period, entity = periods.of(report.scope["period"]), report.entity
    if period is None:
        raise LookupError("period")
    start, end = period.moments(entity.timezone)
    until = min(end, clock.now())
    staff = Employment.objects.current().filter(entity=entity).values("person").distinct().count()
    figures = sheets.Figures()
    return {
        "period": period.plain, "counted_until": until,
        "participation": _participation(entity, period, figures),
        "requests": _requests(entity, start, until, staff, figures),
        "erasures": _erasures(entity, start, until, staff, figures),
        "capture": _capture(entity, period, start, until, figures),
        "register": _register(entity, figures),
        "retention": _retention(entity, staff, figures),
        "figures": figures.rows,
    }  # fmt: skip


def _participation(entity: Entity, period: Period, figures: sheets.Figures) -> dict[str, Any]:
    programmes = list(Programme.objects.filter(entity=entity).exclude(state="draft").order_by("number"))
    weeks: dict[Any, list[Band]] = defaultdict(list)
    for row in Band.objects.filter(
        programme__in=programmes, week__gte=period.first, week__lte=period.last
    ).order_by("week"):
        weeks[row.programme_id].append(row)
    asked = f"Programme: entity = {entity.code}, state is not draft"
    figures.add("programmes", asked, len(programmes))
    figures.add("running", f"{asked}; state = running", sum(row.state == "running" for row in programmes))
    figures.add("weeks", f"Band: programme.entity = {entity.code}, {period.first} <= week <= {period.last}; different weeks", len({row.week for rows in weeks.values() for row in rows}))  # fmt: skip
    return {
        "rows": [
            {
                "number": row.number, "name": row.name, "state": row.state, "first": weeks[row.pk][0].text if weeks[row.pk] else None,
                "last": weeks[row.pk][-1].text if weeks[row.pk] else None, "week": weeks[row.pk][-1].week if weeks[row.pk] else None,
                "shown": sum(bool(one.text) for one in weeks[row.pk]), "weeks": len(weeks[row.pk]),
            }
            for row in programmes[: ROWS["programmes"]]
        ],
        "more": max(0, len(programmes) - ROWS["programmes"]),
    }  # fmt: skip


def _people(rows: Iterable[Any], staff: int) -> str:
    return band(len({row.person_id for row in rows}), staff)


def _requests(
    entity: Entity, start: datetime, until: datetime, staff: int, figures: sheets.Figures
) -> dict[str, Any]:
    rows = list(
        Request.objects.filter(entity=entity, received_at__lt=until).filter(
            Q(answered_at__isnull=True) | Q(answered_at__gte=start)
        )
    )
    today = clock.law_date(entity.timezone)
    asked = f"Request: received_at < {until.date()}, answered_at is null or >= {start.date()}"
    by = defaultdict(list)
    for row in rows:
        by[_clock_of(row, today)].append(row)
    figures.add("received", f"{asked}; people, as a band", _people(rows, staff))
    for code in ("in_time", "late", "open", "overdue"):
        figures.add(code, f"{asked}; {code}; people, as a band", _people(by[code], staff))
    # That a clock was not kept is the entity's own failing: whether, not how often.
    figures.add("missed", f"{asked}; late or overdue; whether there is any", "some" if by["late"] or by["overdue"] else "none")  # fmt: skip
    rights = [code for code, _word in Request.RIGHTS]
    return {
        "rights": {right: _people([row for row in rows if row.right == right], staff) for right in rights}
    }


def _clock_of(row: Request, today: date) -> str:
    over = (row.answered_at.date() if row.answered_at else today) > row.due_on
    if row.answered_at:
        return "late" if over else "in_time"
    return "overdue" if over else "open"


def _erasures(
    entity: Entity, start: datetime, until: datetime, staff: int, figures: sheets.Figures
) -> dict[str, Any]:
    rows = list(
        ErasureOrder.objects.filter(entity=entity, created_at__lt=until).filter(
            Q(done_at__isnull=True) | Q(done_at__gte=start)
        )
    )
    done = [row for row in rows if row.done_at and row.done_at < until]
    left = [row for row in rows if row not in done]
    asked = f"ErasureOrder: created_at < {until.date()}, done_at is null or >= {start.date()}"
    groups = {
        "orders": rows, "done": done, "partly": [r for r in left if r.state in ("partly", "needs_attention")],
        "held": [r for r in left if r.state in HELD], "waiting": [r for r in left if r.state in ("waiting", "erasing")],
    }  # fmt: skip
    for code, some in groups.items():
        figures.add(f"erasures_{code}", f"{asked}; {code}; people, as a band", _people(some, staff))
    took = {row.pk: (row.done_at - row.created_at).total_seconds() / 86400 for row in done if row.done_at}
    half = median(took.values()) if took and _people(done, staff) else None
    figures.add("proof_days", f"{asked}; done; days from created_at to done_at, when every proof is there; median, where ten people stand behind it", "" if half is None else str(max(1, round(half))))  # fmt: skip
    speed = {}
    for code, days in (*WITHIN.items(), ("later", 10**6)):
        some = [row for row in done if row.pk in took and took[row.pk] <= days]
        speed[code] = _people(some, staff)
        done = [row for row in done if row not in some]
    return {"speed": speed}


def _capture(
    entity: Entity, period: Period, start: datetime, until: datetime, figures: sheets.Figures
) -> dict[str, Any]:
    of_days = {"programme__entity": entity, "day__gte": period.first, "day__lte": period.last}
    excess, turned = Counter[str](), Counter[str]()
    for row in Excess.objects.filter(**of_days):
        excess[f"{row.day:%Y-%m}"] += row.events
    for away in TurnedAway.objects.filter(**of_days).exclude(code=codes.NOT_PERMITTED):
        turned[away.code] += away.count
    still = []
    for programme in Programme.objects.filter(entity=entity).exclude(state="draft").order_by("number"):
        some = [
            one for one in stops.of(programme) if one.since < until and (one.to is None or one.to >= start)
        ]
        minutes = sum(_minutes_within(one, start, until) for one in some)
        if some:
            still.append({"number": programme.number, "name": programme.name, "stops": len(some), "minutes": minutes})  # fmt: skip
    incidents = Incident.objects.filter(entity=entity, aware_at__lt=until).filter(
        Q(closed_at__isnull=True) | Q(closed_at__gte=start)
    )
    told = list(incidents.select_related("programme").order_by("-aware_at"))
    between = f"{period.first} <= day <= {period.last}"
    figures.add("excess", f"Excess: {between}; sum of events", sum(excess.values()))
    figures.add("turned", f"TurnedAway: {between}, code is not {codes.NOT_PERMITTED}; sum of count", sum(turned.values()))  # fmt: skip
    figures.add("incidents", f"Incident: aware_at < {until.date()}, closed_at is null or >= {start.date()}", len(told))  # fmt: skip
    figures.add("incidents_open", "the same; state = open", sum(row.state == "open" for row in told))
    return {
        "excess": {month: excess[month] for month in _months(period)},
        "turned": [{"code": code, "count": n} for code, n in turned.most_common(ROWS["turned"])],
        "stops": still[: ROWS["stops"]],
        "incidents": [
            {"number": row.number, "programme": row.programme.number if row.programme else None, "aware_at": row.aware_at, "closed_at": row.closed_at, "state": row.state}
            for row in told[: ROWS["incidents"]]
        ],
    }  # fmt: skip


def _minutes_within(stop: stops.Stop, start: datetime, until: datetime) -> int:
    since, to = max(stop.since, start), min(stop.to or until, until)
    return max(0, int((to - since).total_seconds())) // 60


def _months(period: Period) -> list[str]:
    days = [period.first + timedelta(days=n) for n in range((period.last - period.first).days + 1)]
    return list(dict.fromkeys(f"{day:%Y-%m}" for day in days))


def _register(entity: Entity, figures: sheets.Figures) -> dict[str, Any]:
    rows = list(Purpose.objects.filter(entity=entity).exclude(state="retired"))
    gaps = Counter(gap["code"] for row in rows for gap in row.missing if "code" in gap)
    asked = f"Purpose: entity = {entity.code}, state is not retired"
    figures.add("purposes", asked, len(rows))
    figures.add("whole", f"{asked}; nothing missing", sum(not row.missing_count for row in rows))
    figures.add("gaps", f"{asked}; sum of what is missing", sum(row.missing_count for row in rows))
    figures.add("unjudged", f"{asked}; without a verdict", sum(not row.verdict for row in rows))
    return {
        "verdicts": dict(sorted(Counter(row.verdict or "none" for row in rows).items())),
        "states": dict(sorted(Counter(row.state for row in rows).items())),
        "gaps": [{"code": code, "purposes": n} for code, n in gaps.most_common(ROWS["gaps"])],
    }  # fmt: skip


def _retention(entity: Entity, staff: int, figures: sheets.Figures) -> dict[str, Any]:
    today = clock.law_date(entity.timezone)
    due, records = due_next.papers(entity, today), due_next.records(entity, today, staff)
    until = today + due_next.AHEAD
    figures.add("rules", f"RetentionRule: living, purpose.entity = {entity.code}", RetentionRule.objects.living().filter(purpose__entity=entity).count())  # fmt: skip
    figures.add("due", f"Purpose.review_on, Evidence.expires_on, Assessment.until, Processor.contract_until, RetentionRule.applies_from: <= {until}", len(due))  # fmt: skip
    figures.add("past", "the same, before today", sum(one["on"] < today for one in due))
    ahead = sorted({f"{today + timedelta(days=n):%Y-%m}" for n in range(due_next.AHEAD.days + 1)})
    months = Counter(f"{one['on']:%Y-%m}" for one in due if one["on"] >= today)
    return {
        "months": {month: months[month] for month in ahead}, "rows": due[: ROWS["due"]], "more": max(0, len(due) - ROWS["due"]),
        "records": records[: ROWS["records"]], "today": today,
    }  # fmt: skip
