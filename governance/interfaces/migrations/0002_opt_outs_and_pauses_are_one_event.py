from django.db import migrations

# Whoever heard of opt-outs hears that something changed for a person, and not what they said.
FORWARD = """
UPDATE interfaces_webhook SET types = ARRAY(
    SELECT DISTINCT CASE WHEN t = 'opt_out.placed' THEN 'permission.changed' ELSE t END FROM unnest(types) AS t
) WHERE 'opt_out.placed' = ANY(types)
"""


class Migration(migrations.Migration):
    dependencies = [("interfaces", "0001_programs_come_in_by_key")]
    operations = [migrations.RunSQL(FORWARD, migrations.RunSQL.noop)]
