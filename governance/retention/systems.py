"""Connect systems, confirm the maps of what lies in them, and say which systems an order has to be carried out in."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from governance.audit import log
from governance.lib import connectors
from governance.lib.refusals import Refused
from governance.people.models import Person
from governance.purposes.models import DataSystem, Purpose
from governance.retention import rules
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
    connectors.load(connection.kind).check_map(spec)
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


def registered(purpose_id: UUID | None, person_id: UUID) -> list[DataSystem]:
    """The systems that the register names: of the purpose, or, for everything about a person, of every employer of theirs."""
    about = Q(purposes=purpose_id) if purpose_id else Q(entity__employments__person=person_id)
    # What was retired is looked into as long as it is connected; unconnected, there is nothing left to look into.
    gone = Q(retired_at__isnull=False, connection__isnull=True)
    return list(DataSystem.objects.filter(about).exclude(gone).distinct().order_by("name"))


def parts(purpose_id: UUID | None, systems: list[DataSystem]) -> list[Part]:
    """The connected ones among them, those that hold the identifiers last."""
    found = []
    for row in (
        Connection.objects.filter(system__in=systems).select_related("system").order_by("system__name")
    ):
        spec: Mapping[str, Any] | None = {}
        if connectors.load(row.kind).needs_map:
            spec = _spec(row.system, purpose_id)
        found.append(Part(row.system, row.kind, row.options, spec))
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


def of_order(order: ErasureOrder) -> tuple[list[Part], list[DataSystem]]:
    """(connected, registered but not connected) for this order."""
    systems = registered(order.purpose_id, order.person_id)
    connected = parts(order.purpose_id, systems)
    ids = {part.system.pk for part in connected}
    return connected, [system for system in systems if system.pk not in ids]
