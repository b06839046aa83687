"""Try a period before it is saved: what would become due, when, in which system, and what the law makes of it.

The web's login reaches no system: it writes down the question, and the eraser, who can look, answers it with counts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, connectors, quiet
from governance.lib.nudge import nudge
from governance.people.models import Person
from governance.purposes.models import Purpose
from governance.retention import floors, orders, rules, rules_simulating, sweep, systems
from governance.retention.models import Hold, Simulation
from governance.retention.systems import Part

logger = structlog.get_logger(__name__)
COUNTED = 200  # people whose rows are counted one by one; of more the page says "at least"


@dataclass(frozen=True)
class Period:
    """One rule by which the sweep finds what is due, or the one that is tried."""

    law: str
    maximum: str
    applies_from: date | None = None
    start: str = "collected"

    def before(self, day: date) -> datetime | None:
        return rules_simulating.collected_before(self.maximum, day, self.start, self.applies_from)


@transaction.atomic
def ask(purpose: Purpose, *, law: str, period: str, applies_from: date | None, by: Person) -> Simulation:
    """The question is written down; a worker answers it within a minute. Raises Refused."""
    on = clock.law_date(purpose.entity.timezone)
    rules_simulating.check_period(period, on)
    row = Simulation.objects.create(
        purpose=purpose, law=law, period=period, applies_from=applies_from, on=on, asked_by=by
    )
    log.record("retention.simulated", by=by, about=purpose, simulation=row.pk, law=law, period=period)
    nudge("retention.look")
    return row


def waiting() -> list[UUID]:
    return list(
        Simulation.objects.filter(ready_at__isnull=True).order_by("asked_at").values_list("pk", flat=True)
    )


def work_out(simulation_id: UUID) -> None:
    """The question has its answer; asked twice it is answered once. Nothing is changed in any system."""
    row = Simulation.objects.select_related("purpose__entity").get(pk=simulation_id)
    if row.ready_at:
        return
    result = _answer(row)
    Simulation.objects.filter(pk=row.pk, ready_at__isnull=True).update(result=result, ready_at=Now())


def _answer(row: Simulation) -> dict[str, Any]:
    """{"days", "systems": [{"system", "state", "now", "then", "rows"}], "people": {"now", "then", "sooner"}, "outcomes"}.

    `now` and `then`: people of whom something becomes due for the first time on each day, by the rules in force and
    with the period that is tried. `state`: seen, away, no_map, no_times, not_connected.
    """
    days = rules_simulating.days(row.on)
    living = sweep.periods(row.purpose)
    now = [Period(rule.jurisdiction, rule.maximum, rule.applies_from, rule.start_event) for rule in living]
    tried = Period(row.law, row.period, row.applies_from)
    then = [one for one in now if one.law != row.law or one.start != tried.start] + [tried]
    people = _People(row.purpose)
    registered = list(systems.of_purpose(row.purpose_id))
    parts = {part.system.pk: part for part in systems.parts(row.purpose_id, registered)}
    shown, all_now, all_then = [], [set() for _ in days], [set() for _ in days]  # type: ignore[var-annotated]
    streams: dict[UUID, tuple[UUID, ...]] = {}
    for system in registered:
        part = parts.get(system.pk)
        entry: dict[str, Any] = {
            "system": str(system.pk),
            "state": _state(part),
            "now": [],
            "then": [],
            "rows": None,
        }
        shown.append(entry)
        if part is None or entry["state"] != "seen":
            continue
        try:
            by_now = [people.due(part, row.purpose_id, now, day) for day in days]
            by_then = [people.due(part, row.purpose_id, then, day) for day in days]
        except Exception as error:
            logger.warning("simulation.system_away", system=str(system.pk), error=quiet.describe(error))
            entry["state"] = "away"
            continue
        entry["now"] = rules_simulating.first_due([frozenset(due) for due in by_now])
        entry["then"] = rules_simulating.first_due([frozenset(due) for due in by_then])
        for i in range(len(days)):
            all_now[i] |= by_now[i].keys()
            all_then[i] |= by_then[i].keys()
        for person_id, found in by_then[0].items():
            streams[person_id] = (*streams.get(person_id, ()), *found)
    at_once = all_then[0]
    for entry in shown:
        part = parts.get(UUID(entry["system"]))
        if part is not None and entry["state"] in ("seen", "no_times") and at_once:
            entry["rows"] = people.rows(part, row, at_once, streams, then)
    return {
        "days": [day.isoformat() for day in days],
        "systems": shown,
        "people": {
            "now": rules_simulating.first_due([frozenset(due) for due in all_now]),
            "then": rules_simulating.first_due([frozenset(due) for due in all_then]),
            "sooner": len(all_then[0] - all_now[0]),
        },
        "outcomes": people.outcomes(row, at_once, then),
        "counted": min(len(at_once), COUNTED),
    }


def _state(part: Part | None) -> str:
    if part is None:
        return "not_connected"
    if part.spec is None:
        return "no_map"
    return "seen" if tells_times(part.kind, part.spec) else "no_times"


def tells_times(kind: str, spec: Mapping[str, Any]) -> bool:
    """Does a system of this kind, by this map, tell how old its data are, so that they come due by themselves?"""
    tells: Any = getattr(connectors.load(kind), "tells_times", True)
    return bool(tells(spec) if callable(tells) else tells)


class _People:
    """Who is concerned by which rule, asked once for each of them."""

    def __init__(self, purpose: Purpose) -> None:
        self.purpose = purpose
        self._known: dict[str, UUID | None] = {}
        self._open: dict[UUID, connectors.Connector] = {}  # a folder is read once for all the days
        self._laws: dict[UUID, frozenset[str] | None] = {}
        self._due: dict[tuple[Any, Any], dict[UUID, tuple[UUID, ...]]] = {}

    def due(
        self, part: Part, purpose_id: UUID, periods: Sequence[Period], day: date
    ) -> dict[UUID, tuple[UUID, ...]]:
        """Person → streams of whom something in this system is due on `day`, as the sweep of that day finds it."""
        found: dict[UUID, tuple[UUID, ...]] = {}
        for one in periods:
            if rules_simulating.in_force(one.applies_from, day):
                before = one.before(day)
                if before is None:
                    continue
                for person_id, streams in self._asked(part, purpose_id, before).items():
                    laws = self.laws(person_id)
                    if laws is not None and sweep.covers(one.law, laws):
                        found[person_id] = (*found.get(person_id, ()), *streams)
        return found

    def _asked(self, part: Part, purpose_id: UUID, before: Any) -> dict[UUID, tuple[UUID, ...]]:
        key = (part.system.pk, before)
        if key not in self._due:
            found: dict[UUID, tuple[UUID, ...]] = {}
            if part.system.pk not in self._open:
                self._open[part.system.pk] = part.open()
            for one in self._open[part.system.pk].due(purpose_id, before):
                person_id = one.person or self._by_number(one.number)
                if person_id:
                    found[person_id] = (*found.get(person_id, ()), *one.streams)
            self._due[key] = found
        return self._due[key]

    def _by_number(self, number: str) -> UUID | None:
        if number not in self._known:
            self._known[number] = Person.objects.filter(number=number).values_list("pk", flat=True).first()
        return self._known[number]

    def laws(self, person_id: UUID) -> frozenset[str] | None:
        """Whose law covers this person; None: not one of this entity's."""
        if person_id not in self._laws:
            person = Person.objects.get(pk=person_id)
            ours = person.employments.filter(entity_id=self.purpose.entity_id).exists()
            self._laws[person_id] = orders.jurisdictions_of(person) if ours else None
        return self._laws[person_id]

    def rows(
        self, part: Part, row: Simulation, at_once: set[UUID], streams: dict[UUID, tuple[UUID, ...]], periods: Sequence[Period]
    ) -> int | None:  # fmt: skip
        """How many rows, files or segments the next sweep's orders would erase here; None when it does not answer."""
        try:
            connector = part.open()
            total = 0
            for person in Person.objects.filter(pk__in=sorted(at_once)[:COUNTED]):
                found = self._scope(person, row, streams.get(person.pk, ()), periods)
                total += sum(connector.count(found, chunk) for chunk in connector.chunks(found))
            return total
        except Exception as error:
            logger.warning("simulation.system_away", system=str(part.system.pk), error=quiet.describe(error))
            return None

    def _scope(
        self, person: Person, row: Simulation, streams: Iterable[UUID], periods: Sequence[Period]
    ) -> connectors.Scope:
        laws = self.laws(person.pk) or frozenset()
        before = max(
            before
            for one in periods
            if sweep.covers(one.law, laws)
            and rules_simulating.in_force(one.applies_from, row.on)
            and (before := one.before(row.on))
        )
        names = {"number": person.number, "name": person.name, "email": person.email}
        return connectors.Scope(
            person.pk,
            row.purpose_id,
            tuple(streams),
            before,
            {key: value for key, value in names.items() if value},
        )

    def outcomes(self, row: Simulation, at_once: set[UUID], periods: Sequence[Period]) -> dict[str, int]:
        """What the law and the holds of today would make of the orders of the next sweep: state → people."""
        states: Counter[str] = Counter()
        for person in Person.objects.filter(pk__in=at_once):
            laws = self.laws(person.pk) or frozenset()
            until = min(
                before.date() for one in periods if sweep.covers(one.law, laws) and (before := one.before(row.on))
            ) - timedelta(days=1)  # fmt: skip
            held = Hold.objects.over(person.pk, row.purpose_id).exists()
            keep = floors.of(person, row.purpose, until, row.on)
            facts = rules.OrderFacts(laws, "rule.due", until, held, floors=keep)
            states[rules.decide(facts, row.on).state] += 1
        return dict(states)
