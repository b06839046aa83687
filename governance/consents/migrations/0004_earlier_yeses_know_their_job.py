"""What was given before belongs to the job that the person had at the purpose's entity on that day."""

from django.db import migrations

FIND = """
UPDATE consents_consentrecord r SET job_id = (
    SELECT e.id FROM people_employment e
    JOIN purposes_purpose u ON u.id = r.purpose_id
    JOIN people_entity t ON t.id = u.entity_id
    WHERE e.person_id = r.person_id AND e.entity_id = u.entity_id
      AND e.starts_on <= (r.given_at AT TIME ZONE t.timezone)::date
      AND (e.ends_on IS NULL OR e.ends_on >= (r.given_at AT TIME ZONE t.timezone)::date)
    ORDER BY e.starts_on DESC LIMIT 1)
WHERE r.given_at IS NOT NULL AND r.job_id IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("consents", "0003_a_yes_belongs_to_a_notice_and_a_job")]
    operations = [migrations.RunSQL(FIND, migrations.RunSQL.noop)]
