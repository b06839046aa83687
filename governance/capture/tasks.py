from celery import shared_task

from governance.capture import (
    bands,
    bindings,
    budget,
    clips_gone,
    handouts,
    key_service,
    openings,
    overflow,
    programmes,
    reconciling,
    rotating,
    streams,
    turned_away,
    vault,
    weekly,
    winding_up,
)
from governance.lib import clock


@shared_task(name="capture.open_streams")
def open_streams() -> None:
    streams.open_waiting()


@shared_task(name="capture.count_bands")
def count_bands() -> None:
    turned_away.count(turned_away.SETTLED)  # the last minute of the week belongs to its band
    turned_away.forget()
    today = clock.law_date()  # in a demo of a day to come (--on) the week before that day is over
    bands.count(today)
    budget.count(today)
    weekly.count(today)


@shared_task(name="capture.count_turned_away")
def count_turned_away() -> None:
    """Every minute: a client that sends too much stops its programme soon, and whoever watches reads what is so."""
    turned_away.count(turned_away.SETTLED)
    overflow.stop_due()


@shared_task(name="capture.make_kek")
def make_kek() -> None:
    """This month's key-encryption key is there and wraps every living stream key; in the exporter, which alone opens them."""
    key_service.chosen().prepare(clock.now().date())
    rotating.rewrap()


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
    handouts.end_due()


@shared_task(name="capture.sweep_clips")
def sweep_clips() -> None:
    """In the eraser: clips whose permit ran out before they were whole."""
    clips_gone.sweep()


@shared_task(name="capture.forget_handouts")
def forget_handouts() -> None:
    """Every night, in the eraser: who carried a camera long ago."""
    handouts.forget()


@shared_task(name="capture.end_due")
def end_due() -> None:
    programmes.end_due()
