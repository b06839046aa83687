"""Do the maps still fit the systems? A column that no map classifies is where personal data hides."""

from dataclasses import dataclass

from governance.lib import connectors
from governance.lib.connectors import SystemAway
from governance.purposes.models import DataSystem
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


def _check(connection: Connection) -> Checked:
    system, kind = connection.system, connectors.load(connection.kind)
    specs = [row.spec for row in DataMap.objects.filter(system=system, confirmed_at__isnull=False)]
    if not specs:
        return Checked(system, mapped=False)
    try:
        # What one map leaves to another is classified: each purpose may have a map of its own.
        left = [kind(connection.options, spec).unclassified() for spec in specs]  # type: ignore[attr-defined]
    except SystemAway:
        return Checked(system, away=True)
    return Checked(system, tuple(sorted(frozenset.intersection(*left))))
