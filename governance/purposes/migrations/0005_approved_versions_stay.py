"""What was approved is kept as it is, whoever asks: hand-written, because a pgtrigger is switched off by one SET."""

from django.db import migrations

STAY = """
CREATE FUNCTION approved_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.approved_at IS NULL THEN
        IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
        RETURN NEW;
    END IF;
    IF TG_OP = 'DELETE'
       OR (NEW.purpose_id, NEW.number, NEW.content, NEW.sha256, NEW.author_id, NEW.editors, NEW.submitted_by_id, NEW.approved_by_id, NEW.approved_at)
          IS DISTINCT FROM
          (OLD.purpose_id, OLD.number, OLD.content, OLD.sha256, OLD.author_id, OLD.editors, OLD.submitted_by_id, OLD.approved_by_id, OLD.approved_at)
       OR NEW.state IN ('draft', 'in_review')
       OR (OLD.state IN ('superseded', 'discarded') AND NEW.state <> OLD.state)
    THEN
        RAISE EXCEPTION 'an approved version stays: % on %', TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER purposes_purposeversion_stays BEFORE UPDATE OR DELETE ON purposes_purposeversion
    FOR EACH ROW EXECUTE FUNCTION approved_version_stays();
"""
UNDO = """
DROP TRIGGER purposes_purposeversion_stays ON purposes_purposeversion;
DROP FUNCTION approved_version_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("purposes", "0004_columns_that_versions_replace")]

    operations = [migrations.RunSQL(STAY, UNDO)]
