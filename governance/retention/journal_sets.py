"""The journal's steps for many orders at once: the same rows as for one, in one transaction and a few statements.

Each order keeps its own claim, Steps and Proofs. What is no longer ours drops out of the set, and nothing else of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, locks
from governance.lib.connectors import Connector, Erased, Residue, Scope
from governance.people import notify
from governance.people.models import Employment
from governance.purposes.models import DataSystem
from governance.retention import floors, journal, notices, orders, rules, tombstones
from governance.retention.journal import Claim
from governance.retention.models import ErasureOrder, Hold, Proof, Step

OURS = """
WITH mine AS (
    SELECT o.id FROM retention_erasureorder o JOIN unnest(%s::uuid[], %s::bigint[]) AS c (id, fence) ON o.id = c.id AND o.fence = c.fence
    WHERE o.state = 'erasing' ORDER BY o.id FOR UPDATE OF o)
UPDATE retention_erasureorder o SET lease_until = now() + %s FROM mine WHERE o.id = mine.id RETURNING o.id
"""
BEGIN = """
UPDATE retention_step s SET state = 'erasing', fault = '', found_before = coalesce(s.found_before, v.found), began_at = coalesce(s.began_at, %s)
FROM unnest(%s::bigint[], %s::bigint[]) AS v (id, found) WHERE s.id = v.id
"""
ERASED = """
UPDATE retention_step s SET state = 'erased', erased_at = %s, method = coalesce(nullif(v.method, ''), s.method), kept = v.kept::jsonb,
    erased = CASE WHEN v.remain > 0 THEN greatest(coalesce(s.found_before, 0) - v.remain, 0)
                  ELSE greatest(coalesce(s.found_before, 0), s.erased + v.done) END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS v (id, done, remain, method, kept) WHERE s.id = v.id
"""


@dataclass(eq=False)
class Member:
    """One order of a set, under its own claim."""

    claim: Claim
    order: ErasureOrder
    scope: Scope
    steps: dict[str, Step] = field(default_factory=dict)  # of the system that is being worked on, by chunk


@transaction.atomic
def claim(order_ids: Sequence[UUID]) -> list[Member]:
    """Those of them that may be begun now are ours, each under the lock under which its person's holds are placed.

    What somebody else has in hand is left to them, so that two sets never wait for each other.
    """
    people = ErasureOrder.objects.filter(pk__in=order_ids).values_list("person_id", flat=True)
    locks.in_order(sorted({locks.key("orders", person) for person in people}))
    found = ErasureOrder.objects.waiting().filter(pk__in=order_ids).order_by("pk")
    due = [
        order
        for order in found.select_for_update(of=("self",), skip_locked=True).select_related("person", "purpose", "entity", "rule")
        if not notices.late(order)
    ]  # fmt: skip
    mine = []
    for order, outcome in zip(due, outcomes(due), strict=True):
        if outcome.state != "waiting":
            orders.put(order, outcome)
            continue
        if order.state != "erasing":
            rules.check_move(order.state, "erasing")
        order.fence, order.attempts, order.state = order.fence + 1, order.attempts + 1, "erasing"
        mine.append(order)
    ErasureOrder.objects.filter(pk__in=[order.pk for order in mine]).update(
        state="erasing", fence=F("fence") + 1, attempts=F("attempts") + 1, lease_until=Now() + settings.ERASURE_LEASE,
    )  # fmt: skip
    log.record_many("order.begun", [(order, {"attempt": order.attempts}) for order in mine])
    return [Member(Claim(order.pk, order.fence), order, order.scope()) for order in mine]


def outcomes(due: Sequence[ErasureOrder]) -> list[rules.Outcome]:
    """What the holds and the law of the day make of each, as orders.outcome_now does of one. All of one purpose."""
    if not due:
        return []
    purpose, people = due[0].purpose, [order.person_id for order in due]
    held = _held(due)
    countries: dict[UUID, set[str]] = {}
    for person, *pair in Employment.objects.filter(person__in=people).values_list(
        "person_id", "country", "entity__country"
    ):
        countries.setdefault(person, set()).update(pair)
    duties: dict[Any, tuple[floors.Duty, ...]] = {}
    told: list[rules.Outcome] = []
    decided: dict[Any, rules.Outcome] = {}
    for order in due:
        on = clock.law_date(order.entity.timezone)
        key = (frozenset(countries.get(order.person_id, ())), on, order.rule_id)
        if key not in duties:
            duties[key] = floors.duties(purpose, key[0], on, order.rule)
        facts = rules.OrderFacts(
            frozenset(order.jurisdictions), order.because, order.processed_until, bool({order.person_id, None} & held),
            rules.decided(order.reasons), floors.reckoned(duties[key], order.person, purpose, order.processed_until, on),
        )  # fmt: skip
        if (facts, on) not in decided:
            decided[facts, on] = rules.decide(facts, on)
        told.append(decided[facts, on])
    return told


def _held(due: Sequence[ErasureOrder]) -> set[UUID | None]:
    """Whom of them a hold covers; None among them: everybody. All of one purpose."""
    if not due:
        return set()
    over = Hold.objects.over_any([order.person_id for order in due], due[0].purpose_id)
    return set(over.values_list("person_id", flat=True))


@contextmanager
def ours(members: Sequence[Member]) -> Iterator[list[Member]]:
    """One transaction under all their claims; the leases begin anew. Whoever was overtaken is not among them any more."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            OURS,
            [
                [member.claim.order_id for member in members],
                [member.claim.fence for member in members],
                settings.ERASURE_LEASE,
            ],
        )
        there = {row[0] for row in cursor.fetchall()}
        yield [member for member in members if member.claim.order_id in there]


