"""An order to erase in two statements: all that the law makes it of, read at once, and the order with its entry in the log.

orders.raise_order is the door. Who ends a consent reads and writes the same in its own two (consents/ending.py).
"""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from django.db import DEFAULT_DB_ALIAS

from governance.audit import log
from governance.lib import numbers
from governance.lib.connectors import Scope
from governance.retention import floors, merging, rules
from governance.retention.models import ErasureOrder
from governance.retention.models.holds import OVER
from governance.retention.rules_steering import OF_THE_HOUSE

NEXT = f"nextval('number_e'), {log.NEXT}"
# Of a person `p` and a purpose `u`, which may be NULL. The last two are taken: they are given once, whatever comes of it.
FACTS = f"""jsonb_build_array(
    p.forgotten_at IS NULL, (SELECT w.country FROM people_entity w WHERE w.id = p.outside_of_id),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(e.country, w.country, e.entity_id, e.ends_on)), '[]')
        FROM people_employment e JOIN people_entity w ON w.id = e.entity_id WHERE e.person_id = p.id),
    (SELECT coalesce(jsonb_agg(DISTINCT h.silent), '[]') FROM retention_hold h WHERE {OVER}),
    (SELECT coalesce(jsonb_agg(jsonb_build_array(k.category, k.jurisdiction, k.start_event, k.minimum, k.source, k.applies_from)
            ORDER BY k.jurisdiction, k.category), '[]')
        FROM purposes_retentionrule k WHERE k.purpose_id = u.id AND k.ended_at IS NULL),
    u.entity_id, CASE WHEN u.state = 'retired' THEN (u.changed_at AT TIME ZONE 'UTC')::date END,
    EXISTS (SELECT 1 FROM retention_erasureorder o WHERE o.person_id = p.id AND (u.id IS NULL OR o.purpose_id = u.id)
        AND o.state IN ({", ".join(f"'{state}'" for state in merging.OPEN)})
        AND o.because IN ({", ".join(f"'{because}'" for because in sorted(OF_THE_HOUSE))})),
    {NEXT})
"""  # noqa: S608  our own words
# ON CONFLICT: two doors at once, one truth.
ORDER = """
INSERT INTO retention_erasureorder (id, number, entity_id, person_id, purpose_id, streams, before, because, because_id, jurisdictions,
    law_on, processed_until, state, reasons, kept_until, not_searched, attempts, fence, looked, action, rule_id, notice_hours)
SELECT %(order)s::uuid, %(order_number)s, %(order_entity)s::uuid, %(order_person)s::uuid, %(order_purpose)s::uuid,
    %(order_streams)s::uuid[], %(order_before)s::timestamptz, %(order_because)s, %(order_because_id)s::uuid,
    %(order_jurisdictions)s::varchar[], %(order_law_on)s::date, %(order_processed_until)s::date, %(order_state)s,
    %(order_reasons)s::jsonb, %(order_kept_until)s::date, '[]', 0, 0, '[]', %(order_action)s, %(order_rule)s::uuid,
    %(order_notice_hours)s::int
ON CONFLICT (because_id, person_id, purpose_id) DO NOTHING RETURNING id, created_at, try_after
"""
ENTRY = log.PUT.replace("%(entry", "%(raised")
PARTS = f"made AS ({ORDER}), raised AS ({ENTRY} FROM made)"


class Job(msgspec.Struct, array_like=True):
    country: str
    entity_country: str
    entity: UUID
    ends_on: date | None


class Rule(msgspec.Struct, array_like=True):
    """A living rule of the purpose, with the names of its row."""

    category: str
    jurisdiction: str
    start_event: str
    minimum: str
    source: str
    applies_from: date | None


