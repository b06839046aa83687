"""Orders that are due together are worked on as a set, system by system; one alone is a set of one.

One question a table for all of them, one DELETE, one search of the text columns for everybody's identifiers; still each
order has its own claim, its own journal and its own Proof of each system. The set is only the short way for what goes
well: a hold, a system's hours or pace, a fault, something left, much to erase, whatever is about one order alone, leaves
the set, and that order goes on by itself under the same claim (erasure.go_on), where the journal stands.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings

from governance.lib import clock, locks, quiet
from governance.lib.connectors import SystemAway
from governance.purposes.models import DataSystem
from governance.retention import erasure, journal, journal_sets, rules_steering, steering, systems
from governance.retention.journal_sets import Member, Told
from governance.retention.models import Connection, ErasureOrder, Hold, Proof
from governance.retention.systems import Part

logger = structlog.get_logger(__name__)
SLOW = 10.0  # seconds for each order: what takes longer goes on alone, where it is shared out to others (lots.py)


@dataclass
class Team:
    """Orders of one purpose and entity, no two of one person, and so all with the same systems and maps."""

    members: list[Member]
    parts: list[Part]
    not_connected: list[DataSystem]
    # Systems that answered nobody: under this claim no order of the set tries them again.
    away: dict[UUID, datetime | None] = field(default_factory=dict)


def carry_out(order_ids: Sequence[UUID]) -> None:
    """Do what can be done of these orders now; what of each became is what carrying it out alone would have made of it."""
    rest = dict.fromkeys(order_ids)
    for group in _groups(list(rest)):
        for order_id in _work(group):
            rest.pop(order_id, None)
    # What another worker has in hand by now costs nothing more than this.
    for order_id in ErasureOrder.objects.waiting().filter(pk__in=list(rest)).pks():
        erasure.carry_out(order_id)


def _groups(order_ids: list[UUID]) -> Iterator[list[UUID]]:
    """Orders that may be a set, in their turn; what is about everything of a person goes alone."""
    rows = ErasureOrder.objects.waiting().filter(
        pk__in=order_ids, purpose__isnull=False, action="erase", person__number__isnull=False
    )
    groups: dict[tuple[UUID, UUID], dict[Any, UUID]] = {}
    taken: dict[tuple[UUID, UUID], set[str]] = {}
    for pk, purpose, entity, person, *known in rows.values_list(
        "pk", "purpose_id", "entity_id", "person_id", "person__number", "person__name", "person__email"
    ):
        # Two who are known by one name are not told apart by it: the second goes alone.
        names = {value.strip().casefold() for value in known if value}
        seen = taken.setdefault((purpose, entity), set())
        group = groups.setdefault((purpose, entity), {})
        if person not in group and not names & seen:
            group[person] = pk
            seen |= names
    for group in groups.values():
        yield list(group.values())


def _work(order_ids: list[UUID]) -> list[UUID]:
    """The orders that were claimed: each is settled, unless somebody has overtaken us."""
    members = journal_sets.claim(order_ids)
    if not members:
        return []
    began = monotonic()
    with journal.kept(*(member.claim for member in members)):
        team = Team(members, *systems.of_order(members[0].order))
        together = _few_enough(team)
        for part in team.parts:
            if monotonic() - began < SLOW * len(members):
                _part(team, part, together)
        whole = [member for member in together if not systems.misses_the_vault(member.order, team.parts)]
        done = journal_sets.settle(whole, [part.system for part in team.parts], team.not_connected)
        for member in members:
            if member.order.pk not in done:
                erasure.go_on(member.claim, left_alone=team.away)
    return [member.order.pk for member in members]


def _few_enough(team: Team) -> list[Member]:
    """Without those of which two people may have to agree first: what nobody concerned has asked for, and is much."""
    asked = [
        m
        for m in team.members
        if m.order.because in rules_steering.OF_THE_HOUSE and m.order.second_by_id is None
    ]
    found = dict.fromkeys((member.order.pk for member in asked), 0)
    try:
        for part in team.parts if asked else ():
            with part.opened() as connector:
                for works in _rounds(asked, {m.order.pk: connector.chunks(m.scope) for m in asked}):
                    counts = _counted(connector, [(member.scope, chunk) for member, chunk in works])
                    for (member, _chunk), count in zip(works, counts, strict=True):
                        found[member.order.pk] += count
    except Exception as error:  # one by one it will be seen which, and said
        logger.warning("erasure.set_not_counted", error=quiet.describe(error))
        return [member for member in team.members if member.order.pk not in found]
    most = settings.ERASURE_ROWS_ALONE
    return [
        m for m in team.members if not rules_steering.needs_two(m.order.because, found.get(m.order.pk, 0), most)
    ]  # fmt: skip


def _part(team: Team, part: Part, together: list[Member]) -> None:
    """This system's part of every order of the set that has nothing of its own about it."""
    paced = Connection.objects.filter(system=part.system, per_hour__isnull=False).exists()
    if part.spec is None or paced or steering.waits(part.system, team.members[0].order.entity.timezone):
        return
    proved = Proof.objects.filter(system=part.system, order__in=[member.order for member in together])
    over = set(proved.values_list("order_id", flat=True))
    members = [member for member in together if member.order.pk not in over]
    if not members:
        return
    chunks: dict[UUID, list[str]] = {}
    try:
        with part.opened() as connector:
            if hasattr(connector, "residues"):
                chunks |= {member.order.pk: connector.chunks(member.scope) for member in members}
                _erase(part, connector, members, chunks)
    except SystemAway as error:
        logger.warning("erasure.set_away", orders=len(members), system=str(part.system.pk), exc_info=error)
        journal_sets.fault(members, part.system, chunks, quiet.describe(error))
        team.away[part.system.pk] = None
    except Exception as error:  # whose it is, they find out one by one
        logger.warning("erasure.set_fault", orders=len(members), system=str(part.system.pk), exc_info=error)


