"""Floors and ceilings of retention, each law by itself; where they clash the DPO sees both sources, and nobody guesses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

from governance.lib import packs
from governance.lib.deadlines import period
from governance.purposes.policy.facts import PurposeFacts, RetentionPlan
from governance.purposes.policy.rule import BrokenPack

CONFLICT = "RETENTION_CONFLICT"
KINDS = frozenset({"duty", "ceiling", "limitation", "practice"})
CONFIDENCES = frozenset({"seen", "known", "verify", "design"})
STARTS = frozenset(
    (
        "collected consent_ended purpose_ended employment_ended contract_ended last_activity year_ended decided closed"
        " fixed_date"
    ).split()
)
FILE = "retention.toml"
ANY = "*"
YARDSTICK = date(2001, 1, 1)  # periods are compared by the day on which each would end if begun here


@dataclass(frozen=True)
class RetentionRow:
    """One seed row. `minimum` binds only as a duty, `maximum` only as a ceiling."""

    id: str
    category: str
    country: str  # a country, EU for all of its members, * for everybody
    start: str
    minimum: str
    maximum: str
    kind: str
    source: str
    confidence: str
    from_: date | None
    until: date | None
    notice_hours: int  # before erasing, the person is told so long ahead (DPDP Rules r.8(2)); 0: not by law
    off_abroad: bool  # not for data of persons abroad under a foreign contract (DPDP s.17(1)(d), X-01)

    def applies(self, category: str, countries: frozenset[str], on: date, foreign_contract: bool) -> bool:
        if self.category not in (category, ANY) or (self.country != ANY and self.country not in countries):
            return False
        if self.off_abroad and foreign_contract:
            return False
        return (self.from_ is None or self.from_ <= on) and (self.until is None or on < self.until)


@dataclass(frozen=True)
class Bounds:
    """What one law says of a category: its longest duty and its shortest ceiling."""

    law: str
    floor: RetentionRow | None
    ceiling: RetentionRow | None


@dataclass(frozen=True)
class RetentionFinding:
    """`code`: RETENTION_CONFLICT, or kept_too_short / kept_too_long against the purpose's own plan."""

    code: str
    category: str
    sources: tuple[str, ...]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class RetentionVerdict:
    category: str
    bounds: tuple[Bounds, ...]
    findings: tuple[RetentionFinding, ...]
    justifies: tuple[RetentionRow, ...]  # limitation periods: reasons to keep, never floors

    @property
    def conflicts(self) -> list[RetentionFinding]:
        return [finding for finding in self.findings if finding.code == CONFLICT]


def rows_of(content: Mapping[str, Any]) -> tuple[RetentionRow, ...]:
    """The rows of a retention pack; BrokenPack names the one that cannot be used."""
    found: dict[str, RetentionRow] = {}
    for row in content.get("row", ()):
        name = str(row.get("id", "without an id"))
        if missing := [
            k
            for k in ("id", "category", "country", "start", "kind", "source", "confidence")
            if not row.get(k)
        ]:
            raise BrokenPack(FILE, name, f"it lacks {', '.join(missing)}")
        for key, allowed in (("kind", KINDS), ("confidence", CONFIDENCES), ("start", STARTS)):
            if row[key] not in allowed:
                raise BrokenPack(FILE, name, f"“{key}” is never “{row[key]}”")
        for key in ("min", "max"):
            try:
                period(row.get(key) or "P0D", YARDSTICK)
            except ValueError as error:
                raise BrokenPack(FILE, name, f"“{key}”: {error}") from None
        wanted = {"duty": "min", "limitation": "min", "ceiling": "max"}.get(row["kind"])
        if wanted and not row.get(wanted):
            raise BrokenPack(FILE, name, f"a {row['kind']} needs “{wanted}”")
        if name in found:
            raise BrokenPack(FILE, name, "there are two rows with this id")
        found[name] = RetentionRow(
            name, row["category"], row["country"], row["start"], row.get("min", ""), row.get("max", ""), row["kind"],
            row["source"], row["confidence"], row.get("from"), row.get("until"), row.get("notice_hours", 0),
            row.get("off_abroad", False),
        )  # fmt: skip
    return tuple(found.values())


