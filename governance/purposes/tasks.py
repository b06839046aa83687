from celery import shared_task

from governance.lib import clock
from governance.people.models import Entity
from governance.purposes import verdicts


@shared_task(name="purposes.judge")
def judge() -> None:
    """Every hour, because a day begins at another hour for each entity; a second look at the same day changes nothing."""
    for entity in Entity.objects.all():
        verdicts.judge_all(entity, clock.law_date(entity.timezone))
