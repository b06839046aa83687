"""Connect systems, confirm the maps of what lies in them, and say which systems an order has to be carried out in."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import connectors, locks
from governance.lib.refusals import Refused
from governance.people.models import Entity, Person
from governance.purposes import systems as entries
from governance.purposes.models import DataSystem, Purpose
from governance.retention import contents, rules
from governance.retention.contents import Content
from governance.retention.models import Connection, DataMap, ErasureOrder


class NoMap(Exception):
    """A connected system whose map was not confirmed: nobody knows what to erase there, so nothing is called done."""


@dataclass(frozen=True)
class Part:
    """One connected system of an order."""

    system: DataSystem
    kind: str
    options: Mapping[str, Any]
    spec: Mapping[str, Any] | None  # None: it needs a confirmed map and has none
    contents: tuple[Content, ...] = ()  # what each entry of the map holds

    @property
    def last(self) -> bool:
        return connectors.load(self.kind).last

    def open(self) -> connectors.Connector:
        """Raises NoMap."""
        if self.spec is None:
            raise NoMap
        return connectors.load(self.kind)({**self.options, "system": str(self.system.pk)}, self.spec)

    @contextmanager
    def opened(self) -> Iterator[connectors.Connector]:
        """For one order's work: what can keep a connection for all its acts keeps it until the end of the block."""
        connector = self.open()
        at_work: Callable[[], AbstractContextManager[None]] = getattr(connector, "at_work", nullcontext)
        with at_work():
            yield connector


@transaction.atomic
def connect(system: DataSystem, kind: str, options: Mapping[str, Any], *, by: Person) -> Connection:
    """The system is reached this way from now on. Raises Refused when a secret stands in the options."""
    rules.check_connection(kind, options, frozenset(settings.SAMMATI_CONNECTORS))
    row, _made = Connection.objects.update_or_create(
        system=system, defaults={"kind": kind, "options": dict(options)}
    )
    log.record("system.connected", by=by, about=system, kind=kind)
    return row


@transaction.atomic
def confirm_map(
    system: DataSystem, purpose: Purpose | None, spec: Mapping[str, Any], *, by: Person
) -> DataMap:
    """This is where the data of the purpose lies there, on the word of the person named. Raises Refused."""
    connection = Connection.objects.filter(system=system).first()
    if connection is None:
        raise Refused(_("Connect the system first."), code="not_connected")
    connectors.load(connection.kind).check_map(contents.plain(spec))
    contents.check(spec, system, purpose)
    rules.check_reasons(spec)
    row, _made = DataMap.objects.update_or_create(
        system=system,
        purpose=purpose,
        defaults={"spec": dict(spec), "confirmed_by": by, "confirmed_at": Now()},
    )
    if purpose is not None:
        purpose.systems.add(system)
    log.record("system.map_confirmed", by=by, about=system, purpose=purpose.pk if purpose else None)
    return row


# What Sammati itself keeps for an entity, whatever the register says: code, name, what lies there, kind, categories.
OWN: dict[str, tuple[str, str, str, str, list[str]]] = {
    "vault": (
        "vault", "Sammati vault", "Sealed segments of what was admitted, one key per person, consent and month",
        "object_store", ["CL", "AP", "MM"],
    ),
    "portal": (
        "portal", "Sammati portal", "Decisions, orders and proofs by opaque id; names in tables that can forget",
        "application", ["ID"],
    ),
}  # fmt: skip


@transaction.atomic
def connect_own(entity: Entity, *, by: Person, purpose: Purpose | None = None) -> list[DataSystem]:
    """The vault and the portal stand in the register for this entity and are connected; returns what was not yet.

    `purpose`: of it something is recorded from now on, so the map of retention shows it there.
    """
    locks.exclusively(locks.key("own_systems", str(entity.pk)))
    made = []
    for kind in own_missing(entity):
        code, name, holds, sort, categories = OWN[kind]
        code = free_code(code, entity)
        system = entries.enter(
            entity, by=by, code=code, name=name, holds=holds, country=entity.country, kind=sort, categories=categories
        )  # fmt: skip
        connect(system, kind, {}, by=by)
        made.append(system)
    if purpose is not None:
        purpose.systems.add(
            *DataSystem.objects.filter(entity=entity, connection__kind__in=OWN, retired_at__isnull=True)
        )
    return made