class Facts(msgspec.Struct, array_like=True):
    """The array of FACTS."""

    is_there: bool  # not forgotten
    outside_country: str | None
    jobs: list[Job]
    holds: list[bool]  # is it a silent one? Of those in force
    living: list[Rule]
    entity: UUID | None
    retired_on: date | None
    something_to_absorb: bool
    number: int
    entry: int

    @property
    def laws(self) -> frozenset[str]:
        countries = [country for job in self.jobs for country in (job.country, job.entity_country)]
        return rules.jurisdictions_of(countries + ([self.outside_country] if self.outside_country else []))

    def ends(self) -> list[date | None]:
        return [job.ends_on for job in self.jobs if self.entity in (None, job.entity)]


DECODE = msgspec.json.Decoder(Facts).decode


@dataclass(frozen=True, slots=True)
class Raised:
    """The values of PARTS, and what the caller has to do when it stands."""

    id: UUID
    number: str
    state: str
    kept_until: date | None
    notice_hours: int
    tells: bool  # the person is to hear what became of it
    absorbs: bool  # merging.absorb has something to look at
    values: dict[str, Any]

    @property
    def has_more_to_it(self) -> bool:
        """More follows from it than that a worker is woken (orders.follow)."""
        return self.tells or self.absorbs or self.state != "waiting" or self.notice_hours > 0

    def row(self, created_at: datetime, try_after: datetime) -> ErasureOrder:
        """The same as the row that stands there now."""
        said = {
            key.removeprefix("order_"): value
            for key, value in self.values.items()
            if key.startswith("order_")
        }
        row = ErasureOrder(
            id=self.id, entity_id=said["entity"], person_id=said["person"], purpose_id=said["purpose"], rule_id=said["rule"],
            reasons=json.loads(said["reasons"]), created_at=created_at, try_after=try_after,
            **{name: said[name] for name in SAME},
        )  # fmt: skip
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
        return row


SAME = (
    "number", "streams", "before", "because", "because_id", "jurisdictions", "law_on", "processed_until", "state", "kept_until", "action",
    "notice_hours",
)  # fmt: skip


def order(
    now: Facts, scope: Scope, *, because: str, because_id: UUID, entity: UUID, on: date, at: datetime,
    processed_until: date | None = None, rule: Any = None, notice_hours: int = 0,
) -> Raised:  # fmt: skip
    """What the law of the day makes of this; `at` is the moment of its entry in the log."""
    laws, until = now.laws, processed_until or on
    countries = frozenset(country for job in now.jobs for country in (job.country, job.entity_country))
    duties = floors.duties_of(now.living, countries, on, rule)
    keep = floors.reckoned_by(duties, until, on, ends=now.ends, retired_on=now.retired_on)
    outcome = rules.decide(rules.OrderFacts(laws, because, until, bool(now.holds), floors=keep), on)
    pk, number = uuid4(), numbers.written("E", on.year, now.number)
    action = "anonymise" if rule is not None and rule.action == "anonymise" else "erase"
    entry = log.values(
        now.entry, "order.raised", by=None, kind="erasureorder", about=pk, at=at, because=because, because_id=because_id,
        state=outcome.state, law_on=on,
    )  # fmt: skip
    values = {
        "order": pk, "order_number": number, "order_entity": entity, "order_person": scope.person, "order_purpose": scope.purpose,
        "order_streams": list(scope.streams), "order_before": scope.before, "order_because": because, "order_because_id": because_id,
        "order_jurisdictions": sorted(laws), "order_law_on": on, "order_processed_until": until, "order_state": outcome.state,
        "order_reasons": json.dumps(list(outcome.reasons)), "order_kept_until": outcome.kept_until, "order_action": action,
        "order_rule": rule.pk if rule is not None else None, "order_notice_hours": notice_hours,
        **{key.replace("entry", "raised", 1): value for key, value in entry.items()},
    }  # fmt: skip
    # A direction that nothing be told (DPDP Rules r.23(2)) shows as waiting, as ErasureOrder.shown_state has it.
    tells = now.is_there and outcome.state != "waiting" and (outcome.state != "held" or False in now.holds)
    absorbs = now.something_to_absorb and outcome.state == "waiting" and action == "erase"
    return Raised(pk, number, outcome.state, outcome.kept_until, notice_hours, tells, absorbs, values)
