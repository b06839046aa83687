"""Where and when worn cameras of a programme may record, and what the roster says of it: facts for rules_worn."""

from typing import Any
from uuid import UUID

from governance.capture import rules_worn
from governance.capture.models import Programme
from governance.capture.terms import Terms
from governance.lib import clock
from governance.people.models import Employment


def of(programme: Programme, terms: Terms) -> rules_worn.Places:
    """What rules_worn.check_places asks, as it is now."""
    return rules_worn.Places(
        terms.zones, terms.shifts, young_in(terms, programme.entity_id), cite(programme), films(programme)
    )


def young_in(terms: Terms, entity_id: UUID) -> frozenset[str]:
    """Codes of the zones where, by the roster, somebody under 18 works now."""
    jobs = Employment.objects.current().filter(
        entity=entity_id, person__is_under_18=True, person__is_active=True
    )
    found = list(jobs.values_list("site_id", "unit_id")) if terms.zones else []
    return frozenset(
        zone.code
        for zone in terms.zones
        if any(site == zone.site and (not zone.units or unit in zone.units) for site, unit in found)
    )


def cite(programme: Programme) -> str:
    """By which provisions nobody under 18 is recorded, of the laws that hold for its purpose."""
    today = clock.law_date(programme.entity.timezone)
    return rules_worn.citation(programme.purpose.jurisdictions, today)


def films(programme: Programme) -> bool:
    """Does its purpose record clips of worn cameras?"""
    return any(signal.entry.clip for signal in programme.purpose.signals.all())


def people(terms: Terms) -> dict[str, list[Any]]:
    """Whom it can be about, as the floor below is told: the rule over people, and for cameras the sites of their zones."""
    found = {rule: list(getattr(terms.population, rule)) for rule in ("sites", "units", "countries", "kinds")}
    return found | {"sites": found["sites"] or sorted({zone.site for zone in terms.zones})}
