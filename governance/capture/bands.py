"""The weekly bands: what managers, owners and representatives may know of participation and of no's, and no more (rule of ten)."""

from datetime import UTC, date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Q, Sum

from governance.capture import codes
from governance.capture.models import Band, Binding, Programme
from governance.consents import counting
from governance.lib import clock
from governance.lib.bands import band
from governance.people.models import Employment

WEEK = timedelta(days=7)


def monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


@transaction.atomic
def count(today: date | None = None) -> int:
    """Every programme has its bands of this week. What is there stays: a withdrawal overnight must not show."""
    week = monday(today or clock.now().date())
    made = 0
    for programme in Programme.objects.exclude(state="draft"):
        if Band.objects.filter(programme=programme, week=week).exists():
            continue
        taking_part = (
            counting.grants().filter(purpose=programme.purpose).order_by().values("person").distinct().count()
        )
        of = Employment.objects.current().filter(entity=programme.entity).values("person").distinct().count()
        _row, new = Band.objects.get_or_create(
            programme=programme, week=week,
            defaults={"text": band(taking_part, of), "not_permitted": _not_permitted(programme, week)},
        )  # fmt: skip
        made += new
    return made


def _not_permitted(programme: Programme, week: date) -> str:
    """How many events of the week that ended before `week` were refused because of a choice; "" under the rule of ten.

    Nobody stands behind these counts in any table, so the rule is asked of those who could: the people who were at the
    devices of this programme. Ten of them must take part and ten not. The steps are tenfold: what one person adds
    overnight is far less than a step.
    """
    first, end = (datetime.combine(day, time(), UTC) for day in (week - WEEK, week))
    there = Binding.objects.filter(
        Q(to_at__isnull=True) | Q(to_at__gte=first), device__client__programme=programme, from_at__lt=end
    )
    people = set(there.values_list("person", flat=True))
    taking_part = counting.grants().filter(purpose=programme.purpose, person__in=people)
    if not band(taking_part.order_by().values("person").distinct().count(), len(people)):
        return ""
    refused = programme.turned_away.filter(code=codes.NOT_PERMITTED, day__gte=week - WEEK, day__lt=week)
    return tenfold(refused.aggregate(n=Sum("count"))["n"] or 0)


def tenfold(events: int) -> str:
    """ "0–9", "10–99", "100–999" and so on."""
    digits = len(str(events))
    return f"{10 ** (digits - 1) if digits > 1 else 0}–{10**digits - 1}"


def of(programme: Programme) -> Band | None:
    return programme.bands.order_by("-week").first()
