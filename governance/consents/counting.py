"""Which grants count, and which have to end because the register or the staff list says so: for lists and timetables.

The gate asks decide.py for a few people; here the same words of SQL are asked about everybody.
"""

from uuid import UUID

from django.db import connection, models
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from governance.consents import rules
from governance.consents.decide import BESIDE, SAME_JOB
from governance.consents.models import ConsentRecord

AROUND = f"""
JOIN purposes_purpose u ON u.id = r.purpose_id
JOIN people_entity t ON t.id = u.entity_id {BESIDE}
"""
SUPERSEDED = "coalesce(n.version < u.asks_from_notice, FALSE)"
SAME = SAME_JOB.format(entity="u.entity_id", today="(statement_timestamp() AT TIME ZONE t.timezone)::date")
# A no for a population, to all of it or to this signal. On the entity's own day: what it ends does not come back.
BARRED = """EXISTS (
    SELECT 1 FROM consents_optout o JOIN people_employment e ON e.person_id = r.person_id
    WHERE o.person_id IS NULL AND o.lifted_at IS NULL AND o.application = '' AND o.host = '' AND cardinality(o.weekdays) = 0 AND o.from_time IS NULL
      AND (o.purpose_id IS NULL OR o.purpose_id = r.purpose_id) AND o.signal IN ('', r.signal)
      AND e.starts_on <= (statement_timestamp() AT TIME ZONE t.timezone)::date
      AND (e.ends_on IS NULL OR e.ends_on >= (statement_timestamp() AT TIME ZONE t.timezone)::date)
      AND (o.entity_id IS NULL OR o.entity_id = e.entity_id) AND (o.site_id IS NULL OR o.site_id = e.site_id)
      AND (o.unit_id IS NULL OR o.unit_id = e.unit_id) AND (o.country = '' OR o.country = e.country))"""
COUNT = f"""
SELECT r.id FROM consents_consentrecord r {AROUND}
WHERE r.ended_at IS NULL AND r.status IN ('given', 'renewed') AND NOT {SUPERSEDED} AND {SAME}
"""  # noqa: S608  our own words

# A signal that the register still names but that the rules hold for now (no Signal row) is refused by the gate, and its
# consent waits; one that the version in force does not name any more is over.
FACTS = f"""
WITH named AS (
    SELECT v.purpose_id, item->>'code' AS code
    FROM purposes_purposeversion v CROSS JOIN LATERAL jsonb_array_elements(v.content->'items') item
    WHERE v.state = 'in_force' AND (item->>'captured')::boolean
      AND v.purpose_id IN (SELECT purpose_id FROM consents_consentrecord WHERE ended_at IS NULL AND status IN ('given', 'renewed')))
SELECT r.id, r.expires_at <= statement_timestamp(), {SUPERSEDED}, {SAME}, u.state = 'retired',
       EXISTS (SELECT 1 FROM purposes_signal d WHERE d.purpose_id = u.id AND d.code = r.signal)
       OR EXISTS (SELECT 1 FROM named WHERE named.purpose_id = u.id AND named.code = r.signal),
       {BARRED}
FROM consents_consentrecord r {AROUND}
WHERE r.ended_at IS NULL AND r.status IN ('given', 'renewed')
"""  # noqa: S608  our own words
OVER = f"""
SELECT * FROM ({FACTS}) AS facts (id, expired, superseded, same_job, retired, declared, barred)
WHERE expired OR superseded OR NOT same_job OR retired OR NOT declared OR barred
"""  # noqa: S608  our own words


def grants() -> "models.QuerySet[ConsentRecord]":
    """Everything that is on and counts: not lapsed, on the notice that holds, in the job in which it was given."""
    return ConsentRecord.objects.filter(expires_at__gt=Now(), pk__in=RawSQL(COUNT, []))  # noqa: S611  our own words


def over() -> dict[UUID, str]:
    """Record id → why it has to end (a code of rules.BECAUSE)."""
    with connection.cursor() as cursor:
        cursor.execute(OVER)
        return {pk: rules.why_over(rules.Counts(*facts)) for pk, *facts in cursor.fetchall()}


def why_over(record: ConsentRecord) -> str:
    """The same about one record, as it is now; "" while it counts, or when it has ended."""
    with connection.cursor() as cursor:
        cursor.execute(FACTS + " AND r.id = %s", [record.pk])
        row = cursor.fetchone()
    return rules.why_over(rules.Counts(*row[1:])) if row else ""
