from django.db import migrations

# As before (vault_tables.PERIODS), but what is in the period is asked in one statement, which PostgreSQL plans once, in
# place of one for each stream: the whole vault waits meanwhile.
LOOK_ONCE = """
SET LOCAL ROLE vault_owner;
CREATE OR REPLACE FUNCTION vault.drop_period(day date, streams uuid[]) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    name text := 'segment_' || to_char(day, 'YYYY_MM');
    others boolean;
BEGIN
    IF (date_trunc('month', day) + interval '1 month')::date > current_date THEN
        RAISE EXCEPTION 'the period has not ended' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('vault.' || name) IS NULL THEN
        RETURN name;
    END IF;
    LOCK TABLE vault.segment IN ACCESS EXCLUSIVE MODE;
    EXECUTE format(
        'WITH RECURSIVE there (stream) AS (
            (SELECT stream FROM vault.%1$I ORDER BY stream LIMIT 1)
            UNION ALL
            SELECT (SELECT s.stream FROM vault.%1$I s WHERE s.stream > t.stream ORDER BY s.stream LIMIT 1)
            FROM there t WHERE t.stream IS NOT NULL)
         SELECT EXISTS (SELECT 1 FROM there WHERE stream IS NOT NULL AND stream <> ALL ($1))', name)
        INTO others USING streams;
    IF others THEN
        RAISE EXCEPTION 'the period holds what is not due' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    EXECUTE format('ALTER TABLE vault.segment DETACH PARTITION vault.%I', name);
    EXECUTE format('DROP TABLE vault.%I', name);
    RETURN name;
END $$;
RESET ROLE;
"""


class Migration(migrations.Migration):
    dependencies = [("capture", "0002_whom_a_programme_is_about")]

    operations = [migrations.RunSQL(LOOK_ONCE, migrations.RunSQL.noop)]