def plan(members: Sequence[Member], system: DataSystem, chunks: Mapping[UUID, Sequence[str]]) -> list[Member]:
    """A pending row for each chunk of each that has none; `chunks` by order. Whose claim is in force."""
    with ours(members) as mine:
        Step.objects.bulk_create(
            [
                Step(order=member.order, system=system, chunk=chunk)
                for member in mine
                for chunk in chunks[member.order.pk]
            ],
            ignore_conflicts=True,
        )
        by_order = {member.order.pk: member for member in mine}
        for member in mine:
            member.steps = {}
        for step in Step.objects.filter(order__in=list(by_order), system=system):
            by_order[step.order_id].steps[step.chunk] = step
    return mine


def begin(found: Sequence[tuple[Member, Step, int]]) -> list[tuple[Member, Step]]:
    """Erasing begins in these, what was found stands there; who is held by now is put to held, and not among them."""
    with ours([member for member, _step, _found in found]) as mine:
        over = _held([member.order for member in mine])
        held = [member.order.pk for member in mine if {member.order.person_id, None} & over]
        now = list(
            ErasureOrder.objects.select_for_update(of=("self",)).select_related("person", "purpose", "entity", "rule")
            .filter(pk__in=held).order_by("pk")
        ) if held else []  # fmt: skip
        for order, outcome in zip(now, outcomes(now), strict=True):
            orders.put(order, outcome)
        free = {member.order.pk for member in mine} - set(held)
        rows = [(member, step, count) for member, step, count in found if member.order.pk in free]
        with connection.cursor() as cursor:
            cursor.execute(
                BEGIN,
                [clock.now(), [step.pk for _m, step, _c in rows], [count for _m, _step, count in rows]],
            )
    return [(member, step) for member, step, _count in rows]


def erased(done: Sequence[tuple[Member, Step, Erased, int]]) -> list[Member]:
    """The connector has said that it erased, and counts so many that are left; believed only when read back."""
    with ours([member for member, *_rest in done]) as mine, connection.cursor() as cursor:
        there = {member.order.pk for member in mine}
        rows = [row for row in done if row[0].order.pk in there]
        cursor.execute(
            ERASED,
            [
                clock.now(), [step.pk for _m, step, _d, _l in rows], [erased.count for _m, _s, erased, _l in rows],
                [left for *_rest, left in rows], [erased.method[:200] for _m, _s, erased, _l in rows],
                [json.dumps(journal.plain(erased.kept)) for _m, _s, erased, _l in rows],
            ],
        )  # fmt: skip
    return mine


def proved(read: Sequence[tuple[Member, Residue]], system: DataSystem, connector: Connector) -> None:
    """Each of these was read back empty: its steps are verified and its one Proof is written, all of them or none."""
    if any(found.count for _member, found in read):
        raise ValueError("A proof says that nothing was found.")
    with ours([member for member, _found in read]) as mine:
        there = {member.order.pk: member for member in mine}
        for proof in Proof.objects.filter(order__in=list(there), system=system):
            del there[proof.order_id]
        steps: dict[UUID, list[Step]] = {pk: [] for pk in there}
        rows = Step.objects.select_for_update().filter(order__in=list(there), system=system)
        for step in rows.order_by("pk"):
            steps[step.order_id].append(step)
        now = clock.now()
        proofs = Proof.objects.bulk_create(
            journal.proof_of(there[member.order.pk].order, system, steps[member.order.pk], connector, found, now)
            for member, found in read
            if member.order.pk in there
        )  # fmt: skip
        tombstones.lay_many([there[proof.order_id].order for proof in proofs], system, [there[proof.order_id].scope.identifiers for proof in proofs])  # fmt: skip
        Step.objects.filter(order__in=list(there), system=system).update(
            state="verified", found_after=0, residue=[], fault="", verified_at=now
        )
        log.record_many(
            "system.proved",
            [
                (
                    proof.order,
                    {
                        "system": system.pk,
                        "proof": proof.pk,
                        "digest": proof.digest,
                        "erased": proof.erased,
                    },
                )
                for proof in proofs
            ],
        )


def fault(members: Sequence[Member], system: DataSystem, what: str) -> None:
    """The system answers nobody: the steps of each that are not proved say why."""
    for member in members:
        try:
            journal.fault(member.claim, system, what)
        except journal.Overtaken:
            continue


def settle(
    members: Sequence[Member], systems: Sequence[DataSystem], not_searched: Sequence[DataSystem]
) -> set[UUID]:
    """Those that have a Proof of every connected system are done; which. The others are left as they are."""
    if not systems:
        return set()
    with ours(members) as mine:
        proofs = Proof.objects.filter(order__in=[member.order for member in mine], system__in=list(systems))
        whole = {
            row["order"]
            for row in proofs.values("order").annotate(number=Count("pk")).order_by()
            if row["number"] == len(systems)
        }
        done = [member.order for member in mine if member.order.pk in whole]
        left_out = [{"system": str(system.pk), "why": "not_connected"} for system in not_searched]
        ErasureOrder.objects.filter(pk__in=whole).update(
            state="done", lease_until=None, not_searched=left_out, done_at=clock.now()
        )
        notify.tell_many(
            [(order.person, {"order": order.pk}) for order in done if order.person.forgotten_at is None],
            "order_done",
        )
        log.record_many(
            "order.done",
            [
                (
                    order,
                    {
                        "proofs": len(systems), "systems": len(systems), "attempt": order.attempts,
                        "not_searched": [system.pk for system in not_searched],
                    },
                )
                for order in done
            ],
        )  # fmt: skip
    return whole
