"""Do the maps still fit the systems? A column that no map classifies is where personal data hides; and a category that is on
no list says nothing of it."""

from dataclasses import dataclass

from governance.lib import connectors
from governance.lib.connectors import SystemAway
from governance.purposes.models import DataSystem
from governance.retention import contents
from governance.retention.models import Connection, DataMap


@dataclass(frozen=True)
class Checked:
    """One connected system whose map can be compared with what is there."""

    system: DataSystem
    unclassified: tuple[str, ...] = ()
    away: bool = False
    mapped: bool = True

    @property
    def is_sound(self) -> bool:
        return self.mapped and not self.away and not self.unclassified


def check() -> list[Checked]:
    """Every connected system that can tell its columns, by its reading login, against all its confirmed maps together."""
    found = []
    for connection in Connection.objects.select_related("system").order_by("system__code"):
        kind = connectors.load(connection.kind)
        if hasattr(kind, "unclassified"):
            found.append(_check(connection))
    return found


def unknown() -> dict[DataSystem, list[str]]:
    """Every connected system, of whatever kind, of which a confirmed map names categories that are on no list."""
    found: dict[DataSystem, set[str]] = {}
    rows = DataMap.objects.filter(confirmed_at__isnull=False, system__connection__isnull=False)
    for row in rows.select_related("system").order_by("system__code"):
        if named := contents.unknown_in(contents.of(row.spec)):
            found.setdefault(row.system, set()).update(named)
    return {system: sorted(named) for system, named in found.items()}


def _check(connection: Connection) -> Checked:
    system, kind = connection.system, connectors.load(connection.kind)
    specs = [
        contents.plain(row.spec) for row in DataMap.objects.filter(system=system, confirmed_at__isnull=False)
    ]
    if not specs:
        return Checked(system, mapped=False)
    try:
        # What one map leaves to another is classified: each purpose may have a map of its own.
        left = [kind(connection.options, spec).unclassified() for spec in specs]  # type: ignore[attr-defined]
    except SystemAway:
        return Checked(system, away=True)
    return Checked(system, tuple(sorted(frozenset.intersection(*left))))
