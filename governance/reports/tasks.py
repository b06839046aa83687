from celery import shared_task

from governance.reports import press
from governance.reports.models import Report


@shared_task(name="reports.press")
def run() -> None:
    for report_id in Report.objects.waiting().pks():
        press.make(report_id)
