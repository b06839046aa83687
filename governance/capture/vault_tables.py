"""How the vault is laid out in PostgreSQL: its table by months, and the functions of its owner. SQL of the first migration."""

CREATE = """
CREATE SCHEMA vault AUTHORIZATION vault_owner;
SET LOCAL ROLE vault_owner;
CREATE TABLE vault.segment (
    id uuid NOT NULL,
    stream uuid NOT NULL,
    person uuid NOT NULL,
    purpose uuid NOT NULL,
    programme uuid NOT NULL,
    batch uuid NOT NULL,
    signal text NOT NULL,
    events integer NOT NULL,
    admitted_at timestamptz NOT NULL,
    expires_on date NOT NULL,
    sealed bytea NOT NULL,
    PRIMARY KEY (id, expires_on)
) PARTITION BY RANGE (expires_on);
ALTER TABLE vault.segment ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX segment_stream ON vault.segment (stream);
CREATE INDEX segment_person ON vault.segment (person, purpose);

CREATE FUNCTION vault.ensure_period(day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE first date := date_trunc('month', day); name text := 'segment_' || to_char(day, 'YYYY_MM');
BEGIN
    PERFORM pg_advisory_xact_lock(hashtext('vault.' || name));
    IF to_regclass('vault.' || name) IS NULL THEN
        EXECUTE format('CREATE TABLE vault.%I PARTITION OF vault.segment FOR VALUES FROM (%L) TO (%L)',
                       name, first, (first + interval '1 month')::date);
    END IF;
    RETURN name;
END $$;

CREATE FUNCTION vault.drop_period(day date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE name text := 'segment_' || to_char(day, 'YYYY_MM');
BEGIN
    IF (date_trunc('month', day) + interval '1 month')::date > current_date THEN
        RAISE EXCEPTION 'the period has not ended' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('vault.' || name) IS NOT NULL THEN
        EXECUTE format('ALTER TABLE vault.segment DETACH PARTITION vault.%I', name);
        EXECUTE format('DROP TABLE vault.%I', name);
    END IF;
    RETURN name;
END $$;
REVOKE ALL ON FUNCTION vault.ensure_period(date), vault.drop_period(date) FROM PUBLIC;
RESET ROLE;
"""
# A segment's ciphertext lies in its row, or outside under a key that the row remembers with length and SHA-256.
OUTSIDE = """
SET LOCAL ROLE vault_owner;
ALTER TABLE vault.segment
    ALTER COLUMN sealed DROP NOT NULL,
    ADD COLUMN blob_key text,
    ADD COLUMN blob_bytes bigint,
    ADD COLUMN blob_sha256 bytea,
    ADD CONSTRAINT segment_lies_in_one_place CHECK (
        num_nonnulls(sealed, blob_key) = 1 AND num_nonnulls(blob_key, blob_bytes, blob_sha256) IN (0, 3)
    );
RESET ROLE;
"""


# What is kept of a month that goes whole stands in a month that never comes: the same table for everybody who asks by
# stream or person. The drop refuses a row of a stream that it was not told of, looking from one stream to the next by
# the index, because the whole vault waits meanwhile.
PERIODS = """
SET LOCAL ROLE vault_owner;
CREATE TABLE vault.segment_kept PARTITION OF vault.segment FOR VALUES FROM ('9999-12-01') TO (MAXVALUE);

CREATE FUNCTION vault.keep_apart(day date, streams uuid[], most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE first date := date_trunc('month', day); moved bigint;
BEGIN
    UPDATE vault.segment SET expires_on = '9999-12-31' WHERE (id, expires_on) IN (
        SELECT id, expires_on FROM vault.segment
        WHERE expires_on >= first AND expires_on < (first + interval '1 month')::date AND stream = ANY (streams)
        LIMIT most);
    GET DIAGNOSTICS moved = ROW_COUNT;
    RETURN moved;
END $$;

DROP FUNCTION vault.drop_period(date);
CREATE FUNCTION vault.drop_period(day date, streams uuid[]) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '2s' AS $$
DECLARE
    name text := 'segment_' || to_char(day, 'YYYY_MM');
    due uuid[]; seen uuid; there uuid; i integer := 1; many integer := 0;
BEGIN
    IF (date_trunc('month', day) + interval '1 month')::date > current_date THEN
        RAISE EXCEPTION 'the period has not ended' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF to_regclass('vault.' || name) IS NULL THEN
        RETURN name;
    END IF;
    SELECT array_agg(s ORDER BY s), count(*) INTO due, many FROM unnest(streams) s;
    LOCK TABLE vault.segment IN ACCESS EXCLUSIVE MODE;
    LOOP
        EXECUTE format('SELECT stream FROM vault.%I WHERE stream > $1 ORDER BY stream LIMIT 1', name)
            INTO there USING coalesce(seen, '00000000-0000-0000-0000-000000000000');
        EXIT WHEN there IS NULL;
        WHILE i <= many AND due[i] < there LOOP
            i := i + 1;
        END LOOP;
        IF i > many OR due[i] <> there THEN
            RAISE EXCEPTION 'the period holds what is not due' USING ERRCODE = 'invalid_parameter_value';
        END IF;
        seen := there;
    END LOOP;
    EXECUTE format('ALTER TABLE vault.segment DETACH PARTITION vault.%I', name);
    EXECUTE format('DROP TABLE vault.%I', name);
    RETURN name;
END $$;
REVOKE ALL ON FUNCTION vault.keep_apart(date, uuid[], integer), vault.drop_period(date, uuid[]) FROM PUBLIC;
RESET ROLE;
"""
