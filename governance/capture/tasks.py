from celery import shared_task

from governance.capture import (
    bands,
    bindings,
    budget,
    keys,
    openings,
    overflow,
    programmes,
    reconciling,
    streams,
    turned_away,
    vault,
    weekly,
    winding_up,
)
from governance.lib import clock
from governance.lib.deadlines import add_months


@shared_task(name="capture.open_streams")
def open_streams() -> None:
    streams.open_waiting()


@shared_task(name="capture.count_bands")
def count_bands() -> None:
    turned_away.count()  # the last hour of the week belongs to its band
    bands.count()
    budget.count()
    weekly.count()


@shared_task(name="capture.count_turned_away")
def count_turned_away() -> None:
    turned_away.count()
    overflow.stop_due()


@shared_task(name="capture.make_kek")
def make_kek() -> None:
    """This month's and the next month's key-encryption keys; runs in the exporter, which holds the private halves."""
    month = clock.now().date().replace(day=1)
    keys.make_kek(keys.month_name(month))
    keys.make_kek(keys.month_name(add_months(month, 1)))


@shared_task(name="capture.drop_periods")
def drop_periods() -> None:
    vault.drop_empty_periods(clock.law_date())


@shared_task(name="capture.try_openings")
def try_openings() -> None:
    openings.try_waiting()


@shared_task(name="capture.wind_up")
def wind_up() -> None:
    winding_up.order_due(clock.law_date())


@shared_task(name="capture.reconcile_keys")
def reconcile_keys() -> None:
    """Every night, in the eraser, which alone sees both databases."""
    streams.reconcile_and_record()


@shared_task(name="capture.reconcile_objects")
def reconcile_objects() -> None:
    """Every night, in the eraser, whose key lists and deletes."""
    reconciling.reconcile_and_record()


@shared_task(name="capture.end_bindings")
def end_bindings() -> None:
    bindings.end_due()


@shared_task(name="capture.end_due")
def end_due() -> None:
    programmes.end_due()
