"""The journal's steps for many orders at once: the same rows as for one, in one transaction and a few statements.

Each order keeps its own claim, Steps and Proofs. What is no longer ours drops out of the set, and nothing else of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, locks
from governance.lib.canonical import canonical
from governance.lib.connectors import Connector, Erased, Residue, Scope
from governance.people import notify
from governance.people.models import Employment
from governance.purposes.models import DataSystem
from governance.retention import floors, journal, notices, orders, rules, tombstones
from governance.retention.journal import Claim
from governance.retention.models import ErasureOrder, Hold, Proof

# The rows are locked; written to they are only when a lease is half over (journal.kept renews it meanwhile, too).
OURS = """
WITH mine AS (
    SELECT o.id, o.lease_until FROM retention_erasureorder o JOIN unnest(%(ids)s::uuid[], %(fences)s::bigint[]) AS c (id, fence) ON o.id = c.id AND o.fence = c.fence
    WHERE o.state = 'erasing' ORDER BY o.id FOR UPDATE OF o),
renewed AS (
    UPDATE retention_erasureorder o SET lease_until = now() + %(lease)s FROM mine
    WHERE o.id = mine.id AND coalesce(mine.lease_until, now()) < now() + %(lease)s / 2)
SELECT id FROM mine
"""
PLAN = """
INSERT INTO retention_step (order_id, system_id, chunk, state, erased, kept, method, residue, fault)
SELECT v.id, %s, v.chunk, 'pending', 0, '[]', '', '[]', '' FROM unnest(%s::uuid[], %s::text[]) AS v (id, chunk)
ON CONFLICT (order_id, system_id, chunk) DO NOTHING
"""
# What an earlier attempt has erased is not begun again: it is only read back.
BEGIN = """
INSERT INTO retention_step AS s (order_id, system_id, chunk, state, erased, kept, method, residue, fault, found_before, began_at)
SELECT v.id, %s, v.chunk, 'erasing', 0, '[]', '', '[]', '', v.found, %s FROM unnest(%s::uuid[], %s::text[], %s::bigint[]) AS v (id, chunk, found)
ON CONFLICT (order_id, system_id, chunk) DO UPDATE SET state = 'erasing', fault = '',
    found_before = coalesce(s.found_before, excluded.found_before), began_at = coalesce(s.began_at, excluded.began_at)
WHERE s.state IN ('pending', 'erasing')
RETURNING s.id, s.order_id, s.chunk
"""
ERASED = """
UPDATE retention_step s SET state = 'erased', erased_at = %s, method = coalesce(nullif(v.method, ''), s.method), kept = v.kept::jsonb,
    erased = CASE WHEN v.remain > 0 THEN greatest(coalesce(s.found_before, 0) - v.remain, 0)
                  ELSE greatest(coalesce(s.found_before, 0), s.erased + v.done) END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS v (id, done, remain, method, kept) WHERE s.id = v.id
"""
PROVED = """
INSERT INTO retention_proof (id, order_id, system_id, found_before, erased, found_after, not_erased, looked_at, connector, method, erased_at, read_back_at, digest)
SELECT p.id, p.order_id, %(system)s, p.found_before, p.erased, p.found_after, p.not_erased, p.looked_at, p.connector, p.method, p.erased_at, p.read_back_at, p.digest
FROM jsonb_to_recordset(%(proofs)s::jsonb) AS p (id uuid, order_id uuid, found_before bigint, erased bigint, found_after bigint, not_erased jsonb,
    looked_at jsonb, connector text, method text, erased_at timestamptz, read_back_at timestamptz, digest text)
ON CONFLICT (order_id, system_id) DO NOTHING RETURNING order_id
"""
# What was erased in this attempt and read back at once, and what an earlier one had erased.
VERIFIED = """
UPDATE retention_step s SET state = 'verified', found_after = 0, residue = '[]', fault = '', verified_at = %s, erased_at = %s, method = coalesce(nullif(v.method, ''), s.method), kept = v.kept::jsonb,
    erased = CASE WHEN v.remain > 0 THEN greatest(coalesce(s.found_before, 0) - v.remain, 0)
                  ELSE greatest(coalesce(s.found_before, 0), s.erased + v.done) END
FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[], %s::text[]) AS v (id, done, remain, method, kept) WHERE s.id = v.id
RETURNING s.id, s.order_id, s.found_before, s.erased, s.kept::text, s.method, s.erased_at
"""
VERIFIED_TOO = """
UPDATE retention_step s SET state = 'verified', found_after = 0, residue = '[]', fault = '', verified_at = %s
WHERE s.order_id = ANY(%s) AND s.system_id = %s AND s.state = 'erased'
RETURNING s.id, s.order_id, s.found_before, s.erased, s.kept::text, s.method, s.erased_at
"""
OF_PROOF = ("id", "order_id", "found_before", "erased", "found_after", "not_erased", "looked_at", "connector", "method", "erased_at", "read_back_at", "digest")  # fmt: skip


@dataclass(eq=False)
class Member:
    """One order of a set, under its own claim."""

    claim: Claim
    order: ErasureOrder
    scope: Scope


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
        ids, fences = (
            [member.claim.order_id for member in members],
            [member.claim.fence for member in members],
        )
        cursor.execute(OURS, {"ids": ids, "fences": fences, "lease": settings.ERASURE_LEASE})
        there = {row[0] for row in cursor.fetchall()}
        yield [member for member in members if member.claim.order_id in there]


def plan(members: Sequence[Member], system: DataSystem, chunks: Mapping[UUID, Sequence[str]]) -> None:
    """A pending row for each chunk of each that has none; `chunks` by order."""
    with ours(members) as mine, connection.cursor() as cursor:
        rows = [(member.order.pk, chunk) for member in mine for chunk in chunks[member.order.pk]]
        cursor.execute(PLAN, [system.pk, [pk for pk, _chunk in rows], [chunk for _pk, chunk in rows]])


def begin(found: Sequence[tuple[Member, str, int]], system: DataSystem) -> list[tuple[Member, str, int]]:
    """Erasing begins in these chunks, what was found stands there; (whose, which, its row) in their order.

    Who is held by now is put to held, and not among them; nor is what was erased in an earlier attempt.
    """
    with ours(list(dict.fromkeys(member for member, _chunk, _found in found))) as mine:
        over = _held([member.order for member in mine])
        held = [member.order.pk for member in mine if {member.order.person_id, None} & over]
        now = list(
            ErasureOrder.objects.select_for_update(of=("self",)).select_related("person", "purpose", "entity", "rule")
            .filter(pk__in=held).order_by("pk")
        ) if held else []  # fmt: skip
        for order, outcome in zip(now, outcomes(now), strict=True):
            orders.put(order, outcome)
        free = {member.order.pk for member in mine} - set(held)
        rows = [(member.order.pk, chunk, count) for member, chunk, count in found if member.order.pk in free]
        with connection.cursor() as cursor:
            cursor.execute(BEGIN, [system.pk, clock.now(), *_columns(rows, 3)])
            steps = {(order, chunk): step for step, order, chunk in cursor.fetchall()}
    of = [(member, chunk, steps.get((member.order.pk, chunk))) for member, chunk, _count in found]
    return [(member, chunk, step) for member, chunk, step in of if step is not None]


def _columns(rows: Sequence[Sequence[Any]], number: int) -> list[list[Any]]:
    return [[row[i] for row in rows] for i in range(number)]


@dataclass(frozen=True)
class Told:
    """What the connector said of one step that was begun: it erased, then, and counts so many that are left."""

    member: Member
    step: int
    erased: Erased
    left: int
    at: datetime

    def row(self) -> tuple[Any, ...]:
        kept = json.dumps(journal.plain(self.erased.kept))
        return self.step, self.erased.count, self.left, self.erased.method[:200], kept


class Row(NamedTuple):
    """What a step says for a Proof."""

    step: int
    order_id: UUID
    found_before: int | None
    erased: int
    kept: list[dict[str, Any]]
    method: str
    erased_at: datetime | None


def erased(told: Sequence[Told]) -> None:
    """The connector has said that it erased these steps, and that was not found to be so by reading back."""
    if told:
        with ours(list(dict.fromkeys(one.member for one in told))) as mine, connection.cursor() as cursor:
            rows = [one.row() for one in told if one.member in mine]
            cursor.execute(ERASED, [told[0].at, *_columns(rows, 5)])


def proved(read: Sequence[tuple[Member, Residue]], told: Sequence[Told], system: DataSystem, connector: Connector) -> None:  # fmt: skip
    """Each of these was read back empty: its steps are verified and its one Proof is written, all of them or none.

    `told`: what was erased in this attempt; what an earlier one had erased stands in the journal.
    """
    if any(found.count for _member, found in read):
        raise ValueError("A proof says that nothing was found.")
    if not read:
        return
    with ours([member for member, _found in read]) as mine, connection.cursor() as cursor:
        there, now = set(mine), clock.now()
        steps: dict[UUID, list[Row]] = {member.order.pk: [] for member in mine}
        rows = [one.row() for one in told if one.member in there]
        found_rows: list[Any] = []
        if rows:
            cursor.execute(VERIFIED, [now, told[0].at, *_columns(rows, 5)])
            found_rows += cursor.fetchall()
        cursor.execute(VERIFIED_TOO, [now, list(steps), system.pk])
        found_rows += cursor.fetchall()
        for row in sorted(found_rows):
            one = Row(*row)
            steps[one.order_id].append(one._replace(kept=json.loads(row[4])))
        proofs = {
            member.order.pk: journal.proof_of(member.order, system, steps[member.order.pk], connector, found, now)
            for member, found in read
            if member in there
        }  # fmt: skip
        said = [{name: getattr(proof, name) for name in OF_PROOF} for proof in proofs.values()]
        cursor.execute(PROVED, {"system": system.pk, "proofs": canonical(said).decode()})
        new = {row[0] for row in cursor.fetchall()}
        mine = [member for member in mine if member.order.pk in new]
        tombstones.lay_many([m.order for m in mine], system, [m.scope.identifiers for m in mine])
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
                for pk, proof in proofs.items()
                if pk in new
            ],
        )


def fault(
    members: Sequence[Member], system: DataSystem, chunks: Mapping[UUID, Sequence[str]], what: str
) -> None:
    """The system answers nobody: the steps of each that are not proved say why."""
    plan(members, system, chunks)
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
