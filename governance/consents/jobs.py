"""In which job somebody says yes: where they work for the purpose's entity, on its day."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from governance.consents import decide
from governance.people.models import Employment, Person
from governance.purposes.models import Purpose


def day_at(zone: str, moment: datetime | None = None) -> date:
    """Which day it is there; the same day on which decide.py looks for the job."""
    moment = moment or datetime.now(UTC)
    try:
        return moment.astimezone(ZoneInfo(zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return moment.date()


def current(person: Person, purpose: Purpose) -> Employment | None:
    """The job of this person at the purpose's entity today. None: the purpose does not concern them (any more)."""
    here = Employment.objects.on(day_at(purpose.entity.timezone)).filter(
        person=person, entity=purpose.entity_id
    )
    return here.order_by("-starts_on").first()


def about(purpose: Purpose, moment: datetime) -> decide.About:
    """What a page hands to decide.read of a purpose."""
    today = day_at(purpose.entity.timezone, moment)
    return decide.About(
        purpose.pk, purpose.entity_id, purpose.asks_from_notice, today, purpose.entity.timezone
    )


def same(one: Employment | None, other: Employment | None) -> bool:
    """A change of manager or desk is none of the job; a change of entity, employer, department or country is."""
    if one is None or other is None:
        return False
    return one.pk == other.pk or (one.entity_id, one.employer, one.unit_id, one.country) == (
        other.entity_id, other.employer, other.unit_id, other.country
    )  # fmt: skip
