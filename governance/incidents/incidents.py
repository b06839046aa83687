"""Open and close incidents."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Now

from governance.audit import log
from governance.capture import programmes
from governance.capture.models import Programme
from governance.incidents import relaunching, rules
from governance.incidents.models import Incident
from governance.lib import clock, numbers
from governance.people import notify
from governance.people.models import Entity, Person, Role
from governance.retention.rules import jurisdictions_of


@transaction.atomic
def open_incident(
    entity: Entity,
    what: str,
    *,
    aware_at: datetime,
    by: Person | None,
    programme: Programme | None = None,
    pause: bool = False,
) -> Incident:
    """The incident stands, its clocks run from `aware_at`, legal was told; with `pause` the programme has stopped. Raises Refused.

    `by` None: the portal found it by itself, and the DPO is told too.
    """
    rules.check_open(
        rules.OpenFacts(
            by_may_open=by is None or by.holds("incidents.open", entity.pk), what=what, aware_at=aware_at, now=clock.now(),
            programme_is_theirs=programme is None or programme.entity_id == entity.pk,
        )
    )  # fmt: skip
    number = numbers.take("I", clock.law_date(entity.timezone).year)
    if pause and programme is not None:  # before anything else is written: the programme's lock comes first
        programmes.pause(programme, by=by, because=number, incident=True)
    incident = Incident.objects.create(
        number=number, entity=entity, programme=programme, what=what.strip(), aware_at=aware_at, opened_by=by
    )
    incident.refresh_from_db()
    if pause and programme is not None:
        relaunching.begin(incident)
    told = ("legal",) if by is not None else ("legal", "dpo")
    for role in (
        Role.objects.in_force().filter(name__in=told, entity=entity, unit=None).select_related("person")
    ):
        notify.tell(role.person, "incident_opened", incident=incident.pk, number=number)
    log.record(
        "incident.opened",
        by=by,
        about=incident,
        aware_at=aware_at,
        programme=programme.pk if programme else None,
        paused=pause,
    )
    return incident


@transaction.atomic
def close(incident_id: UUID, *, by: Person) -> Incident:
    """Everything that the incident asked for is done. Raises Refused."""
    incident = Incident.objects.select_for_update().get(pk=incident_id)
    rules.check_close(by.holds("incidents.open", incident.entity_id), incident.state)
    Incident.objects.filter(pk=incident.pk).update(state="closed", closed_at=Now())
    incident.refresh_from_db()
    log.record("incident.closed", by=by, about=incident)
    return incident


def laws_of(incident: Incident) -> frozenset[str]:
    """Whose law runs clocks: of the entity's country, and of those whom the programme's purpose concerns."""
    laws = jurisdictions_of([incident.entity.country])
    return laws | frozenset(incident.programme.purpose.jurisdictions) if incident.programme else laws


def clocks_of(incident: Incident) -> list[rules.Clock]:
    return rules.clocks(laws_of(incident), incident.aware_at, clock.law_date(incident.entity.timezone))
