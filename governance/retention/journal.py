"""The journal of carrying an order out: every step its own transaction, each refused when the claim is no longer ours."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import clock, locks
from governance.lib.canonical import digest
from governance.lib.connectors import Connector, Erased, Kept, Residue, Scope
from governance.people import notify
from governance.people.models import Role
from governance.purposes.models import DataSystem
from governance.retention import byhand, notices, orders, rules, tombstones
from governance.retention.models import ErasureOrder, Proof, Step

logger = structlog.get_logger(__name__)
LONGEST = timedelta(
    hours=6
)  # no worker keeps an order longer in one go: one that hangs is overtaken in the end


class Overtaken(Exception):
    """Somebody else has claimed the order since, or it is not to be erased any more: nothing of ours counts."""


@dataclass(frozen=True)
class Claim:
    order_id: UUID
    fence: int


@transaction.atomic
def claim(order_id: UUID) -> Claim | None:
    """The order is ours until the lease ends; None when it is not due, another's, or not to be erased.

    Asks the holds and the law of the day again, under the lock under which holds are placed.
    """
    person_id = ErasureOrder.objects.values_list("person_id", flat=True).get(pk=order_id)
    locks.exclusively(locks.key("orders", person_id))
    order = ErasureOrder.objects.waiting().filter(pk=order_id).select_for_update().first()
    if order is None or notices.late(order):
        return None
    outcome = orders.outcome_now(order, clock.law_date(order.entity.timezone))
    if outcome.state != "waiting":
        orders.put(order, outcome)
        return None
    if order.state != "erasing":
        rules.check_move(order.state, "erasing")
    ErasureOrder.objects.filter(pk=order_id).update(
        state="erasing",
        fence=F("fence") + 1,
        attempts=F("attempts") + 1,
        lease_until=Now() + settings.ERASURE_LEASE,
    )
    order.refresh_from_db()
    log.record("order.begun", about=order, attempt=order.attempts)
    return Claim(order_id, order.fence)


@contextmanager
def ours(claim: Claim) -> Iterator[ErasureOrder]:
    """One transaction under this claim; the lease begins anew. Raises Overtaken."""
    with transaction.atomic():
        order = (
            ErasureOrder.objects.select_for_update()
            .filter(pk=claim.order_id, fence=claim.fence, state="erasing")
            .first()
        )
        if order is None:
            raise Overtaken
        ErasureOrder.objects.filter(pk=order.pk).update(lease_until=Now() + settings.ERASURE_LEASE)
        yield order


@contextmanager
def kept(*claims: Claim) -> Iterator[None]:
    """The lease lasts while this process lives and works, so that a long act is not taken for a dead worker's."""
    over = threading.Event()
    beat = threading.Thread(target=_renew, args=(claims, over), daemon=True)
    beat.start()
    try:
        yield
    finally:
        over.set()


def _renew(claims: Sequence[Claim], over: threading.Event) -> None:
    """On a connection of its own: the worker's waits for a system."""
    lease, until = settings.ERASURE_LEASE, time.monotonic() + LONGEST.total_seconds()
    while not over.wait(lease.total_seconds() / 3) and time.monotonic() < until:
        try:
            for claim in claims:
                in_force = ErasureOrder.objects.filter(pk=claim.order_id, fence=claim.fence, state="erasing")
                in_force.update(lease_until=Now() + lease)
        except DatabaseError as error:
            logger.warning("lease.not_renewed", error=type(error).__name__)
        finally:
            connection.close()


def plan(claim: Claim, system: DataSystem, chunks: list[str]) -> list[Step]:
    """A pending row for each chunk that has none; what is found again in another order stays in this one."""
    with ours(claim) as order:
        for chunk in chunks:
            Step.objects.get_or_create(order=order, system=system, chunk=chunk)
    rows = {step.chunk: step for step in Step.objects.filter(order_id=claim.order_id, system=system)}
    return [rows[chunk] for chunk in chunks]


