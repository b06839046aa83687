from celery import shared_task

from governance.reports import keeping, parcels, press, schedules, sealing
from governance.reports.models import Report, Schedule


@shared_task(name="reports.press")
def run() -> None:
    """In the press process: everything, short documents first."""
    press.make_all(Report.objects.waiting())
    press.clear_away()


@shared_task(name="reports.press_first")
def run_first() -> None:
    """In the worker for everything else, so that a register of an hour holds up nobody's receipt."""
    press.make_all(Report.objects.waiting().short())


@shared_task(name="reports.seal")
def seal() -> None:
    """Runs in the signer process, which alone holds the keys."""
    for report_id in Report.objects.unsealed().pks():
        sealing.put_on(report_id)


@shared_task(name="reports.schedule")
def ask_due() -> None:
    for schedule_id in Schedule.objects.in_force().pks():
        schedules.ask_due(schedule_id)


@shared_task(name="reports.expire")
def expire() -> None:
    for report_id in keeping.due():
        keeping.expire(report_id)
    parcels.forget_old()


@shared_task(name="reports.sign_parcels")
def sign_parcels() -> None:
    """Runs in the signer process, which alone holds the key of manifests."""
    parcels.sign_waiting()
