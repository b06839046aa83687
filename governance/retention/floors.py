"""How long the law asks to keep what an order is about: from the register's rules and the retention pack, law by law."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.lib import deadlines, packs
from governance.people.models import Employment, Person
from governance.purposes.models import Purpose, RetentionRule
from governance.purposes.policy import retention as policy
from governance.retention.rules import Floor


def of(
    person: Person,
    purpose: Purpose | None,
    processed_until: date,
    on: date,
    rule: RetentionRule | None = None,
) -> tuple[Floor, ...]:
    """Every duty to keep that covers this person's data of this purpose on that day.

    One order covers a whole purpose, so the duties of all its categories count. Of everything about a person only
    duties for every category do: what a single purpose has to keep is that purpose's to say. `rule`: the one that made
    the order due; where it locks away before it erases, its own second period counts too.
    """
    jobs = Employment.objects.filter(person=person).values_list("country", "entity__country")
    countries = frozenset(country for pair in jobs for country in pair)
    return reckoned(duties(purpose, countries, on, rule), person, purpose, processed_until, on)


@dataclass(frozen=True)
class Duty:
    """By whose law, from which event and how long it is to be kept, by which source."""

    law: str
    start: str
    minimum: str
    source: str


def duties(
    purpose: Purpose | None, countries: frozenset[str], on: date, rule: RetentionRule | None = None
) -> tuple[Duty, ...]:
    """What has to be kept of anybody who works in these countries: the same for many people."""
    return duties_of(list(purpose.retention_rules.living()) if purpose else [], countries, on, rule)


def duties_of(
    living: Sequence[Any], countries: frozenset[str], on: date, rule: RetentionRule | None = None
) -> tuple[Duty, ...]:
    """The same, where the purpose's living rules have been read already; each has the attributes of the row."""
    found = [
        Duty(bound.law, row.start, row.minimum, row.source)
        for row, bound in _of_pack({one.category for one in living} or {""}, countries, on)
    ]
    for one in living:
        law = _law_of(one.jurisdiction)
        covers = one.jurisdiction in countries or (one.jurisdiction == law and law in _laws(countries))
        if one.minimum and law and covers and (one.applies_from is None or one.applies_from <= on):
            found.append(Duty(law, one.start_event, one.minimum, one.source or one.category))
    if rule is not None and rule.action == "restrict" and rule.minimum and not rule.jurisdiction:
        found.append(Duty("", rule.start_event, rule.minimum, rule.source or rule.category))
    return tuple(found)


def reckoned(
    found: Iterable[Duty], person: Person, purpose: Purpose | None, processed_until: date, on: date
) -> tuple[Floor, ...]:
    """Until when these duties bind for this person."""

    def ends() -> list[date | None]:
        jobs = person.employments.filter(entity_id=purpose.entity_id) if purpose else person.employments.all()
        return list(jobs.values_list("ends_on", flat=True))

    retired = purpose.changed_at.date() if purpose is not None and purpose.state == "retired" else None
    return reckoned_by(found, processed_until, on, ends=ends, retired_on=retired)


def reckoned_by(
    found: Iterable[Duty], processed_until: date, on: date, *, ends: Callable[[], list[date | None]], retired_on: date | None
) -> tuple[Floor, ...]:  # fmt: skip
    """The same by plain facts. `ends`: of the person's jobs at the purpose's entity, or of all where there is no purpose."""
    return tuple(
        Floor(duty.law, _until(duty.start, duty.minimum, processed_until, on, ends, retired_on), duty.source)
        for duty in found
    )


def notice_hours(rule: RetentionRule, person: Person, on: date) -> int:
    """How long before the erasure the law wants the person told, where it does (DPDP Rules r.8(2)); else 0."""
    jobs = Employment.objects.filter(person=person).values_list("country", "entity__country")
    countries = frozenset(country for pair in jobs for country in pair)
    here = countries | _laws(countries)
    rows = [row for row in policy.rows() if row.applies(rule.category, here, on, False)]
    return max((row.notice_hours for row in rows), default=0)


def _of_pack(
    categories: Iterable[str], countries: frozenset[str], on: date
) -> Iterable[tuple[policy.RetentionRow, policy.Bounds]]:
    for category in sorted(categories):
        for bound in policy.judge(category, countries, on).bounds:
            if bound.floor is not None:
                yield bound.floor, bound


def _until(
    start: str, minimum: str, processed_until: date, on: date, ends: Callable[[], list[date | None]], retired_on: date | None
) -> date:  # fmt: skip
    """The first day on which the duty binds no more. What has not begun yet is reckoned as if it began today."""
    begins = processed_until
    if start == "year_ended":
        begins = date(processed_until.year, 12, 31)
    elif start in ("employment_ended", "contract_ended"):
        days = ends()
        begins = max([processed_until, on] if None in days or not days else [max(day for day in days if day)])
    elif start == "purpose_ended":
        begins = retired_on or max(processed_until, on)
    return deadlines.period(minimum, begins)


def _law_of(jurisdiction: str) -> str:
    """IN for India, EU for the Union and for each of its members; "" where the pack knows no such law."""
    table: dict[str, list[str]] = packs.load("laws").content["jurisdictions"]
    return next((law for law, members in table.items() if jurisdiction == law or jurisdiction in members), "")


def _laws(countries: Iterable[str]) -> frozenset[str]:
    return frozenset(filter(None, map(_law_of, countries)))
