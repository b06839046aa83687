"""A dry run: what an order would erase, and from where. Nothing is changed; what is kept of it names nobody."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db.models.functions import Now

from governance.audit import log
from governance.lib import quiet
from governance.lib.connectors import Connector, Scope
from governance.retention import contents, rules_steering, systems
from governance.retention.connectors.mentions import Mentions
from governance.retention.models import ErasureOrder
from governance.retention.systems import Part

logger = structlog.get_logger(__name__)
NAMED = 200  # rows or files of one part that are named one by one; the count is of all


def look(order_id: UUID) -> None:
    """The order says what would go, system by system, as it is now."""
    order = ErasureOrder.objects.select_related("person", "purpose", "entity").get(pk=order_id)
    parts, not_connected = systems.of_order(order)
    seen = see(parts, order.scope())
    seen += [{"system": str(system.pk), "state": "not_connected", "parts": []} for system in not_connected]
    ErasureOrder.objects.filter(pk=order.pk).update(looked=seen, looked_at=Now())
    log.record("order.looked_at", about=order, systems=len(seen), found=total(seen))


def see(parts: list[Part], scope: Scope) -> list[dict[str, Any]]:
    """[{"system", "state": seen | no_map | away, "parts": [{"part", "count", "named", "categories"}]}]."""
    return [_see(part, scope) for part in parts]


def total(seen: list[dict[str, Any]]) -> int:
    return sum(part["count"] for system in seen for part in system["parts"])


def wants_two(order: ErasureOrder, parts: list[Part], scope: Scope) -> list[dict[str, Any]] | None:
    """What would go, when it is so much that two people have to agree first; None when it may go on."""
    if order.because not in rules_steering.OF_THE_HOUSE or order.second_by_id is not None:
        return None
    seen = see(parts, scope)
    return seen if rules_steering.needs_two(order.because, total(seen), settings.ERASURE_ROWS_ALONE) else None


def _see(part: Part, scope: Scope) -> dict[str, Any]:
    row: dict[str, Any] = {"system": str(part.system.pk), "state": "seen", "parts": []}
    try:
        with part.opened() as connector:
            for chunk in connector.chunks(scope):
                count = connector.count(scope, chunk)
                which = named(connector, scope, chunk) if count else []
                held = contents.categories(part.contents, chunk, part.system)
                row["parts"].append({"part": chunk, "count": count, "named": which, "categories": held})
    except systems.NoMap:
        row |= {"state": "no_map", "parts": []}
    except Exception as error:
        logger.warning("look.system_away", system=str(part.system.pk), error=quiet.describe(error))
        row |= {"state": "away", "parts": []}
    return row


def named(connector: Connector, scope: Scope, chunk: str, most: int = NAMED) -> list[str]:
    """Which rows and files exactly, by their own keys. The order outlives the person: what would name them is masked."""
    ask = getattr(connector, "named", None)
    return [masked(text, scope.identifiers) for text in ask(scope, chunk, most)] if ask else []


def masked(text: str, identifiers: Mapping[str, str]) -> str:
    for kind, value in identifiers.items():
        text = text.replace(value, f"{{{kind}}}")
    return Mentions(identifiers).replace(text)[0]