def _erase(part: Part, connector: Any, members: list[Member], chunks: dict[UUID, list[str]]) -> None:
    """Plan, erase, read back; those that were found empty have their proof.

    All of a system's chunks are begun together and erased in the connector's order: two transactions for each system.
    Killed in between, they stand there as being erased, with what was found, and are erased again.
    """
    alone = set(getattr(connector, "alone", ())) & {chunk for own in chunks.values() for chunk in own}
    # A hold is placed only between two parts, never in the middle of one.
    with erasure.at(part, connector, min(alone, default="")), locks.sharing(locks.acting()):
        if Hold.objects.in_force().filter(system=part.system).exists():
            members = [member for member in members if not erasure.is_held(member.order, part)]
        works = [work for some in _rounds(members, chunks) for work in some]
        counts = _counted(connector, [(member.scope, chunk) for member, chunk in works])
        found = [(*work, count) for work, count in zip(works, counts, strict=True)]
        much = {member for member, _chunk, count in found if count > erasure.MANY}
        begun = journal_sets.begin([row for row in found if row[0] not in much], part.system)
        asked = [(member.scope, chunk) for member, chunk, _step in begun]
        done = connector.erase_all(asked) if begun else []
        left = _counted(connector, asked) if begun else []
        now = clock.now()
        told = [
            Told(member, step, *said, now)
            for (member, _chunk, step), *said in zip(begun, done, left, strict=True)
        ]
    members = [member for member in members if member not in much]
    if not members:
        return
    try:
        with erasure.at(part, connector):
            read = connector.residues([member.scope for member in members])
    except Exception:
        journal_sets.erased(told)
        raise
    stays = {member for member, found in zip(members, read, strict=True) if found.count}
    journal_sets.erased([one for one in told if one.member in stays])
    empty = [(m, found) for m, found in zip(members, read, strict=True) if m not in stays]
    journal_sets.proved(empty, [one for one in told if one.member not in stays], part.system, connector)


def _counted(connector: Any, works: list[tuple[Any, str]]) -> list[int]:
    if hasattr(connector, "count_all"):
        counts: list[int] = connector.count_all(works)
        return counts
    return [connector.count(scope, chunk) for scope, chunk in works]


def _rounds(members: Sequence[Member], chunks: dict[UUID, list[str]]) -> Iterator[list[tuple[Member, str]]]:
    """The first chunk of each, then the second of each: within a system they go in the connector's order."""
    for i in range(max((len(own) for own in chunks.values()), default=0)):
        yield [(m, chunks[m.order.pk][i]) for m in members if i < len(chunks[m.order.pk])]
