from django.db import migrations

# What is told from now on at every start and stop, for the programmes that were started before.
TELL = """
UPDATE consents_runningprogramme r SET
    ended = p.state = 'ended',
    sites = CASE WHEN jsonb_array_length(coalesce(p.population->'sites', '[]')) > 0
        THEN ARRAY(SELECT s::bigint FROM jsonb_array_elements_text(p.population->'sites') s)
        ELSE ARRAY(SELECT DISTINCT (z->>'site')::bigint FROM jsonb_array_elements(coalesce(p.terms->'zones', '[]')) z) END,
    units = ARRAY(SELECT u::bigint FROM jsonb_array_elements_text(coalesce(p.population->'units', '[]')) u),
    countries = ARRAY(SELECT jsonb_array_elements_text(coalesce(p.population->'countries', '[]'))),
    kinds = ARRAY(SELECT jsonb_array_elements_text(coalesce(p.population->'kinds', '[]')))
FROM capture_programme p WHERE p.id = r.id
"""


class Migration(migrations.Migration):
    dependencies = [("capture", "0001_first_release"), ("consents", "0002_whom_a_programme_is_about")]

    operations = [migrations.RunSQL(TELL, migrations.RunSQL.noop)]
