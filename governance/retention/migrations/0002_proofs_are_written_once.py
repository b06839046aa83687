from django.db import migrations

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("retention", "0001_what_must_go"), ("audit", "0002_entries_are_written_once")]
    operations = [migrations.RunSQL(forbid_changes("retention_proof"))]
