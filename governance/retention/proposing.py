"""Read a database's schema and propose a map of it; a person reads the proposal, changes it and confirms it.

The web's login reaches no system: it writes the question down, and the eraser answers with its reading login. What
columns hold is judged by their names and by looking whether values are numbers or addresses of people known here; the
proposal itself holds names of tables and columns, never a value.
"""

from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import connectors, quiet
from governance.lib.nudge import nudge
from governance.people.models import Person
from governance.purposes.models import DataSystem, Purpose
from governance.retention.connectors.schema import Table
from governance.retention.models import Connection, DataMap

logger = structlog.get_logger(__name__)
SAMPLE = 200  # different values of a column that are compared with the people known here
TO_SAY = "?"  # a person has to say why this stays; a map with it is not confirmed


@transaction.atomic
def ask(system: DataSystem, purpose: Purpose | None, *, by: Person) -> DataMap:
    """The schema is read within half a minute, and a proposal stands with the map. What was confirmed stays in force."""
    row, _made = DataMap.objects.get_or_create(system=system, purpose=purpose)
    DataMap.objects.filter(pk=row.pk).update(proposal_asked_at=Now(), proposed_at=None)
    log.record("system.map_proposal_asked", by=by, about=system)
    nudge("retention.look")
    row.refresh_from_db()
    return row


def waiting() -> list[DataMap]:
    """Asked and not answered yet."""
    unanswered = Q(proposed_at__isnull=True) | Q(proposed_at__lt=F("proposal_asked_at"))
    return list(DataMap.objects.filter(unanswered, proposal_asked_at__isnull=False).select_related("system"))


def work_out(row: DataMap) -> None:
    """The proposal is there, or why there is none; in the eraser."""
    connection = Connection.objects.filter(system=row.system).first()
    found: dict[str, Any]
    try:
        if connection is None or not hasattr(connectors.load(connection.kind), "tables"):
            found = {"fault": "no_schema"}
        else:
            kind: Any = connectors.load(connection.kind)
            found = {"spec": propose(kind(connection.options, {}).tables(SAMPLE), _known())}
    except Exception as error:
        logger.warning("proposal.system_away", system=str(row.system_id), error=quiet.describe(error))
        found = {"fault": "away"}
    DataMap.objects.filter(pk=row.pk).update(proposal=found, proposed_at=Now())


def _known() -> dict[str, frozenset[str]]:
    rows = list(Person.objects.filter(forgotten_at__isnull=True).values_list("number", "email", "name"))
    kinds = ("number", "email", "name")
    return {kind: frozenset(str(row[i]).casefold() for row in rows if row[i]) for i, kind in enumerate(kinds)}


def propose(tables: Mapping[str, Table], known: Mapping[str, frozenset[str]]) -> dict[str, Any]:
    """A map: rows with the person's number, address or name go, and what points to them; text loses the person; of all
    else somebody has to say why it stays."""
    direct = {name: found for name, table in tables.items() if (found := _who(table, known))}
    entries: dict[str, dict[str, Any]] = {}
    for name, (column, kind) in direct.items():
        entries[name] = {"table": name, "find": {"column": column, "is": kind}, "action": "erase"}
    grown = True
    while grown:  # what points to a row that goes, goes before it
        grown = False
        for name, table in tables.items():
            for column, target, key in table.points:
                if name not in entries and target in entries and name != target:
                    through = {"column": column, "table": target, "key": key}
                    entries[name] = {"table": name, "find": {"through": through}, "action": "erase"}
                    grown = True
    keep: dict[str, str] = {}
    for name, table in tables.items():
        if name in entries:
            continue
        if table.texts:
            entries[name] = {"table": name, "find": {"text": list(table.texts)}, "action": "replace"}
            said = {*table.texts, *table.keys, *([table.time] if table.time else [])}
            keep |= {f"{name}.{column}": TO_SAY for column in table.columns if column not in said}
        else:
            keep[name] = TO_SAY
    for name, entry in entries.items():
        time = tables[name].time
        if time and "through" not in entry["find"]:
            entry["time"] = time
    return {"tables": list(entries.values()), "keep": keep}


def _who(table: Table, known: Mapping[str, frozenset[str]]) -> tuple[str, str] | None:
    """(column, kind) by which a row of this table is a person's, the surest first."""
    best: tuple[float, str, str] | None = None
    for column, sample in table.samples.items():
        for weight, kind in ((3.0, "number"), (2.0, "email"), (1.0, "name")):
            hits = sum(value.casefold() in known[kind] for value in sample)
            share = hits / len(sample) if sample else 0.0
            if share >= 0.5 and (best is None or share * weight > best[0]):
                best = share * weight, column, kind
    return (best[1], best[2]) if best else None


def kinds() -> list[str]:
    """Connectors that somebody may connect a system with; the vault and the portal connect themselves."""
    return sorted(set(settings.SAMMATI_CONNECTORS) - {"vault", "portal"})
