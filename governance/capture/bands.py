"""The weekly band of participation: what managers, owners and representatives may know, and no more (rule of ten)."""

from datetime import date, timedelta

from django.db import transaction

from governance.capture.models import Band, Programme
from governance.consents import counting
from governance.lib import clock
from governance.lib.bands import band
from governance.people.models import Employment


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@transaction.atomic
def count(today: date | None = None) -> int:
    """Every programme has its band of this week. One that is there stays: a withdrawal overnight must not show."""
    week = monday(today or clock.now().date())
    made = 0
    for programme in Programme.objects.exclude(state="draft"):
        taking_part = (
            counting.grants().filter(purpose=programme.purpose).order_by().values("person").distinct().count()
        )
        of = Employment.objects.current().filter(entity=programme.entity).values("person").distinct().count()
        _row, new = Band.objects.get_or_create(
            programme=programme, week=week, defaults={"text": band(taking_part, of)}
        )
        made += new
    return made


def of(programme: Programme) -> Band | None:
    return programme.bands.order_by("-week").first()
