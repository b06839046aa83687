"""Who has come: the person of a request with everything that the frame of a page asks of them, in one query."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Count, FilteredRelation, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, JSONObject, Now, TruncDate
from django.db.models.query import get_related_populators
from django.utils import timezone

from governance.people.models import Employment, Message, Person, Role

HERE = OuterRef("pk")
TODAY = TruncDate(Now())
WORKS_NOW = Q(employments__starts_on__lte=TODAY) & (
    Q(employments__ends_on__isnull=True) | Q(employments__ends_on__gte=TODAY)
)
SOMEBODY = UUID(int=0)  # where the id of the person stands in the query that is written once


def arrive(person_id: Any) -> Person | None:
    """The active person with `employment` (entity, site, unit), `held` and `unread` already read; None: nobody.

    Read anew for every request, so that a role that ended a second ago opens nothing. Every other Person asks for
    these when somebody wants to know them.
    """
    try:
        pk = person_id if isinstance(person_id, UUID) else UUID(str(person_id))
    except ValueError:
        return None
    person = _written(timezone.get_current_timezone_name()).read(pk)
    if person is None:
        return None
    rows = {(row["role"], UUID(row["entity"]), row["unit"]) for row in person.roles_now}
    person.held = frozenset(rows | {("manager", entity, None) for entity in person.manages})
    person.employment, person.unread = getattr(person, "job", None), person.unread_now
    return person


def _asked(pk: UUID) -> Any:
    roles = Role.objects.in_force().filter(person=HERE)
    managed = Employment.objects.current().filter(manager=HERE).order_by().values("entity_id").distinct()
    unread = Message.objects.filter(person=HERE, read_at__isnull=True).order_by().values("person")
    return (
        Person.objects.filter(pk=pk, is_active=True)
        .annotate(
            job=FilteredRelation("employments", condition=WORKS_NOW),
            roles_now=ArraySubquery(roles.values(row=JSONObject(role="name", entity="entity_id", unit="unit_id"))),
            manages=ArraySubquery(managed),
            unread_now=Coalesce(Subquery(unread.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0),
        )
        .select_related("job__entity", "job__site", "job__unit")
        .order_by("job__pk")[:1]
    )  # fmt: skip


@dataclass(frozen=True)
class Written:
    """The query, put into SQL once: building it for every page took longer than all that PostgreSQL does for it."""

    sql: str
    params: tuple[Any, ...]
    compiler: Any
    converters: Any

    def read(self, pk: UUID) -> Person | None:
        with connection.cursor() as cursor:
            cursor.execute(self.sql, [pk if value == SOMEBODY else value for value in self.params])
            row = cursor.fetchone()
        if row is None:
            return None
        if self.converters:
            row = next(iter(self.compiler.apply_converters([row], self.converters)))
        told, select = self.compiler.klass_info, self.compiler.select
        first, last = told["select_fields"][0], told["select_fields"][-1] + 1
        names = [column[0].target.attname for column in select[first:last]]
        person = Person.from_db(DEFAULT_DB_ALIAS, names, row[first:last])
        for populator in get_related_populators(told, select, DEFAULT_DB_ALIAS):
            populator.populate(row, person)
        for name, place in self.compiler.annotation_col_map.items():
            setattr(person, name, row[place])
        return person


@lru_cache(maxsize=8)
def _written(_zone: str) -> Written:
    """What today is depends on the zone in force, which is a parameter of the query."""
    compiler = _asked(SOMEBODY).query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    columns = [column[0] for column in compiler.select[: compiler.col_count]]
    return Written(sql, tuple(params), compiler, compiler.get_converters(columns))
