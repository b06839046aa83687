from celery import shared_task

from governance.reports import press, sealing
from governance.reports.models import Report


@shared_task(name="reports.press")
def run() -> None:
    for report_id in Report.objects.waiting().pks():
        press.make(report_id)


@shared_task(name="reports.seal")
def seal() -> None:
    """Runs in the signer process, which alone holds the keys."""
    for report_id in Report.objects.unsealed().pks():
        sealing.put_on(report_id)
