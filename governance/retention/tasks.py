from uuid import UUID

from celery import current_app, shared_task

from governance.lib import clock
from governance.retention import (
    endings,
    erasure,
    looking,
    notices,
    periods,
    proposing,
    sharing,
    simulating,
    sweep,
    together,
)
from governance.retention.models import ErasureOrder


@shared_task(name="retention.carry_out")
def carry_out() -> None:
    """What waits is handed out in shares, so that every worker of the queue takes part; the first is done here."""
    first, *others = sharing.shares(ErasureOrder.objects.waiting().pks()) or [[]]
    for share in others:
        current_app.send_task("retention.carry_out_share", [share], expires=sharing.STALE, retry=False)
    carry_out_share(first)


@shared_task(name="retention.carry_out_share")
def carry_out_share(order_ids: list[str]) -> None:
    together.carry_out([UUID(order_id) for order_id in order_ids])


@shared_task(name="retention.help_out")
def help_out(order_id: str, fence: int) -> None:
    """Take part in an order that is long, as long as the claim that asked for help is in force."""
    erasure.help_out(UUID(order_id), fence)


@shared_task(name="retention.sweep")
def run_sweep() -> None:
    sweep.run(clock.law_date())
    endings.run(clock.law_date())
    periods.drop_due(clock.law_date())


@shared_task(name="retention.follow_notices")
def follow_notices() -> None:
    notices.follow()


@shared_task(name="retention.look")
def look() -> None:
    for simulation_id in simulating.waiting():
        simulating.work_out(simulation_id)
    for row in proposing.waiting():
        proposing.work_out(row)
    for order_id in ErasureOrder.objects.to_look_at().pks():
        looking.look(order_id)