def begin(claim: Claim, step: Step, found: int) -> None:
    """Erasing begins; what was found stands there before anything is erased, and is never overwritten.

    Raises Overtaken; when the order is held by now, it is put to held.
    """
    with ours(claim) as order:
        outcome = orders.outcome_now(order, clock.law_date(order.entity.timezone))
        held = outcome.state == "held"
        if held:
            orders.put(order, outcome)
        else:
            row = Step.objects.select_for_update().get(pk=step.pk)
            row.state, row.fault = "erasing", ""
            row.found_before = found if row.found_before is None else row.found_before
            row.began_at = row.began_at or clock.now()
            row.save(update_fields=["state", "fault", "found_before", "began_at"])
    if held:
        raise Overtaken
    step.refresh_from_db()


def erased(claim: Claim, step: Step, done: Erased, left: int) -> None:
    """The connector has said that it erased; `left` is what it then still counts. Believed only when read back."""
    with ours(claim):
        row = Step.objects.select_for_update().get(pk=step.pk)
        gone = max((row.found_before or 0) - left, 0)
        row.erased = gone if left else max(gone, row.erased + done.count)
        row.state, row.method, row.kept = "erased", done.method[:200] or row.method, plain(done.kept)
        row.erased_at = clock.now()
        row.save(update_fields=["state", "erased", "method", "kept", "erased_at"])


def proved(
    claim: Claim, system: DataSystem, connector: Connector, read: Residue, scope: Scope | None = None
) -> Proof:
    """The system read back empty: its steps are verified and its one Proof is written, together or not at all."""
    if read.count:
        raise ValueError("A proof says that nothing was found.")
    with ours(claim) as order:
        existing = Proof.objects.filter(order=order, system=system).first()
        if existing:
            return existing
        steps = list(Step.objects.select_for_update().filter(order=order, system=system).order_by("pk"))
        now = clock.now()
        proof = proof_of(order, system, steps, connector, read, now)
        proof.save(force_insert=True)
        if order.action == "erase":  # what was made anonymous comes due again when a backup brings it back
            tombstones.lay(order, system, scope.identifiers if scope else {})
        Step.objects.filter(order=order, system=system).update(
            state="verified", found_after=0, residue=[], fault="", verified_at=now
        )
        log.record(
            "system.proved",
            about=order,
            system=system.pk,
            proof=proof.pk,
            digest=proof.digest,
            erased=proof.erased,
        )
        return proof


def proof_of(
    order: ErasureOrder, system: DataSystem, steps: Sequence[Any], connector: Connector, read: Residue, now: datetime
) -> Proof:  # fmt: skip
    """The Proof as it is to be written, with its digest; nothing is saved. `steps`: Steps, or rows with what they say."""
    kept = [kept for step in steps for kept in step.kept] + plain(read.kept)
    content: dict[str, Any] = {
        "found_before": sum(step.found_before or 0 for step in steps),
        "erased": sum(step.erased for step in steps),
        "found_after": 0,
        "not_erased": [row for i, row in enumerate(kept) if row not in kept[:i]],
        "looked_at": list(read.looked_at),
        "connector": f"{connector.name} {connector.version}",
        "method": "; ".join(dict.fromkeys(step.method for step in steps if step.method))[:200],
        "erased_at": max((step.erased_at for step in steps if step.erased_at), default=now),
        "read_back_at": now,
    }
    named = {
        "order": order.pk,
        "number": order.number,
        "system": system.pk,
        "before": order.before,
        **content,
    }
    return Proof(order=order, system=system, digest=digest(named), **content)


def left(claim: Claim, system: DataSystem, read: Residue) -> None:
    """Something was found on reading back: the steps wait for the next attempt, and say what is left and where."""
    with ours(claim) as order:
        Step.objects.filter(order=order, system=system).update(
            state="pending", found_after=read.count, residue=list(read.where)[:50], fault=""
        )
        log.record("system.not_empty", about=order, system=system.pk, found=read.count)


