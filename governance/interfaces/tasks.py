from celery import shared_task

from governance.interfaces import deliveries, once


@shared_task(name="interfaces.deliver")
def deliver() -> None:
    deliveries.deliver()


@shared_task(name="interfaces.forget")
def forget() -> None:
    """What clients were answered a day ago, and what was delivered a month ago."""
    once.forget_old()
    deliveries.forget_old()