@cache
def rows() -> tuple[RetentionRow, ...]:
    return rows_of(packs.load("retention").content)


def length(text: str) -> int:
    """A period in days, for comparing."""
    try:
        return (period(text, YARDSTICK) - YARDSTICK).days
    except (
        OverflowError,
        ValueError,
    ):  # beyond the calendar's last year, but still longer than anything else
        return int(text[1:-1]) * {"Y": 366, "M": 31, "D": 1}[text[-1]]


def judge(
    category: str, countries: Iterable[str], on: date, *, plan: RetentionPlan | None = None, on_consent: bool = False,
    foreign_contract: bool = False, pack: tuple[RetentionRow, ...] | None = None,
) -> RetentionVerdict:  # fmt: skip
    """Floors and ceilings of every law for a category, and where they clash.

    `countries`: ISO codes; members of the Union bring EU rows too. Rows with other start events are compared by their
    length alone, because both events can fall on one day: better one conflict too many than data lost or kept unlawfully.
    """
    laws = packs.load("laws").content["jurisdictions"]
    here = frozenset(countries)
    law_of = {country: law for law, listed in laws.items() for country in listed}
    here |= {law_of[country] for country in here if country in law_of}
    categories = (category, "consent-based data") if on_consent else (category,)
    all_rows = rows() if pack is None else pack
    applying = [
        row for row in all_rows if any(row.applies(name, here, on, foreign_contract) for name in categories)
    ]
    by_law: dict[str, list[RetentionRow]] = {}
    for row in applying:
        by_law.setdefault(law_of.get(row.country, row.country), []).append(row)
    bounds = tuple(_bounds(law, listed) for law, listed in sorted(by_law.items()))
    findings = tuple(_findings(category, bounds, plan))
    return RetentionVerdict(
        category, bounds, findings, tuple(row for row in applying if row.kind == "limitation")
    )


def judge_purpose(facts: PurposeFacts, on: date) -> list[RetentionVerdict]:
    """One verdict for each category that the purpose plans to keep."""
    countries = facts.countries | facts.laws
    on_consent = facts.basis_eu == "a" or facts.ground_in == "s6"
    return [
        judge(
            plan.category,
            countries,
            on,
            plan=plan,
            on_consent=on_consent,
            foreign_contract=facts.foreign_contract,
        )
        for plan in facts.retention
    ]


def _bounds(law: str, listed: list[RetentionRow]) -> Bounds:
    duties = [row for row in listed if row.kind == "duty"]
    ceilings = [row for row in listed if row.kind == "ceiling"]
    return Bounds(
        law,
        max(duties, key=lambda row: length(row.minimum), default=None),
        min(ceilings, key=lambda row: length(row.maximum), default=None),
    )


def _findings(
    category: str, bounds: tuple[Bounds, ...], plan: RetentionPlan | None
) -> Iterable[RetentionFinding]:
    floors = [b.floor for b in bounds if b.floor]
    longest = max((length(floor.minimum) for floor in floors), default=0)
    # A ceiling of the house yields to a floor of the law; only law against law is a conflict.
    ceilings = [
        b.ceiling
        for b in bounds
        if b.ceiling and not (b.ceiling.country == ANY and length(b.ceiling.maximum) < longest)
    ]
    for floor in floors:
        for ceiling in ceilings:
            if length(floor.minimum) > length(ceiling.maximum):
                yield RetentionFinding(
                    CONFLICT, category, (floor.source, ceiling.source), (floor.id, ceiling.id)
                )
    if plan is None:
        return
    for floor in floors:
        if floor.start == plan.start and length(plan.keeps) < length(floor.minimum):
            yield RetentionFinding("kept_too_short", category, (floor.source,), (floor.id,))
    for ceiling in ceilings:
        if ceiling.start == plan.start and length(plan.keeps) > length(ceiling.maximum):
            yield RetentionFinding("kept_too_long", category, (ceiling.source,), (ceiling.id,))
