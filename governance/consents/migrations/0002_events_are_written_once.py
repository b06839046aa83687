from django.db import migrations

from governance.lib.appendonly import forbid_changes


class Migration(migrations.Migration):
    dependencies = [("consents", "0001_a_persons_word"), ("audit", "0002_entries_are_written_once")]
    operations = [migrations.RunSQL(forbid_changes("consents_consentevent"))]