def backup_days(connection: Connection) -> int | None:
    """After how many days a backup of the system is overwritten; 0: there are none. None: nobody has said."""
    if connection.backup_days is None and connection.kind in OWN:
        return settings.BACKUP_DAYS or None
    return connection.backup_days


def own_missing(entity: Entity) -> list[str]:
    """Which of the two are not connected for this entity, so that no order finds what lies there."""
    there = Connection.objects.filter(system__entity=entity, kind__in=OWN, system__retired_at__isnull=True)
    return [kind for kind in OWN if kind not in set(there.values_list("kind", flat=True))]


def free_code(code: str, entity: Entity) -> str:
    """The code itself, else with the entity's: codes are one list for the whole group."""
    if not DataSystem.objects.filter(code=code).exists():
        return code
    own = f"{code}-{re.sub(r'[^a-z0-9_-]', '', entity.code.lower())}"[:40]
    return own if not DataSystem.objects.filter(code=own).exists() else f"{code}-{entity.pk.hex[:12]}"


def of_purpose(purpose_id: UUID) -> QuerySet[DataSystem]:
    """The systems where data of this purpose may lie: those that the register names, and Sammati's own of its entity.

    The gate admits into the vault whatever the register says; an order that did not look there would be done too early.
    """
    own = Q(connection__kind__in=OWN, entity__in=Purpose.objects.filter(pk=purpose_id).values("entity"))
    return DataSystem.objects.filter(Q(purposes=purpose_id) | own).distinct().order_by("name")


def registered(purpose_id: UUID | None, person_id: UUID) -> list[DataSystem]:
    """The systems of the purpose, or, for everything about a person, of every employer of theirs."""
    everywhere = DataSystem.objects.filter(entity__employments__person=person_id)
    about = of_purpose(purpose_id) if purpose_id else everywhere
    # What was retired is looked into as long as it is connected; unconnected, there is nothing left to look into.
    gone = Q(retired_at__isnull=False, connection__isnull=True)
    return list(about.exclude(gone).distinct().order_by("name"))


def parts(purpose_id: UUID | None, systems: list[DataSystem]) -> list[Part]:
    """The connected ones among them, those that hold the identifiers last."""
    found = []
    for row in (
        Connection.objects.filter(system__in=systems).select_related("system").order_by("system__name")
    ):
        spec: Mapping[str, Any] | None = {}
        if connectors.load(row.kind).needs_map:
            spec = _spec(row.system, purpose_id)
        said = contents.of(spec) if spec else ()
        found.append(Part(row.system, row.kind, row.options, contents.plain(spec) if spec else spec, said))
    return sorted(found, key=lambda part: part.last)


def _spec(system: DataSystem, purpose_id: UUID | None) -> Mapping[str, Any] | None:
    """The map of this purpose, else the one for every purpose, else, for everything, the only one there is."""
    maps = {
        row.purpose_id: row.spec for row in DataMap.objects.filter(system=system, confirmed_at__isnull=False)
    }
    if purpose_id in maps:
        return maps[purpose_id]
    if None in maps:
        return maps[None]
    return next(iter(maps.values())) if purpose_id is None and len(maps) == 1 else None


def misses_the_vault(order: ErasureOrder, parts: Sequence[Part]) -> bool:
    """Something of it was recorded, and the vault where that lies is no system of this order: nobody may call it done."""
    return bool(order.streams) and not any(part.kind == "vault" for part in parts)


def of_order(order: ErasureOrder) -> tuple[list[Part], list[DataSystem]]:
    """(connected, registered but not connected) for this order."""
    systems = registered(order.purpose_id, order.person_id)
    connected = parts(order.purpose_id, systems)
    ids = {part.system.pk for part in connected}
    return connected, [system for system in systems if system.pk not in ids]
