from celery import shared_task

from governance.lib import clock
from governance.retention import endings, erasure, looking, simulating, sweep
from governance.retention.models import ErasureOrder


@shared_task(name="retention.carry_out")
def carry_out() -> None:
    for order_id in ErasureOrder.objects.waiting().pks():
        erasure.carry_out(order_id)


@shared_task(name="retention.sweep")
def run_sweep() -> None:
    sweep.run(clock.law_date())
    endings.run(clock.law_date())


@shared_task(name="retention.look")
def look() -> None:
    for simulation_id in simulating.waiting():
        simulating.work_out(simulation_id)
    for order_id in ErasureOrder.objects.to_look_at().pks():
        looking.look(order_id)
