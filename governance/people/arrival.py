"""Who has come: the person of a request with everything that the frame of a page asks of them, in one query."""

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, FilteredRelation, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject, Now, TruncDate

from governance.people.models import Employment, Message, Person, Role

HERE = OuterRef("pk")
TODAY = TruncDate(Now())
WORKS_NOW = Q(employments__starts_on__lte=TODAY) & (
    Q(employments__ends_on__isnull=True) | Q(employments__ends_on__gte=TODAY)
)


def arrive(person_id: Any) -> Person | None:
    """The active person with `employment` (entity, site, unit), `held` and `unread` already read; None: nobody.

    Read anew for every request, so that a role that ended a second ago opens nothing. Every other Person asks for
    these when somebody wants to know them.
    """
    roles = Role.objects.in_force().filter(person=HERE)
    managed = Employment.objects.current().filter(manager=HERE).order_by().values("entity_id").distinct()
    unread = Message.objects.filter(person=HERE, read_at__isnull=True).order_by().values("person")
    person = (
        Person.objects.filter(pk=person_id, is_active=True)
        .annotate(
            job=FilteredRelation("employments", condition=WORKS_NOW),
            roles_now=ArraySubquery(roles.values(row=JSONObject(role="name", entity="entity_id", unit="unit_id"))),
            manages=ArraySubquery(managed),
            unread_now=Coalesce(Subquery(unread.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
        )
        .select_related("job__entity", "job__site", "job__unit")
        .order_by("job__pk")
        .first()
    )  # fmt: skip
    if person is None:
        return None
    rows = {(row["role"], UUID(row["entity"]), row["unit"]) for row in person.roles_now}
    person.held = frozenset(rows | {("manager", entity, None) for entity in person.manages})
    person.employment, person.unread = getattr(person, "job", None), person.unread_now
    return person
