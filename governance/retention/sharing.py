"""How waiting orders are handed out, so that more workers, on one machine or many, are faster.

The rows stay the truth. A share is only a suggestion: whoever claims an order has it (journal.claim), a share that is
lost or comes twice changes nothing, and what nobody took is handed out again by the timetable.
"""

from collections.abc import Sequence
from uuid import UUID

SHARE = 100  # orders; worked on as a set (together.py), and small enough that a slow one does not hold up many others
FEW = 25  # up to so many go to one worker; more are shared by two at least
STALE = (
    120  # seconds after which a share that no worker has taken is dropped: it was handed out anew meanwhile
)


def shares(order_ids: Sequence[UUID]) -> list[list[str]]:
    """Orders in their turn, dealt out like cards: the most urgent of all come first in every share."""
    number = max(-(-len(order_ids) // SHARE), min(2, -(-len(order_ids) // FEW)))
    return [[str(pk) for pk in order_ids[i::number]] for i in range(number)]
