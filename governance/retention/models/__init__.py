"""What must go: connections and their maps, holds, orders, the journal of carrying them out, and the proofs.

connections.py: how a system is reached, and the map of what lies there · holds.py: what is kept · orders.py: what goes ·
journal.py: how far it is, the proofs, the tombstones · byhand.py: what a person erases · simulations.py: a period tried ·
reads.py: who was shown a choice or a name.
"""

from governance.retention.models.byhand import ManualEvidence, ManualTask
from governance.retention.models.connections import Connection, DataMap
from governance.retention.models.holds import Hold, HoldQuerySet, Matter
from governance.retention.models.journal import Lot, Proof, Step, Tombstone
from governance.retention.models.orders import TURN, ErasureOrder, OrderQuerySet
from governance.retention.models.reads import ChoiceRead, NameOpening, ReadingProgram
from governance.retention.models.simulations import Simulation

__all__ = [
    "TURN", "ChoiceRead", "Connection", "DataMap", "ErasureOrder", "Hold", "HoldQuerySet", "Lot", "ManualEvidence", "ManualTask",
    "Matter", "NameOpening", "OrderQuerySet", "Proof", "ReadingProgram", "Simulation", "Step", "Tombstone",
]  # fmt: skip