def fault(claim: Claim, system: DataSystem, what: str) -> None:
    """The system could not be worked on: the steps not yet proved say why, by the class of the error."""
    with ours(claim) as order:
        if not Step.objects.filter(order=order, system=system).exists():
            Step.objects.create(order=order, system=system, chunk="")
        Step.objects.filter(order=order, system=system).exclude(state="verified").update(fault=what[:200])
        log.record("system.fault", about=order, system=system.pk, what=what[:200])


def want_two(claim: Claim, seen: list[dict[str, Any]]) -> str:
    """So much would go that two people have to agree first: nothing was erased, and the order waits for them."""
    with ours(claim) as order:
        rules.check_move(order.state, "waiting")
        ErasureOrder.objects.filter(pk=order.pk).update(
            state="waiting", lease_until=None, fence=F("fence") + 1, attempts=F("attempts") - 1,
            approval_wanted_at=Now(), looked=seen, looked_at=Now(),
        )  # fmt: skip
        log.record(
            "order.approval_wanted", about=order, found=sum(p["count"] for s in seen for p in s["parts"])
        )
    return "waiting"


def settle(
    claim: Claim,
    systems: list[DataSystem],
    not_searched: list[DataSystem],
    *,
    not_before: datetime | None = None,
    misses_the_vault: bool = False,
) -> str:
    """Done when every connected system has its proof; else partly, and tried again later. Raises Overtaken.

    `not_before`: a system was left alone because of its hours or its pace; that is no failed attempt.
    `misses_the_vault`: see systems.misses_the_vault.
    """
    with ours(claim) as order:
        proofs = Proof.objects.filter(order=order, system__in=systems).count()
        state = rules.settle(rules.WorkFacts(len(systems), proofs, order.attempts, misses_the_vault))
        if state == "needs_attention" and byhand.in_time(order, systems):
            state = "partly"  # only people are waited for, and their days are not over
        if state == "needs_attention" and not_before is not None and systems:
            state = "partly"  # it was not worked on, so nothing has failed
        rules.check_move(order.state, state)
        order.state, order.lease_until = state, None
        order.not_searched = [{"system": str(system.pk), "why": "not_connected"} for system in not_searched]
        fields = ["state", "lease_until", "not_searched"]
        if state == "done":
            order.done_at = clock.now()
            fields.append("done_at")
        order.save(update_fields=fields)
        if state == "partly":
            ErasureOrder.objects.filter(pk=order.pk).update(
                try_after=not_before or Now() + rules.pause_before(order.attempts),
                attempts=F("attempts") - (1 if not_before else 0),
            )
        first_time = state != "partly" or order.attempts == 1
        if first_time and order.person.forgotten_at is None:
            told = "anonymised" if state == "done" and order.action == "anonymise" else state
            notify.tell(order.person, f"order_{told}", order=order.pk)
        if state == "needs_attention" or (state == "partly" and order.attempts == 1 and not_before is None):
            _tell_the_office(order, state)
        log.record(
            f"order.{state}", about=order, proofs=proofs, systems=len(systems), attempt=order.attempts,
            not_searched=[system.pk for system in not_searched],
        )  # fmt: skip
        return state


def _tell_the_office(order: ErasureOrder, state: str) -> None:
    office = Role.objects.in_force().filter(name="dpo", entity=order.entity, unit=None)
    for role in office.select_related("person"):
        notify.tell(role.person, f"order_office_{state}", erasure=order.pk, number=order.number)


def plain(kept: tuple[Kept, ...]) -> list[dict[str, Any]]:
    """As it stands in a Step and a Proof."""
    return [
        {
            "what": str(row.what),
            "where": row.where,
            "why": str(row.why),
            "count": row.count,
            "until": row.until,
        }
        for row in kept
    ]
