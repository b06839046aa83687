"""When the last programme of a purpose has ended, what the register keeps from the end of the purpose on is ordered to go."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from django.db.models import Max

from governance.audit import log
from governance.capture.models import Programme
from governance.purposes.models import Purpose, RetentionRule
from governance.retention import endings


def order_due(today: date) -> int:
    """Orders exist for everything that ended programmes have made due on `today`, each raised once; how many are new.

    A purpose whose entry goes on, but for which no programme may run any more, is not worked for: its rules that count
    from its end count from the last programme's. Where there is no such rule nothing is ordered.
    """
    before, new = datetime.combine(today, time(), UTC), 0
    for purpose, ended in _wound_up():
        rules = RetentionRule.objects.living().filter(purpose=purpose, start_event="purpose_ended")
        for rule in rules.exclude(maximum="").select_related("purpose__entity"):
            if rule.applies_from is None or rule.applies_from <= today:
                found = endings.of_ended(rule, ended, before)
                new += endings.order_all(rule, found, "programme.ended", today)
    if new:
        log.record("programmes.wound_up", on=today, raised=new)
    return new


def _wound_up() -> list[tuple[Purpose, date]]:
    """Purposes whose programmes have all ended, with the day of the last one's end by the entity's clock."""
    going_on = Programme.objects.exclude(state="ended").values("purpose")
    over = Programme.objects.filter(state="ended").exclude(purpose__in=going_on)
    last = dict(over.values_list("purpose").annotate(at=Max("changed_at")).order_by())
    found = Purpose.objects.filter(pk__in=last).exclude(state="retired").select_related("entity")
    return [(row, last[row.pk].astimezone(ZoneInfo(row.entity.timezone)).date()) for row in found]
