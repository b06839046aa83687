from django.db import migrations

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_what_happened_is_written_down")]
    operations = [
        migrations.RunSQL(forbid_changes(table))
        for table in ("audit_entry", "audit_leaf", "audit_checkpoint")
    ]
