"""Orders in every state, made through the verbs of the floors beneath, with systems that answer as they are told."""

from dataclasses import dataclass
from datetime import date

from governance.audit import keys, sealer
from governance.consents import ledger
from governance.consents.models import Stream
from governance.lib import clock
from governance.lib.connectors import Erased, Kept, Residue
from governance.people.models import Person
from governance.purposes.models import DataSystem
from governance.reports import press, reports, sealing
from governance.reports.models import Report
from governance.retention import journal
from governance.retention.models import ErasureOrder
from tests import make
from tests.cast import Cast
from tests.servers import folder


@dataclass
class Answering:
    """Stands for a connector where only its name is read."""

    name: str = "sql"
    version: str = "1"


def system(cast: Cast, code: str, name: str, holds: str = "Sessions and features") -> DataSystem:
    made = DataSystem.objects.create(entity=cast.software, code=code, name=name, holds=holds, country="IN")
    cast.purpose.systems.add(made)
    return made


def withdrawn(cast: Cast, person: Person | None = None, *, events: int = 3) -> ErasureOrder:
    """The person consented, something came in, and they withdrew."""
    person = person or cast.asha
    make.consent(person, cast.purpose, "ui_event")
    if events:
        assert make.post(cast, *(make.event(person.number) for _ in range(events)))["admitted"] == events
    ledger.withdraw_purpose(cast.purpose, by=person)
    return ErasureOrder.objects.filter(person=person).latest("created_at")


def carry_out(
    order: ErasureOrder, systems: list[DataSystem], *, found: int = 4, kept: tuple[Kept, ...] = (),
    left: DataSystem | None = None, not_searched: list[DataSystem] | None = None,
) -> ErasureOrder:  # fmt: skip
    """Every system erased and read back empty, but for the one named `left`."""
    claim = journal.claim(order.pk)
    assert claim is not None
    for one in systems:
        for step in journal.plan(claim, one, ["all"]):
            journal.begin(claim, step, found)
            journal.erased(claim, step, Erased(found, method="rows deleted"), 0)
        if one == left:
            journal.left(claim, one, Residue(2, ("notes.body",)))
        else:
            read = Residue(0, looked_at=("every text column, by number and name",), kept=kept)
            journal.proved(claim, one, Answering(), read)  # type: ignore[arg-type]
    journal.settle(claim, systems, not_searched or [])
    Stream.objects.filter(pk__in=order.streams).update(state="destroyed", destroyed_at=clock.now())
    order.refresh_from_db()
    return order


def seal() -> None:
    """The signer's work: everything recorded so far has its place in the log."""
    home = folder() / "reports-checkpoints"
    sealer.seal(clock.now(), sign=keys.signer(home, home), home=home)


def made(
    kind: str, cast: Cast, scope: dict[str, str] | None = None, *, by: Person | None = None, language: str = "en",
    law_on: date | None = None,
) -> Report:  # fmt: skip
    """The report, asked for by legal and made here."""
    report = reports.ask(kind, cast.software, scope, by=by or cast.lata, language=language, law_on=law_on)
    finish(report)
    return report


def finish(report: Report) -> None:
    """Press and signer do their work at it."""
    press.make(report.pk)
    sealing.put_on(report.pk)
    report.refresh_from_db()
