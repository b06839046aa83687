from celery import shared_task

from governance.lib import clock
from governance.retention import erasure, sweep
from governance.retention.models import ErasureOrder


@shared_task(name="retention.carry_out")
def carry_out() -> None:
    for order_id in ErasureOrder.objects.waiting().pks():
        erasure.carry_out(order_id)


@shared_task(name="retention.sweep")
def run_sweep() -> None:
    sweep.run(clock.law_date())
