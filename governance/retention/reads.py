"""An order because somebody withdrew or opted out shows their choice: whoever looks at it is written down."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from governance.audit import log
from governance.people.models import Person
from governance.retention.models import ErasureOrder

CODE = "choice.read"
CHOICES = ("consent.", "opt_out.")  # what an order that shows a choice is because of


def note(orders: Iterable[ErasureOrder], *, how: str, by: Person) -> None:
    """One entry per entity: how many choices of others were read, and where (`how`: order, orders, certificate)."""
    read: dict[Any, list[ErasureOrder]] = defaultdict(list)
    for order in orders:
        if order.because.startswith(CHOICES) and order.person_id != by.pk:
            read[order.entity_id].append(order)
    for entity, shown in read.items():
        about = shown[0] if len(shown) == 1 else None
        log.record(CODE, by=by, about=about, entity=entity, how=how, choices=len(shown))
